/** Options the `ad` commands share, and the rules that go with them. May use: command/, azure/, state/. */
import type { Context, Option, Row } from "../../command/command.ts";
import type { Json } from "../../http/service-client.ts";

export const applicationId = {
  kind: "text",
  flags: ["--id"],
  summary: "Identifier URI, application ID (appId), or object ID.",
  required: true,
} as const satisfies Option;

export const servicePrincipalId = {
  kind: "text",
  flags: ["--id"],
  summary: "Service principal name (an appId is one), or object ID.",
  required: true,
} as const satisfies Option;

export const displayName = {
  kind: "text",
  flags: ["--display-name"],
  summary: "The object's display name or its prefix.",
} as const satisfies Option;

export const filter = {
  kind: "text",
  flags: ["--filter"],
  valueName: "ODATA",
  summary: `OData filter, e.g. --filter "displayname eq 'test'".`,
} as const satisfies Option;

export const all = {
  kind: "flag",
  flags: ["--all"],
  summary: "List all, however many there are.",
} as const satisfies Option;

/** Options of every command that makes a secret. */
export const credential = {
  years: { kind: "integer", flags: ["--years"], summary: "Number of years for which the secret is valid. Default: 1." },
  endDate: {
    kind: "text",
    flags: ["--end-date"],
    summary:
      "Finer grain of expiry time if '--years' is insufficient, e.g. '2027-12-31T11:59:59+00:00' or '2027-12-31'.",
  },
} as const satisfies Readonly<Record<string, Option>>;

/** By which a certificate takes the place of a secret. */
export const certificate = {
  createCert: {
    kind: "flag",
    flags: ["--create-cert"],
    summary: "Make a self-signed certificate, in a file that only you may read.",
  },
  cert: {
    kind: "text",
    flags: ["--cert"],
    valueName: "PEM",
    summary: "A certificate of yours, as PEM or DER text; @path for a file's. Without its key.",
  },
  keyvault: { kind: "text", flags: ["--keyvault"], summary: "Not served.", isHidden: true },
} as const satisfies Readonly<Record<string, Option>>;

/** Options that name a group. */
export const groupOption = {
  kind: "text",
  flags: ["--group", "-g"],
  summary: "Group's object ID or display name (a prefix will do if only one group has it).",
  required: true,
} as const satisfies Option;

const CREDENTIAL_WARNING =
  "The output includes credentials that you must protect. Be sure that you do not include these credentials in your code or " +
  "check the credentials into your source control. For more information, see https://aka.ms/azadsp-cli";

export function warnOfCredential({ notes }: Context): void {
  notes.warn(CREDENTIAL_WARNING);
}

/** az shows this many without a filter. */
const MAX_UNFILTERED = 100;

/** az's lists without a filter or `--all` end early, and say so. */
export function limitList(found: readonly Json[], isLimited: boolean, { notes }: Context): readonly Json[] {
  if (!isLimited || found.length <= MAX_UNFILTERED) return found;
  notes.warn(
    "The result is not complete. You can still use '--all' to get all of them with long latency expected, or provide a " +
      "filter through command arguments",
  );
  return found.slice(0, MAX_UNFILTERED);
}

/** az's columns for applications and service principals. */
export function toRows(objects: readonly Json[]): Row[] {
  const sorted = [...objects].sort((a, b) => (String(a.displayName) < String(b.displayName) ? -1 : 1));
  return sorted.map(({ displayName: name, id, appId, createdDateTime }) => ({
    displayName: name,
    id,
    appId,
    createdDateTime,
  }));
}
