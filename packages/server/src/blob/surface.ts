/**
 * The blob surface: *.blob.core.windows.net, and `https://localhost:PORT/<account>`.
 *
 * Owns: the way of a request through *match, authenticate, decide, handle, render*; the operation table is operations.ts.
 * May use: the wire shapes, the cloud, `@postern/access`, the engine; no other surface.
 * Spec: https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api
 *
 *                 target.ts    match.ts     ways-in/           authorization.ts  *-handlers.ts   answer.ts
 *     request --> decoded  --> a row of --> a principal    --> granted,      --> engine      --> answer
 *                 once         the table    or 401             recorded          calls           or error
 *
 * An account that is not there answers 404 ResourceNotFound to everybody, for real Azure has not even a name for it.
 */
import type { TLSSocket } from "node:tls";
import type { Cloud } from "../cloud.ts";
import { admitAddress, admitPrincipal } from "../guard/admission.ts";
import type { StorageAccount } from "../state/entities.ts";
import { Throttled } from "../wire/busy.ts";
import type { Exchange } from "../wire/exchange.ts";
import type { Surface } from "../wire/operation.ts";
import { sendAnswer, sendError } from "./answer.ts";
import type { BatchPart } from "./batch-body.ts";
import { crossOriginHeaders } from "./cors.ts";
import type { BlobStore } from "./engine/blob-store.ts";
import { BlobRefusal, type Tags } from "./engine/model.ts";
import { notImplemented, StorageError } from "./errors.ts";
import { asStorageError } from "./fault-words.ts";
import { maxTagsBodyBytes } from "./limits.ts";
import { Lookups, tagsOf } from "./lookups.ts";
import { matchOperation } from "./match.ts";
import type { Answer } from "./operation-row.ts";
import { operations, preflightOperations } from "./operations.ts";
import { readContentLength, readWholeBody, refuseBody } from "./request-body.ts";
import { RequestHeaders } from "./request-headers.ts";
import { defaultVersion } from "./service-versions.ts";
import { parseTags, readTagHeader } from "./tags.ts";
import { parseTarget } from "./target.ts";
import { knownHeaders, readVersion, versionOfSignature } from "./version-words.ts";
import { readAddress } from "./ways-in/address-range.ts";
import { type Admission, admit } from "./ways-in/admission.ts";
import { grantRequest } from "./ways-in/grant.ts";
import { partQuery } from "./ways-in/signed-parameters.ts";

export type BlobSurfaceOptions = {
  /** Whether a token's `aud` is one of this account's storage. */
  readonly isAudience: (audience: string, account: string) => boolean;
  /** Takes one line about an error of ours, without a secret in it. */
  readonly log?: (line: string) => void;
};

/** Makes the surface over an engine; neither outlives the other's use. */
export function createBlobSurface(cloud: Cloud, engine: BlobStore, options: BlobSurfaceOptions): Surface {
  const log = options.log ?? ((line: string) => console.error(line));
  return {
    name: "blob",
    operations: [...operations, ...preflightOperations],
    async handle(exchange) {
      let version = defaultVersion;
      try {
        const headers = new RequestHeaders(exchange.request.rawHeaders);
        const now = cloud.ports.now();
        const asked = readVersion(headers, now);
        const account = cloud.model.storageAccount(exchange.account);
        const { defaultServiceVersion } = account?.blobService ?? {};
        version = asked ?? versionOfSignature(exchange.query, now) ?? defaultServiceVersion ?? defaultVersion;
        if (account !== undefined) allowOrigins(account, exchange, headers);
        const answer = await answerRequest(cloud, engine, options, {
          exchange,
          headers,
          asked,
          version,
          isPart: false,
        });
        await sendAnswer(exchange, version, answer);
      } catch (cause) {
        if (cause instanceof Throttled) throw cause;
        const error = asStorageError(cause);
        if (error.status === 500) log(`blob: ${exchange.requestId}: ${describe(cause)}`);
        await sendError(exchange, version, error, cloud.ports.now());
      }
    },
  };
}

/** Answers and refusals alike can be read by the pages that the account's rules name. */
function allowOrigins(account: StorageAccount, { request, response }: Exchange, headers: RequestHeaders): void {
  const origin = headers.get("origin");
  if (origin === undefined || request.method === "OPTIONS") return;
  const allowed = crossOriginHeaders(account, origin, request.method ?? "");
  for (const [name, value] of Object.entries(allowed)) response.setHeader(name, value);
}

/** What a copy's source is decided as. */
const readRow = operations.find(({ operation }) => operation === "Get Blob")!;

type Arrived = {
  readonly exchange: Exchange;
  readonly headers: RequestHeaders;
  readonly asked: string | undefined;
  readonly version: string;
  /** Of a batch: it may ask for little. */
  readonly isPart: boolean;
};

/** What a batch is for. @see https://learn.microsoft.com/rest/api/storageservices/blob-batch#remarks */
const batchable: ReadonlySet<string> = new Set([
  "Delete Blob",
  "Delete Blob Version",
  "Permanently Delete Blob",
  "Set Blob Tier",
]);

/** A part's exchange: the batch's connection with the part's own request line and headers, and no body. */
function exchangeOf(exchange: Exchange, { method, path, query, rawHeaders }: BatchPart): Exchange {
  const request = Object.create(exchange.request, {
    method: { value: method },
    rawHeaders: { value: rawHeaders },
  }) as Exchange["request"];
  return { ...exchange, request, path, query };
}

async function answerRequest(
  cloud: Cloud,
  engine: BlobStore,
  options: BlobSurfaceOptions,
  { exchange, headers: sent, asked, version, isPart }: Arrived,
): Promise<Answer> {
  const { isAudience } = options;
  const account = findAccount(cloud, exchange);
  const whole = parseTarget(exchange.path, exchange.query);
  const { signed, rest: query } = partQuery(whole.query);
  const target = { ...whole, query };
  const operation = matchOperation(exchange.request.method ?? "", target, sent, version);
  const headers = knownHeaders(sent, version, operation.comp);
  if (!isPart && exchange.note !== undefined) exchange.note.operation = operation.operation;
  if (isPart && !batchable.has(operation.operation)) throw new StorageError("InvalidInput");
  let mustBeNew = false;
  let body: Buffer | null = null;
  let admission: Admission = { way: "none" };
  const ways = { verifier: cloud.verifier, tenantId: cloud.model.tenant.tenantId, isAudience };
  if (operation.permission !== "public") {
    const lookups = new Lookups();
    const findAccess = (container: string) =>
      lookups.take(`access ${container}`, () => engine.findContainer({ account: account.name, container }))?.record
        .access;
    const approach = {
      account,
      method: exchange.request.method ?? "",
      target,
      signed,
      headers: sent,
      path: `${exchange.prefix}${exchange.path}`,
      query: whole.query,
      version: asked,
      isSecure: (exchange.request.socket as Partial<TLSSocket>).encrypted === true,
      address: readAddress(exchange.request.socket.remoteAddress),
      now: cloud.ports.now(),
      findAccess,
    };
    admission = await lookups.settle(() => admit(ways, approach));
    if (!isPart) admitCaller(cloud, exchange, admission);
    if (operation.isTagsBody && admission.way !== "none") {
      body = await readWholeBody(exchange.request, readContentLength(headers, maxTagsBodyBytes));
    }
    const takeTags = () => lookups.take("tags", () => tagsOf(engine, account.name, target));
    const tags = { findTags: takeTags, givenTags: readGivenTags(headers, body) };
    const asking = { target, headers, exchange, account, operation, version: asked, findAccess, ...tags };
    ({ mustBeNew } = await lookups.settle(() => grantRequest(cloud, admission, asking)));
    // Only private endpoints reach such an account, and there are none here.
    if (account.publicNetworkAccess === "Disabled") throw new StorageError("AuthorizationFailure");
  }
  if (operation.handle === null) throw notImplemented(operation.operation);
  if (!operation.hasBody) refuseBody(headers);
  const principalId = admission.way === "bearer" ? admission.principalId : null;
  const answerPart = (part: BatchPart): Promise<Answer> => {
    const own = new RequestHeaders(part.rawHeaders);
    // A part follows the batch's version unless it says another.
    const asks = readVersion(own, cloud.ports.now()) ?? asked;
    return answerRequest(cloud, engine, options, {
      exchange: exchangeOf(exchange, part),
      headers: own,
      asked: asks,
      version: asks ?? version,
      isPart: true,
    });
  };
  const asCaller = { admission, principalId, mustBeNew, ways, readRow, answerPart };
  const call = { exchange, target, query, headers, account, version, body, engine, cloud, ...asCaller };
  return withSignedHeaders(await operation.handle(call), admission, operation.operation);
}

function admitCaller(cloud: Cloud, exchange: Exchange, admission: Admission): void {
  if (admission.way === "bearer" || admission.way === "delegation")
    admitPrincipal(cloud, exchange, admission.principalId);
  else admitAddress(cloud, exchange, admission.way === "none" ? "" : admission.way);
}

/** A signature says what headers the answers to reads have. */
function withSignedHeaders(answer: Answer, admission: Admission, operation: string): Answer {
  if (admission.way !== "signature" && admission.way !== "delegation") return answer;
  if (operation !== "Get Blob" && operation !== "Get Blob Properties") return answer;
  return { ...answer, headers: { ...answer.headers, ...admission.signed.answerHeaders } };
}

/** The tags that a request gives, for the decision; what cannot be read is refused by the handler, to those who may. */
function readGivenTags(headers: RequestHeaders, body: Buffer | null): Tags | null {
  if (body === null && !headers.has("x-ms-tags")) return null;
  try {
    return body === null ? readTagHeader(headers) : parseTags(body);
  } catch (cause) {
    if (cause instanceof StorageError) return null;
    throw cause;
  }
}

function findAccount(cloud: Cloud, { account }: Exchange): StorageAccount {
  const found = cloud.model.storageAccount(account);
  if (found === undefined) throw new StorageError("ResourceNotFound");
  return found;
}

/** For the log: what happened, never what was in the request. */
function describe(cause: unknown): string {
  if (cause instanceof BlobRefusal) return JSON.stringify(cause.fault);
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}
