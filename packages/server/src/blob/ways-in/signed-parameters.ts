/**
 * The parameters of a shared access signature, told apart from those of the operation: the one reader of them.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/create-service-sas
 * @see https://learn.microsoft.com/rest/api/storageservices/create-account-sas
 * @see https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas
 */
import { StorageError } from "../errors.ts";
import type { Query } from "../target.ts";

const names = [
  "sv",
  "ss",
  "srt",
  "sr",
  "sp",
  "st",
  "se",
  "sip",
  "spr",
  "si",
  "sig",
  "ses",
  "sdd",
  "skoid",
  "sktid",
  "skt",
  "ske",
  "sks",
  "skv",
  "saoid",
  "suoid",
  "scid",
  "skdutid",
  "sduoid",
  "srh",
  "srq",
  "rscc",
  "rscd",
  "rsce",
  "rscl",
  "rsct",
] as const;

export type SignedName = (typeof names)[number];
const signedNames: ReadonlySet<string> = new Set(names);

/** What a signature says, as it stands in the URL; what is absent is "". */
export type SignedParameters = {
  readonly get: (name: SignedName) => string;
  readonly has: (name: SignedName) => boolean;
};

/**
 * Parts a query into a signature's parameters and the operation's.
 * @returns `signed` null for a request that carries no signature; its query is left as it is.
 */
export function partQuery(query: Query): { readonly signed: SignedParameters | null; readonly rest: Query } {
  if (!query.has("sig")) return { signed: null, rest: query };
  const values = new Map<string, string>();
  const rest = new Map<string, string>();
  for (const [name, value] of query) (signedNames.has(name) ? values : rest).set(name, value);
  return { signed: { get: (name) => values.get(name) ?? "", has: (name) => values.has(name) }, rest };
}

/** A refusal of what a signature says; the code is the same for all of them, so that only its bearer learns which it was. */
export function refuseSignature(detail: string): StorageError {
  return new StorageError("AuthenticationFailed", { details: { AuthenticationErrorDetail: detail } });
}

/** Says what the signature should have been of: nothing that is not in the request. */
export function refuseText(text: string): never {
  throw refuseSignature(`The signature is not that of the text ${JSON.stringify(text)}.`);
}

/** The forms of ISO 8601 that signatures may use. Source as above. */
const momentPattern = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,7})?)?Z)?$/;

/**
 * Reads a time; milliseconds since 1970.
 * @throws StorageError `AuthenticationFailed` for what is no such time.
 */
export function readMoment(name: string, text: string): number {
  if (!momentPattern.test(text)) throw refuseSignature(`${name} is not a time in a form that is accepted.`);
  const full = text.length === 10 ? `${text}T00:00:00Z` : text.length === 17 ? text.replace("Z", ":00Z") : text;
  const time = Date.parse(full);
  // A day that the calendar lacks is moved on by the parser, or not read.
  if (Number.isNaN(time) || !new Date(time).toISOString().startsWith(text.slice(0, 10))) {
    throw refuseSignature(`${name} is not a time in a form that is accepted.`);
  }
  return time;
}

/** The text of a moment as signatures have it: to the second, in UTC. */
export function writeMoment(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}
