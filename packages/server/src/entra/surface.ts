/**
 * The Entra surface (login.microsoftonline.com): discovery, keys and tokens.
 *
 * Owns: routing by the operation table, and how a fault leaves. May use: tokens, directory, the read model, the recorder; never another
 * surface. Spec: RFC 6749, RFC 7517, OpenID Connect Discovery 1.0, https://learn.microsoft.com/entra/identity-platform/v2-protocols
 *
 *   match -> visit -> handler -> render
 *
 * There is no "authenticate" and "decide" between match and handler: these endpoints are where callers are authenticated.
 */

import { ownOriginsOf } from "../tokens/audiences.ts";
import { BodyRefusal } from "../wire/body.ts";
import { type Exchange, type Reply, sendReply } from "../wire/exchange.ts";
import type { Surface } from "../wire/operation.ts";
import { EntraRefusal, refuse } from "./fault.ts";
import { parseForm } from "./form.ts";
import { absentPaths, type EntraOperation, operations } from "./operations.ts";
import { renderFault, standardHeaders } from "./render.ts";
import { type EntraCloud, sentCorrelationId, type Visit } from "./visit.ts";

/** Longest path looked at, in characters; the longest of ours holds a domain name. Our choice. */
const maxPathChars = 1024;
/** Longest query looked at, in characters: Node bounds the whole head to 16 KiB anyway. */
const maxQueryChars = 8192;

export function createEntraSurface(cloud: EntraCloud): Surface {
  return {
    name: "entra",
    operations,
    async handle(exchange) {
      const { visit, reply } = await answer(cloud, exchange);
      if (reply === undefined) {
        exchange.response.destroy(); // the client has gone; nobody reads an answer
        return;
      }
      const headers = { ...standardHeaders(visit, allowedMethods(exchange.path)), ...reply.headers };
      sendReply(exchange, { ...reply, headers });
    },
  };
}

type Answer = { readonly visit: Visit; readonly reply: Reply | undefined };

async function answer(cloud: EntraCloud, exchange: Exchange): Promise<Answer> {
  let visit = startVisit(cloud, exchange);
  try {
    visit = readTarget(visit);
    return { visit, reply: await dispatch(visit) };
  } catch (cause) {
    if (cause instanceof EntraRefusal) return { visit, reply: renderFault(visit, cause.fault) };
    if (!(cause instanceof BodyRefusal)) throw cause;
    if (cause.fault.kind === "body-aborted") return { visit, reply: undefined };
    return { visit, reply: renderFault(visit, { kind: "body-too-large" }) };
  }
}

/** What is known before the target is read, so that a malformed one can be answered in form. */
function startVisit(cloud: EntraCloud, exchange: Exchange): Visit {
  const query: ReadonlyMap<string, string> = new Map();
  return {
    cloud,
    exchange,
    now: cloud.ports.now(),
    correlationId: sentCorrelationId(exchange, query) ?? cloud.ports.guid(),
    segments: {},
    query,
    ownOrigins: ownOriginsOf(exchange.origin),
  };
}

function readTarget(visit: Visit): Visit {
  const { exchange } = visit;
  if (exchange.path.length > maxPathChars || exchange.query.length > maxQueryChars) {
    refuse({ kind: "request-malformed" });
  }
  const query = parseForm(exchange.query);
  return { ...visit, query, correlationId: sentCorrelationId(exchange, query) ?? visit.correlationId };
}

async function dispatch(visit: Visit): Promise<Reply> {
  const { path, request } = visit.exchange;
  const found = findOperation(path);
  if (found === undefined) {
    const isAbsent = absentPaths.some((pattern) => matchPath(pattern, path) !== undefined);
    return isAbsent ? refuse({ kind: "not-implemented", what: "this endpoint" }) : refuse({ kind: "path-unknown" });
  }
  const { operation, segments } = found;
  if (request.method === "OPTIONS") return answerPreflight(visit);
  const method = request.method === "HEAD" ? "GET" : request.method;
  if (method !== operation.method) {
    refuse({ kind: "method-not-allowed", method: request.method ?? "", allowed: `${operation.method}, OPTIONS` });
  }
  return operation.handler({ ...visit, segments });
}

/** A browser's question before it sends a request of another origin; the answer to `methods` stands in the standard headers. */
function answerPreflight(visit: Visit): Reply {
  const asked = visit.exchange.request.headers["access-control-request-headers"] ?? "";
  const isWellFormed = /^[A-Za-z0-9-]+(?: *, *[A-Za-z0-9-]+)*$/.test(asked);
  return {
    status: 200,
    headers: {
      ...(isWellFormed ? { "access-control-allow-headers": asked } : {}),
      "access-control-max-age": "86400",
      vary: "Access-Control-Request-Headers",
    },
  };
}

function allowedMethods(path: string): string {
  return `${findOperation(path)?.operation.method ?? "GET"}, OPTIONS`;
}

type Found = { readonly operation: EntraOperation; readonly segments: Readonly<Record<string, string>> };

function findOperation(path: string): Found | undefined {
  for (const operation of operations) {
    const segments = matchPath(operation.match, path);
    if (segments !== undefined) return { operation, segments };
  }
  return undefined;
}

/** @returns the percent-decoded values of the pattern's `{names}`, or undefined when the path is another or its encoding is broken. */
export function matchPath(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const segments: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const text = given[index]!;
    if (!part.startsWith("{")) {
      if (part.toLowerCase() !== text.toLowerCase()) return undefined;
      continue;
    }
    const value = decodeSegment(text);
    if (value === undefined || value === "") return undefined;
    segments[part.slice(1, -1)] = value;
  }
  return segments;
}

function decodeSegment(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
