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
import { answered, type Exchange } from "../wire/exchange.ts";
import type { Surface } from "../wire/operation.ts";
import { WholeRequest } from "../wire/whole-request.ts";
import type { Journal } from "./analytics/journal.ts";
import { refuseWriteToLogs } from "./analytics/logs-guard.ts";
import type { RequestLogs } from "./analytics/request-logs.ts";
import { sendAnswer, sendError } from "./answer.ts";
import type { BatchPart } from "./batch-body.ts";
import { crossOriginHeaders } from "./cors.ts";
import { type Endpoint, findEndpoint, refuseWriteAtSecondary } from "./endpoint.ts";
import type { Awaitable, BlobStore } from "./engine/blob-store.ts";
import { BlobRefusal, type Tags } from "./engine/model.ts";
import { notImplemented, StorageError } from "./errors.ts";
import { asStorageError } from "./fault-words.ts";
import { asksToKeep, markAccount } from "./kept-blobs.ts";
import { maxTagsBodyBytes } from "./limits.ts";
import { Lookups, scopeOf, tagsOf } from "./lookups.ts";
import { matchOperation } from "./match.ts";
import type { Answer, BlobOperation } from "./operation-row.ts";
import { operations, preflightOperations, readRow } from "./operations.ts";
import { PagesAhead } from "./pages-ahead.ts";
import { readContentLength, readWholeBody, refuseBody } from "./request-body.ts";
import { RequestHeaders } from "./request-headers.ts";
import { defaultVersion } from "./service-versions.ts";
import { parseTags, readTagHeader } from "./tags.ts";
import { parseTarget, type Target } from "./target.ts";
import { knownHeaders, readVersion, versionOfSignature } from "./version-words.ts";
import { readAddress } from "./ways-in/address-range.ts";
import { type Admission, admit } from "./ways-in/admission.ts";
import type { BearerPorts } from "./ways-in/bearer-token.ts";
import { grantRequest } from "./ways-in/grant.ts";
import { partQuery, type SignedParameters } from "./ways-in/signed-parameters.ts";
import { withSignedScope } from "./ways-in/signed-scope.ts";
import { whenThere } from "./when-there.ts";

export type BlobSurfaceOptions = {
  /** Whether a token's `aud` is one of this account's storage. */
  readonly isAudience: (audience: string, account: string) => boolean;
  /** Of accounts that keep logs of requests; without it none are kept. */
  readonly logs?: RequestLogs | undefined;
  /** Takes one line about an error of ours, without a secret in it. */
  readonly log?: (line: string) => void;
};

/** Makes the surface over an engine; neither outlives the other's use. */
export function createBlobSurface(cloud: Cloud, engine: BlobStore, options: BlobSurfaceOptions): Surface {
  const log = options.log ?? ((line: string) => console.error(line));
  const pagesAhead = new PagesAhead(engine);
  return {
    name: "blob",
    operations: [...operations, ...preflightOperations],
    handle(exchange) {
      pagesAhead.noteArrival();
      let version = defaultVersion;
      let journal: Journal | undefined;
      const refuse = (cause: unknown): Awaitable<void> => {
        if (cause instanceof Throttled) throw cause;
        const error = asStorageError(cause);
        if (journal !== undefined) journal.errorCode = error.code;
        if (error.status === 500) log(`blob: ${exchange.requestId}: ${describe(cause)}`);
        return sendError(exchange, version, error, cloud.ports.now());
      };
      const answerIt = (): Awaitable<void> => {
        const headers = new RequestHeaders(exchange.request.rawHeaders);
        const now = cloud.ports.now();
        const asked = readVersion(headers, now);
        const endpoint = findEndpoint(cloud.model, exchange.account);
        const account = endpoint?.account;
        const { defaultServiceVersion } = account?.blobService ?? {};
        version = asked ?? versionOfSignature(exchange.query, now) ?? defaultServiceVersion ?? defaultVersion;
        if (account !== undefined) {
          allowOrigins(account, exchange, headers);
          journal = options.logs?.follow(account, { exchange, headers, version });
        }
        if (endpoint === undefined) throw new StorageError("ResourceNotFound");
        const arrived = { exchange, endpoint, headers, asked, version, isPart: false, journal, pagesAhead };
        return whenThere(answerRequest(cloud, engine, options, arrived), (ready) => {
          journal?.noteAnswer(ready);
          return sendAnswer(exchange, version, ready);
        });
      };
      try {
        const sending = answerIt();
        return sending instanceof Promise ? sending.catch(refuse) : answered;
      } catch (cause) {
        return refuse(cause) ?? answered;
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

type Arrived = {
  readonly exchange: Exchange;
  readonly endpoint: Endpoint;
  readonly headers: RequestHeaders;
  readonly asked: string | undefined;
  readonly version: string;
  /** Of a batch: it may ask for little. */
  readonly isPart: boolean;
  /** Of a request that is logged for its account. */
  readonly journal: Journal | undefined;
  readonly pagesAhead: PagesAhead;
};

/** What a batch is for. @see https://learn.microsoft.com/rest/api/storageservices/blob-batch#remarks */
const batchable: ReadonlySet<string> = new Set([
  "Delete Blob",
  "Delete Blob Version",
  "Permanently Delete Blob",
  "Set Blob Tier",
]);

/** A part's exchange: the batch's connection with the part's own request line and headers, and no body. */
function exchangeOf(exchange: Exchange, { method, path, prefix, query, rawHeaders }: BatchPart): Exchange {
  const request = Object.create(exchange.request, {
    method: { value: method },
    rawHeaders: { value: rawHeaders },
  }) as Exchange["request"];
  return { ...exchange, request, path, prefix, query };
}

/** Answers at once what waits for nothing: most reads of small blobs. */
function answerRequest(
  cloud: Cloud,
  engine: BlobStore,
  options: BlobSurfaceOptions,
  arrived: Arrived,
): Awaitable<Answer> {
  const { exchange, endpoint, headers: sent, version, isPart, journal, pagesAhead } = arrived;
  const { account, isSecondary } = endpoint;
  const whole = parseTarget(exchange.path, exchange.query);
  const { signed, rest: query } = partQuery(whole.query);
  const target = query === whole.query ? whole : { ...whole, query };
  const operation = matchOperation(exchange.request.method ?? "", target, sent, version);
  journal?.noteOperation(operation, target);
  const headers = knownHeaders(sent, version, operation.comp);
  if (!isPart && exchange.note !== undefined) exchange.note.operation = operation.operation;
  if (isPart && !batchable.has(operation.operation)) throw new StorageError("InvalidInput");
  const ways = { verifier: cloud.verifier, tenantId: cloud.model.tenant.tenantId, isAudience: options.isAudience };
  const asked: AskedRequest = { account, whole, target, signed, operation, headers };
  const carryOut = ({ admission, headers, mustBeNew, body }: Entered): Awaitable<Answer> => {
    refuseWriteAtSecondary(isSecondary, operation);
    refuseWriteToLogs(target, operation);
    const { handle } = operation;
    if (handle === null) throw notImplemented(operation.operation);
    if (!operation.hasBody) refuseBody(headers);
    const principalId = admission.way === "bearer" ? admission.principalId : null;
    const answerPart = (part: BatchPart) => answerBatchPart(cloud, engine, options, arrived, part);
    const asCaller = { admission, principalId, mustBeNew, ways, readRow, answerPart, pagesAhead };
    const call = { exchange, target, query, headers, account, isSecondary, version, body, engine, cloud, ...asCaller };
    const answering = asksToKeep(operation, headers)
      ? markAccount(cloud, account).then(() => handle(call))
      : handle(call);
    return whenThere(answering, (answer) => withSignedHeaders(answer, admission, operation.operation));
  };
  if (operation.permission === "public") {
    return carryOut({ admission: { way: "none" }, headers, mustBeNew: false, body: null });
  }
  return whenThere(enter(cloud, engine, ways, arrived, asked), carryOut);
}

type AskedRequest = {
  readonly account: StorageAccount;
  /** With the signature's parameters, and without. */
  readonly whole: Target;
  readonly target: Target;
  readonly signed: SignedParameters | null;
  readonly operation: BlobOperation;
  readonly headers: RequestHeaders;
};

/** Who has been let in, and what they may. */
type Entered = {
  readonly admission: Admission;
  /** As the caller's way in binds them. */
  readonly headers: RequestHeaders;
  readonly mustBeNew: boolean;
  readonly body: Buffer | null;
};

/** Lets the caller in, and decides. @throws StorageError for whoever may not, Throttled. */
function enter(
  cloud: Cloud,
  engine: BlobStore,
  ways: BearerPorts,
  arrived: Arrived,
  asked: AskedRequest,
): Awaitable<Entered> {
  const { exchange, headers: sent, isPart, journal } = arrived;
  const { account, whole, target, signed, operation } = asked;
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
    version: arrived.asked,
    isSecure: (exchange.request.socket as Partial<TLSSocket>).encrypted === true,
    isPlain: exchange.origin.startsWith("http:"),
    address: readAddress(exchange.request.socket.remoteAddress),
    now: cloud.ports.now(),
    headKey: exchange.request instanceof WholeRequest ? exchange.request.headKey : undefined,
    findAccess,
  };
  const grant = (admission: Admission, body: Buffer | null): Awaitable<Entered> => {
    const headers = withSignedScope(admission, operation, asked.headers);
    const findTags = () => lookups.take("tags", () => tagsOf(engine, account.name, target));
    const askedScope = headers.text("x-ms-encryption-scope");
    const findScope = () => lookups.take("scope", () => scopeOf(engine, account.name, target, askedScope));
    const givenTags = readGivenTags(headers, body);
    const asking = {
      target,
      headers,
      exchange,
      account,
      operation,
      version: arrived.asked,
      findAccess,
      findTags,
      findScope,
      givenTags,
    };
    const granted = lookups.settle(() => grantRequest(cloud, admission, asking));
    return whenThere(granted, ({ mustBeNew, grounds }) => {
      if (journal !== undefined) journal.grounds = grounds;
      // Only private endpoints reach such an account, and there are none here.
      if (account.publicNetworkAccess === "Disabled") throw new StorageError("AuthorizationFailure");
      return { admission, headers, mustBeNew, body };
    });
  };
  return whenThere(
    lookups.settle(() => admit(ways, approach)),
    (admission) => {
      if (journal !== undefined) journal.admission = admission;
      if (!isPart) admitCaller(cloud, exchange, admission);
      if (!operation.isTagsBody || admission.way === "none") return grant(admission, null);
      const reading = readWholeBody(exchange.request, readContentLength(asked.headers, maxTagsBodyBytes));
      return reading.then((body) => grant(admission, body));
    },
  );
}

async function answerBatchPart(
  cloud: Cloud,
  engine: BlobStore,
  options: BlobSurfaceOptions,
  { exchange: whole, endpoint, asked, version: versionOfBatch, pagesAhead }: Arrived,
  part: BatchPart,
): Promise<Answer> {
  const headers = new RequestHeaders(part.rawHeaders);
  // A part follows the batch's version unless it says another.
  const asks = readVersion(headers, cloud.ports.now()) ?? asked;
  const version = asks ?? versionOfBatch;
  const exchange = exchangeOf(whole, part);
  const logged = options.logs?.followPart(endpoint.account, { exchange, headers, version });
  const { journal } = logged ?? {};
  const arrived = { exchange, endpoint, headers, asked: asks, version, isPart: true, journal, pagesAhead };
  try {
    const answer = await answerRequest(cloud, engine, options, arrived);
    logged?.end(answer.status);
    return answer;
  } catch (cause) {
    const { code, status } = asStorageError(cause);
    if (logged !== undefined) logged.journal.errorCode = code;
    logged?.end(status);
    throw cause;
  }
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

/** For the log: what happened, never what was in the request. */
function describe(cause: unknown): string {
  if (cause instanceof BlobRefusal) return JSON.stringify(cause.fault);
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}
