/**
 * Every setting of the server, once: the command line, the environment, the file and docs/configuration.md are all made from this table.
 *
 * A setting's name is its key in the file; `--kebab-case` and `POSTERN_UPPER_CASE` follow from it. No setting holds a secret: what is secret is read
 * from a file that the setting names. May use: nothing that does anything.
 */
import { edgeLimits } from "../edge/limits.ts";
import { logFormats, logLevels } from "../observe/log.ts";
import { maxReuseSeconds } from "../tokens/token-reuse.ts";

type Described = {
  /** For the generated page and the usage text: one sentence, without an end. */
  readonly summary: string;
  /** As shown; what it is in fact stands where the setting is used. */
  readonly shownDefault?: string;
};

export type Setting = Described &
  (
    | { readonly kind: "text" }
    /** A file's or folder's path: in the file, relative to the file's own folder. `-` is no path. */
    | { readonly kind: "path" }
    | { readonly kind: "switch" }
    | { readonly kind: "choice"; readonly choices: readonly string[] }
    | { readonly kind: "integer"; readonly min: number; readonly max: number }
  );

/** Largest TCP port. */
const maxPort = 65_535;
const dayInSeconds = 86_400;

const integer = (min: number, max: number, summary: string, shownDefault: string) =>
  ({ kind: "integer", min, max, summary, shownDefault }) as const;

export const settings = {
  state: { kind: "path", summary: "The state folder; needed" },
  port: integer(0, maxPort, "Port that everything is served on; 0 for any free one", "10443"),
  listen: {
    kind: "text",
    summary: "Address to listen on; loopback is always served besides",
    shownDefault: "127.0.0.1",
  },
  developmentAccount: {
    kind: "switch",
    summary: "Serve `devstoreaccount1`, whose key everybody knows, on this machine by plain HTTP, in Azurite's place",
  },
  developmentPort: integer(0, maxPort, "With `developmentAccount`: its port; 0 for any free one", "10000"),
  offline: { kind: "switch", summary: "Refuse, through the proxy, every host that is not Azure's" },
  tunnelForOthers: {
    kind: "switch",
    summary: "With another `listen` than loopback: tunnel hosts that are not Azure's for other machines, too",
  },
  tokenReuseSeconds: integer(
    0,
    maxReuseSeconds,
    "How long an app that asks again is given the token it was given; 0 for a new one each time",
    "300",
  ),
  keyFile: {
    kind: "path",
    summary:
      "Holds the key (32 random bytes as base64, mode 0600) that the secrets in the state folder are sealed with",
  },
  previousKeyFile: {
    kind: "path",
    summary:
      "Holds the key they were sealed with before: they are sealed anew with `keyFile`'s, or left open without one",
  },
  database: { kind: "text", summary: "`postgres://` URL, without a password, that directory and access are kept in" },
  databaseKeyFile: {
    kind: "path",
    summary: "With `database`: holds the key that opens the secrets all its servers share",
  },
  databasePasswordFile: { kind: "path", summary: "With `database`: holds the password" },
  blobFolder: {
    kind: "path",
    summary: "With `database`: a folder that all its servers reach, for blobs; every server then serves them",
    shownDefault: "none: one server keeps blobs in its state folder",
  },
  logFormat: {
    kind: "choice",
    choices: logFormats,
    summary: "How the log on standard error is written",
    shownDefault: "text on a terminal, else json",
  },
  logLevel: { kind: "choice", choices: logLevels, summary: "The least level that is logged", shownDefault: "info" },
  accessLog: {
    kind: "path",
    summary: "File for one line of JSON a request; `-` for standard output",
    shownDefault: "none",
  },
  accessLogMaxMib: integer(1, 10_240, "The access log is put aside when it is as large as this", "64"),
  accessLogKept: integer(0, 100, "Access logs put aside that are kept", "5"),
  adminListen: {
    kind: "text",
    summary: "`HOST:PORT` of the plain-HTTP listener for `/metrics`, `/healthz` and `/readyz`",
    shownDefault: "none",
  },
  adminTokenFile: {
    kind: "path",
    summary:
      "Holds the token (mode 0600) that readers of `/metrics` must show; needed when `adminListen` is not loopback",
  },
  tokenRate: integer(
    0,
    1_000_000,
    "Token requests a second that one client id may make from one address; 0 for no limit",
    "0 on loopback, else 500",
  ),
  tokenBurst: integer(1, 1_000_000, "Token requests it may make at once after a pause", "ten seconds' worth"),
  planeRate: integer(
    0,
    1_000_000,
    "Requests a second that one principal may make on all planes; 0 for no limit",
    "0 on loopback, else 1000",
  ),
  planeBurst: integer(1, 1_000_000, "Requests it may make at once after a pause", "ten seconds' worth"),
  maxRequests: integer(1, 1_000_000, "Requests under way at once; past it, 503", "4096"),
  maxBodyMib: integer(1, 65_536, "MiB of request bodies under way that may be held in memory; past it, 503", "256"),
  maxLoopDelayMs: integer(50, 60_000, "How late the event loop may be; past it, 503", "3000"),
  maxHeapPercent: integer(10, 99, "Share of Node's heap limit that may be in use; past it, 503", "92"),
  maxConnections: integer(1, 1_000_000, "Connections at once", String(edgeLimits.maxConnections)),
  headersTimeoutSeconds: integer(1, 600, "How long a request's head may take to come", "30"),
  keepAliveSeconds: integer(1, 3_600, "How long an idle connection is kept", "120"),
  drainDelaySeconds: integer(
    0,
    600,
    "At the end: how long `/readyz` answers 503 while everything is still served, for load balancers to see it",
    "0",
  ),
  drainSeconds: integer(0, dayInSeconds, "At the end: how long requests under way may still take", "8"),
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingName = keyof typeof settings;

type ValueOf<Of extends Setting> = Of extends { kind: "integer" }
  ? number
  : Of extends { kind: "switch" }
    ? boolean
    : Of extends { kind: "choice"; choices: readonly (infer Choice)[] }
      ? Choice
      : string;

/** What was said, by whichever way; what was not said is absent. */
export type Configuration = { readonly [Name in SettingName]?: ValueOf<(typeof settings)[Name]> };

/** `tokenReuseSeconds` -> `--token-reuse-seconds`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `tokenReuseSeconds` -> `POSTERN_TOKEN_REUSE_SECONDS`. */
export function variableOf(name: string): string {
  return `POSTERN_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
