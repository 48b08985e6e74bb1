/**
 * Signing a request with an account's key. May use: node:crypto.
 * @see https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
 */
import { createHmac } from "node:crypto";

export interface SignedRequest {
  readonly method: string;
  readonly url: URL;
  /** With names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
}

/** In the order in which they are signed. */
const signedHeaders = [
  "content-encoding",
  "content-language",
  "content-length",
  "content-md5",
  "content-type",
  "date",
  "if-modified-since",
  "if-match",
  "if-none-match",
  "if-unmodified-since",
  "range",
] as const;

/** @param key base64. @returns the value of the Authorization header. */
export function signWithKey(account: string, key: string, request: SignedRequest): string {
  return `SharedKey ${account}:${hmac(key, stringToSign(account, request))}`;
}

export function hmac(key: string, text: string): string {
  return createHmac("sha256", Buffer.from(key, "base64")).update(text, "utf8").digest("base64");
}

/** What is signed: a line for the method, one for each header above, then Microsoft's own headers and the resource. */
export function stringToSign(account: string, { method, url, headers }: SignedRequest): string {
  const lines = signedHeaders.map((name) => {
    const value = headers[name] ?? "";
    // Since 2015-02-21 a length of 0 is signed as nothing.
    return name === "content-length" && value === "0" ? "" : value;
  });
  const own = Object.keys(headers)
    .filter((name) => name.startsWith("x-ms-"))
    .sort()
    .map((name) => `${name}:${headers[name]!.trim().replace(/\s+/g, " ")}\n`);
  return `${method}\n${lines.join("\n")}\n${own.join("")}${resourceOf(account, url)}`;
}

function resourceOf(account: string, url: URL): string {
  const names = [...new Set([...url.searchParams.keys()].map((name) => name.toLowerCase()))].sort();
  const query = names.map((name) => {
    const values = [...url.searchParams].filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
    return `\n${name}:${values.sort().join(",")}`;
  });
  return `/${account}${url.pathname}${query.join("")}`;
}
