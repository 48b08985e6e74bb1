/**
 * Shared Key and Shared Key Lite: a request signed with one of the account's keys.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
 */
import type { StorageAccount } from "../../state/entities.ts";
import { StorageError } from "../errors.ts";
import type { RequestHeaders } from "../request-headers.ts";
import type { Query, Target } from "../target.ts";
import { isSignatureOf } from "./signatures.ts";
import { refuseSignature } from "./signed-parameters.ts";

/** How far a request's date may be off, in milliseconds. Source as above. */
export const clockSkewMs = 15 * 60 * 1000;

const authorizationPattern = /^SharedKey(Lite)? ([a-z0-9]{3,24}):([A-Za-z0-9+/]{43}=)$/;

/** The request as far as it is signed. */
export type SignedRequest = {
  readonly account: StorageAccount;
  readonly method: string;
  readonly target: Target;
  readonly headers: RequestHeaders;
  /** Raw, as the client sent it: with the account's segment when path-style. */
  readonly path: string;
  readonly query: Query;
  readonly now: Date;
};

/**
 * Checks the `Authorization` header of a request signed with an account key.
 * @throws StorageError `InvalidAuthenticationInfo`, `KeyBasedAuthenticationNotPermitted`, `AuthenticationFailed`.
 */
export function verifySharedKey(request: SignedRequest): void {
  const { account, headers } = request;
  const parts = authorizationPattern.exec(headers.get("authorization") ?? "");
  if (parts === null) throw new StorageError("InvalidAuthenticationInfo");
  if (!account.allowSharedKeyAccess) throw new StorageError("KeyBasedAuthenticationNotPermitted");
  const [, lite, name, signature] = parts;
  if (name !== account.name) throw refuseSignature("The account of the signature is not the one of the address.");
  checkDate(headers, request.now);
  const asSent = pathsOf(request).map((path) => ({ ...request, path }));
  const texts = asSent.flatMap((sent) => headerOrders.map((order) => textToSign(sent, lite !== undefined, order)));
  const isSigned = texts.some((text) => account.keys.some(({ value }) => isSignatureOf(signature!, value, text)));
  // The text holds nothing that is not in the request; without it nobody could find out where a client of their own went wrong.
  if (!isSigned) throw refuseSignature(`The signature is not that of the text ${JSON.stringify(texts[0])}.`);
}

/** Path-style, the account itself is `/ACCOUNT` as well as `/ACCOUNT/`, and clients sign what they write. */
function pathsOf({ path, target }: SignedRequest): string[] {
  const isAccountInPath = target.level === "account" && path.length > 1 && path.endsWith("/");
  return isAccountInPath ? [path, path.slice(0, -1)] : [path];
}

function checkDate(headers: RequestHeaders, now: Date): void {
  const given = headers.get("x-ms-date") ?? headers.get("date");
  const time = given === undefined ? Number.NaN : Date.parse(given);
  if (Number.isNaN(time)) throw refuseSignature("The request has no date, or none that can be read.");
  if (Math.abs(time - now.getTime()) > clockSkewMs) {
    throw refuseSignature(`The date of the request, ${given}, is more than 15 minutes from ${now.toUTCString()}.`);
  }
}

type HeaderOrder = (one: string, other: string) => number;

const byCodePoint: HeaderOrder = (one, other) => (one < other ? -1 : one > other ? 1 : 0);
const collator = new Intl.Collator("en-US");
/** As .NET sorts for a person: hyphens weigh nothing but between names that are else the same. */
const byCulture: HeaderOrder = (one, other) =>
  collator.compare(one.replaceAll("-", ""), other.replaceAll("-", "")) || byCodePoint(one, other);

/** Clients differ in how they order headers, the service's own documents do; which headers are signed is the same either way. */
const headerOrders: readonly HeaderOrder[] = [byCodePoint, byCulture];

function textToSign(request: SignedRequest, isLite: boolean, order: HeaderOrder): string {
  const { headers, method } = request;
  const of = (name: string): string => headers.get(name) ?? "";
  const date = headers.has("x-ms-date") ? "" : of("date");
  const length = of("content-length");
  const lines = isLite
    ? [method, of("content-md5"), of("content-type"), date]
    : [
        method,
        of("content-encoding"),
        of("content-language"),
        length === "0" ? "" : length,
        of("content-md5"),
        of("content-type"),
        date,
        of("if-modified-since"),
        of("if-match"),
        of("if-none-match"),
        of("if-unmodified-since"),
        of("range"),
      ];
  return `${lines.join("\n")}\n${canonicalHeaders(headers, order)}${isLite ? liteResource(request) : resource(request)}`;
}

function canonicalHeaders(headers: RequestHeaders, order: HeaderOrder): string {
  return headers
    .startingWith("x-ms-")
    .sort(([one], [other]) => order(one, other))
    .map(([name, value]) => `${name}:${value.trim()}\n`)
    .join("");
}

function resource({ account, path, query }: SignedRequest): string {
  const parameters = [...query].sort(([one], [other]) => byCodePoint(one, other));
  return `/${account.name}${path}${parameters.map(([name, value]) => `\n${name}:${value}`).join("")}`;
}

function liteResource({ account, path, query }: SignedRequest): string {
  const comp = query.get("comp");
  return `/${account.name}${path}${comp === undefined ? "" : `?comp=${comp}`}`;
}
