/** Options the `ad` commands share, and the rules that go with them. May use: command/, azure/, state/. */
import type { Context, Option, Row } from "../../command/command.ts";
import { failure } from "../../faults.ts";
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

/** Certificates are not served yet: named here so that asking for one is refused in clear words, never taken for a secret. */
export const certificate = {
  createCert: { kind: "flag", flags: ["--create-cert"], summary: "Not served yet.", isHidden: true },
  cert: { kind: "text", flags: ["--cert"], summary: "Not served yet.", isHidden: true },
  keyvault: { kind: "text", flags: ["--keyvault"], summary: "Not served yet.", isHidden: true },
} as const satisfies Readonly<Record<string, Option>>;

export function refuseCertificate(args: {
  createCert: boolean;
  cert?: string | undefined;
  keyvault?: string | undefined;
}) {
  if (args.createCert || args.cert !== undefined || args.keyvault !== undefined) {
    throw failure(
      "Certificates are not served yet: leave out --create-cert, --cert and --keyvault to get a client secret.",
    );
  }
}

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
