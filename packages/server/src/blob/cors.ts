/**
 * Cross-origin requests: which pages of other origins may ask, and read the answers. The rules say nothing of who may do what: a request that they
 * let through is decided like any other.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/cross-origin-resource-sharing--cors--support-for-the-azure-storage-services
 */
import type { CorsRule, StorageAccount } from "../state/entities.ts";
import { StorageError } from "./errors.ts";
import type { Answer, Call } from "./operation-row.ts";

function rulesOf({ blobService }: StorageAccount): readonly CorsRule[] {
  return blobService?.corsRules ?? [];
}

/** An origin is compared as it is; `*` is any, and `https://*.example.org` any name below. */
function isOrigin(pattern: string, origin: string): boolean {
  if (pattern === "*" || pattern === origin) return true;
  const [head, tail, more] = pattern.split("*");
  if (tail === undefined || more !== undefined || !head!.endsWith("://") || !tail.startsWith(".")) return false;
  const middle = origin.slice(head!.length, origin.length - tail.length);
  return origin.startsWith(head!) && origin.endsWith(tail) && /^[A-Za-z0-9.-]+$/.test(middle);
}

function isHeader(pattern: string, name: string): boolean {
  const [wanted, given] = [pattern.toLowerCase(), name.toLowerCase()];
  return wanted.endsWith("*") ? given.startsWith(wanted.slice(0, -1)) : wanted === given;
}

function findRule(
  account: StorageAccount,
  origin: string,
  method: string,
  headers: readonly string[],
): CorsRule | undefined {
  return rulesOf(account).find(
    (rule) =>
      rule.allowedOrigins.some((pattern) => isOrigin(pattern, origin)) &&
      rule.allowedMethods.includes(method) &&
      headers.every((name) => rule.allowedHeaders.some((pattern) => isHeader(pattern, name))),
  );
}

/** An origin that was named may send what it knows of a person; any other may not. */
function originHeaders(rule: CorsRule, origin: string): Record<string, string> {
  if (rule.allowedOrigins.includes("*")) return { "Access-Control-Allow-Origin": "*" };
  return {
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Allow-Credentials": "true",
    Vary: "Origin",
  };
}

/** The headers that let a page of another origin read an answer; none where there is no such page or no rule for it. */
export function crossOriginHeaders(
  account: StorageAccount,
  origin: string | undefined,
  method: string,
): Record<string, string> {
  if (origin === undefined) return {};
  const rule = findRule(account, origin, method, []);
  // A cache must not give an answer that was for one origin to another.
  if (rule === undefined) return rulesOf(account).length > 0 ? { Vary: "Origin" } : {};
  const exposed = rule.exposedHeaders.join(",");
  return {
    ...originHeaders(rule, origin),
    ...(exposed === "" ? {} : { "Access-Control-Expose-Headers": exposed }),
  };
}

/** What a browser asks before the request itself. @see https://learn.microsoft.com/rest/api/storageservices/preflight-blob-request */
export function preflight({ headers, account }: Call): Answer {
  const origin = headers.require("origin");
  const method = headers.require("access-control-request-method");
  const asked = headers.text("access-control-request-headers") ?? "";
  const names = asked
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const rule = findRule(account, origin, method, names);
  if (rule === undefined) throw new StorageError("CorsPreflightFailure");
  return {
    status: 200,
    headers: {
      ...originHeaders(rule, origin),
      "Access-Control-Allow-Methods": method,
      ...(asked === "" ? {} : { "Access-Control-Allow-Headers": asked }),
      "Access-Control-Max-Age": String(rule.maxAgeSeconds),
    },
  };
}
