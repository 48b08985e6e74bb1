/**
 * Lets pages of other origins call Graph, as the real one does: every origin, because a request is judged by its bearer token alone and never
 * by a cookie, so a foreign page gains nothing it was not handed a token for.
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
import type { Exchange, Reply } from "../wire/exchange.ts";

/** Of every answer, refusals among them: a page must be able to read why. */
export const crossOriginHeaders: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers":
    "ETag, Location, Preference-Applied, Content-Range, request-id, client-request-id, WWW-Authenticate, Retry-After",
};

/** How long a browser may remember a preflight's answer, in seconds; our choice. */
const preflightAgeSeconds = 600;
/** Names in `Access-Control-Request-Headers` that are answered, and their characters; our choice. */
const maxRequestHeaders = 32;
const maxHeaderNameLength = 64;
const headerName = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

/** A browser asking beforehand; it carries no token, by protocol. */
export function isPreflight({ request }: Exchange): boolean {
  return request.method === "OPTIONS" && request.headers["access-control-request-method"] !== undefined;
}

/** Says which methods and headers a page may use. Nothing of the directory is looked at. */
export function answerPreflight({ request }: Exchange): Reply {
  const asked = String(request.headers["access-control-request-headers"] ?? "").split(",");
  const names = asked
    .slice(0, maxRequestHeaders)
    .map((name) => name.trim())
    .filter((name) => name.length <= maxHeaderNameLength && headerName.test(name));
  return {
    status: 200,
    headers: {
      "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
      "access-control-allow-headers": names.join(", "),
      "access-control-max-age": String(preflightAgeSeconds),
      vary: "Access-Control-Request-Headers",
    },
  };
}
