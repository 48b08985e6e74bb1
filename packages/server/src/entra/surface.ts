/**
 * The Entra surface (login.microsoftonline.com): discovery, keys, tokens, and the pages people sign in on.
 *
 * Owns: routing by the operation table, and how a fault leaves. May use: tokens, directory, the read model, the recorder; never another
 * surface. Spec: RFC 6749, RFC 7517, OpenID Connect Discovery 1.0, https://learn.microsoft.com/entra/identity-platform/v2-protocols
 *
 *   match -> visit -> handler -> render
 *
 * There is no "authenticate" and "decide" between match and handler: these endpoints are where callers are authenticated.
 */

import { admitAddress } from "../guard/admission.ts";
import { ownOriginsOf } from "../tokens/audiences.ts";
import { BodyRefusal } from "../wire/body.ts";
import { answered, type Exchange, type Reply, sendReply } from "../wire/exchange.ts";
import type { Surface } from "../wire/operation.ts";
import { type Awaitable, whenSettled, whenThere } from "../wire/when-there.ts";
import { EntraRefusal, refuse } from "./fault.ts";
import { parseForm } from "./form.ts";
import { createMemory } from "./memory.ts";
import { absentPaths, type EntraOperation, isTokenEndpoint, operations } from "./operations.ts";
import { renderFault, standardHeaders } from "./render.ts";
import { renderFaultPage } from "./sign-in/fault-page.ts";
import { type EntraCloud, type EntraOptions, sentCorrelationId, type Visit } from "./visit.ts";

/** Longest path looked at, in characters; the longest of ours holds a domain name. Our choice. */
const maxPathChars = 1024;
/** Longest query looked at, in characters: Node bounds the whole head to 16 KiB anyway. */
const maxQueryChars = 8192;

export function createEntraSurface(cloud: EntraCloud, options: EntraOptions): Surface {
  const ground: Ground = { cloud, options, memory: createMemory(cloud.ports) };
  return {
    name: "entra",
    operations,
    handle(exchange) {
      const visit = startVisit(ground, exchange);
      const sent = whenThere(answer(visit), (reply) => {
        if (reply === undefined) {
          exchange.response.destroy(); // the client has gone; nobody reads an answer
          return;
        }
        const found = findOperations(exchange.path);
        const methods = found === undefined ? allowedMethods([]) : found.crossOriginMethods;
        sendReply(exchange, reply, standardHeaders(visit, methods));
      });
      return sent ?? answered;
    },
  };
}

/** What every request of the surface shares. */
type Ground = Pick<Visit, "cloud" | "options" | "memory">;

/** A visit that is being read: what is not known yet stands empty, so that a malformed target can be answered in form. */
type Arrival = { -readonly [Part in keyof Visit]: Visit[Part] };

function answer(visit: Arrival): Awaitable<Reply | undefined> {
  return whenSettled<Reply, Reply | undefined>(
    () => {
      readTarget(visit);
      return dispatch(visit);
    },
    (reply) => reply,
    (cause) => {
      if (cause instanceof EntraRefusal) {
        const isPageFault = cause.fault.kind === "request-malformed" && isForPerson(visit);
        return isPageFault ? renderFaultPage(visit, cause.fault) : renderFault(visit, cause.fault);
      }
      if (!(cause instanceof BodyRefusal)) throw cause;
      return cause.fault.kind === "body-aborted" ? undefined : renderFault(visit, { kind: "body-too-large" });
    },
  );
}

const noQuery: ReadonlyMap<string, string> = new Map();

function startVisit({ cloud, options, memory }: Ground, exchange: Exchange): Arrival {
  return {
    cloud,
    options,
    memory,
    exchange,
    now: cloud.ports.now(),
    correlationId: sentCorrelationId(exchange, noQuery) ?? cloud.ports.guid(),
    segments: {},
    query: noQuery,
    ownOrigins: ownOriginsOf(exchange.origin),
  };
}

function readTarget(visit: Arrival): void {
  const { exchange } = visit;
  if (exchange.path.length > maxPathChars || exchange.query.length > maxQueryChars) {
    refuse({ kind: "request-malformed" });
  }
  if (exchange.query === "") return;
  visit.query = parseForm(exchange.query);
  visit.correlationId = sentCorrelationId(exchange, visit.query) ?? visit.correlationId;
}

function dispatch(visit: Arrival): Awaitable<Reply> {
  const { path, request } = visit.exchange;
  const found = findOperations(path);
  if (found?.isForTokens !== true) admitAddress(visit.cloud, visit.exchange, "");
  if (found === undefined) {
    if (lacksTenant(path)) refuse({ kind: "tenant-missing" });
    const isAbsent = absentPaths.some((pattern) => matchPath(pattern, path) !== undefined);
    return isAbsent ? refuse({ kind: "not-implemented", what: "this endpoint" }) : refuse({ kind: "path-unknown" });
  }
  const { rows, segments } = found;
  if (request.method === "OPTIONS" && !rows.some(isPage)) return answerPreflight(visit);
  const method = request.method === "HEAD" ? "GET" : request.method;
  const operation = rows.find((row) => row.method === method);
  if (operation === undefined) {
    return refuse({ kind: "method-not-allowed", method: request.method ?? "", allowed: allowedMethods(rows) });
  }
  visit.segments = segments;
  if (visit.exchange.note !== undefined) visit.exchange.note.operation = operation.operation;
  return isPage(operation) ? answerPage(visit, operation) : operation.handler(visit);
}

/** `/oauth2/v2.0/token`: one of ours but for the tenant before it. */
function lacksTenant(path: string): boolean {
  const whole = `/common${path}`;
  return operations.some(({ match }) => match.startsWith("/{tenant}/oauth2/") && matchPath(match, whole) !== undefined);
}

/** A person reads the answer: what is wrong is said by a page, too. */
async function answerPage(visit: Visit, { handler }: EntraOperation): Promise<Reply> {
  try {
    return await handler(visit);
  } catch (cause) {
    if (cause instanceof EntraRefusal) return renderFaultPage(visit, cause.fault);
    throw cause;
  }
}

/** Whether a target that could not be read is one that people open. */
function isForPerson({ exchange }: Visit): boolean {
  return exchange.request.method === "GET" && findOperations(exchange.path)?.rows.some(isPage) === true;
}

function isPage({ audience }: EntraOperation): boolean {
  return audience === "person";
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

function allowedMethods(rows: readonly EntraOperation[]): string {
  return [...rows.map(({ method }) => method), ...(rows.some(isPage) ? [] : ["OPTIONS"])].join(", ");
}

type Found = {
  /** The rows of one path, each for a method of its own. */
  readonly rows: readonly EntraOperation[];
  readonly segments: Readonly<Record<string, string>>;
  /** What pages of other origins may send; undefined for what a person reads. */
  readonly crossOriginMethods: string | undefined;
  readonly isForTokens: boolean;
};

/** Paths whose rows are remembered; clients ask for the same few again and again. Our choice. */
const maxRecentPaths = 256;
const recentPaths = new Map<string, Found>();

function findOperations(path: string): Found | undefined {
  const known = recentPaths.get(path);
  if (known !== undefined) return known;
  for (const { match } of operations) {
    const segments = matchPath(match, path);
    if (segments === undefined) continue;
    const rows = operations.filter((row) => row.match === match);
    const crossOriginMethods = rows.some(isPage) ? undefined : allowedMethods(rows);
    const found = { rows, segments, crossOriginMethods, isForTokens: rows.some(isTokenEndpoint) };
    if (recentPaths.size >= maxRecentPaths) recentPaths.clear();
    if (path.length <= maxPathChars) recentPaths.set(path, found);
    return found;
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
