/**
 * The source of a copy: a read of its own, which is let in and decided like one. Only blobs of this cloud are read; what lies elsewhere is never fetched, so no
 * request of ours can be aimed at somebody's network.
 *
 * A source in the same account is read as the caller, when the caller showed a token or the account's key; every other source must carry a signature, be
 * public, or come with `x-ms-copy-source-authorization`.
 * @see https://learn.microsoft.com/rest/api/storageservices/copy-blob#authorization
 */
import { randomUUID } from "node:crypto";
import type { StorageAccount } from "../state/entities.ts";
import { readMoment } from "./blob-moment.ts";
import { refuseIncremental } from "./blob-read-handlers.ts";
import { readConditions } from "./condition-headers.ts";
import { copiesTags } from "./copy-rows.ts";
import { unlockView } from "./encryption.ts";
import { findEndpoint } from "./endpoint.ts";
import { judgeRead } from "./engine/conditions.ts";
import type { BlobView } from "./engine/engine.ts";
import type { CopyRecord } from "./engine/model.ts";
import { invalidHeader, StorageError } from "./errors.ts";
import { maxCopySourceLength } from "./limits.ts";
import { Lookups, scopeOf, tagsOf } from "./lookups.ts";
import { withSourceTags } from "./operation-draft.ts";
import type { BlobCall, BlobOperation } from "./operation-row.ts";
import { RequestHeaders } from "./request-headers.ts";
import { parseTarget, type Target } from "./target.ts";
import { readAddress } from "./ways-in/address-range.ts";
import { type Admission, admit } from "./ways-in/admission.ts";
import { grantRequest } from "./ways-in/grant.ts";
import { partQuery } from "./ways-in/signed-parameters.ts";

export type Source = {
  readonly view: BlobView;
  /** As answers show it: without a signature. */
  readonly url: string;
};

/** What the copy says of how it was made; it is done when it is answered. */
export function recordCopy({ url, view }: Source, completedMs: number): CopyRecord {
  const { sizeBytes } = view.record;
  return {
    id: randomUUID(),
    source: url,
    status: "success",
    statusDescription: null,
    copiedBytes: sizeBytes,
    totalBytes: sizeBytes,
    completedMs,
    destinationSnapshot: null,
  };
}

/** Where a source is, as its URL says. */
type SourcePlace = {
  readonly account: string;
  readonly prefix: string;
  readonly path: string;
  readonly query: string;
  readonly url: URL;
};

const accountHost = /^([a-z0-9]{3,24}(?:-secondary)?)(?:\.z\d+)?\.blob\.core\.windows\.net$/;

function cannotVerify(status: number, message: string, details: Record<string, string> = {}): StorageError {
  return new StorageError("CannotVerifyCopySource", { status, message, details });
}

function readPlace(call: BlobCall, header: string): SourcePlace {
  const text = call.headers.require(header);
  const match = /^(https?:\/\/[^/?#]+)(\/[^?#]*)(?:\?([^#]*))?$/i.exec(text);
  if (match === null || text.length > maxCopySourceLength || !URL.canParse(text))
    throw invalidHeader(header, text.slice(0, 200));
  const [, , path, query = ""] = match;
  const url = new URL(text);
  const account = accountHost.exec(url.hostname)?.[1];
  if (account !== undefined) return { account, prefix: "", path: path!, query, url };
  const own = new URL(call.exchange.origin);
  const isOwn = call.exchange.prefix !== "" && url.host === own.host;
  const parts = /^\/([a-z0-9]{3,24}(?:-secondary)?)(\/.*)$/.exec(path!);
  if (!isOwn || parts === null) throw cannotVerify(400, "Could not verify the copy source within the specified time.");
  return { account: parts[1]!, prefix: `/${parts[1]}`, path: parts[2]!, query, url };
}

/** Conditions on the source, and its key, are those of a read, under other names. */
function readSourceHeaders(headers: RequestHeaders): RequestHeaders {
  const raw: string[] = [];
  for (const name of ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since"]) {
    const value = headers.get(`x-ms-source-${name}`);
    if (value !== undefined) raw.push(name, value);
  }
  const tags = headers.get("x-ms-source-if-tags");
  if (tags !== undefined) raw.push("x-ms-if-tags", tags);
  const lease = headers.get("x-ms-source-lease-id");
  if (lease !== undefined) raw.push("x-ms-lease-id", lease);
  for (const part of ["key", "key-sha256", "algorithm"]) {
    const value = headers.get(`x-ms-source-encryption-${part}`);
    if (value !== undefined) raw.push(`x-ms-encryption-${part}`, value);
  }
  return new RequestHeaders(raw);
}

/**
 * Opens the source.
 * @param header whose URL names it.
 * @param isArchiveOpen whether it may be in the archive.
 * @throws StorageError `CannotVerifyCopySource` with what was wrong, `SourceConditionNotMet`, `InvalidHeaderValue`.
 */
export async function openSource(call: BlobCall, header = "x-ms-copy-source", isArchiveOpen = false): Promise<Source> {
  const place = readPlace(call, header);
  const { engine, headers } = call;
  const sourceHeaders = readSourceHeaders(headers);
  const conditions = readConditions(sourceHeaders);
  try {
    const { account, target } = await decideSource(call, place);
    const container = await engine.findContainer({ account: account.name, container: target.container });
    const view = container && (await engine.openBlob(container, target.blob, readMoment(target.query)));
    if (view === undefined) throw new StorageError(container === undefined ? "ContainerNotFound" : "BlobNotFound");
    if (judgeRead(conditions, view.record) !== undefined) throw new StorageError("SourceConditionNotMet");
    refuseIncremental(view.record);
    if (view.record.accessTier === "Archive" && !isArchiveOpen) throw new StorageError("BlobArchived");
    const unlocked = unlockView({ headers: sourceHeaders, account }, view);
    return { view: unlocked, url: shownUrl(place.url) };
  } catch (cause) {
    if (!(cause instanceof StorageError) || cause.code === "SourceConditionNotMet") throw cause;
    const { status, code, message } = cause;
    throw cannotVerify(status, message, {
      CopySourceStatusCode: String(status),
      CopySourceErrorCode: code,
      CopySourceErrorMessage: message,
    });
  }
}

/** A signature in a source's URL is a secret of whoever made it. */
function shownUrl(url: URL): string {
  const shown = new URL(url);
  for (const name of [...shown.searchParams.keys()]) {
    if (!["snapshot", "versionid"].includes(name.toLowerCase())) shown.searchParams.delete(name);
  }
  return shown.href;
}

type DecidedSource = { readonly account: StorageAccount; readonly target: Extract<Target, { level: "blob" }> };

/** Lets the caller in to the source and decides the read of it. */
async function decideSource(call: BlobCall, place: SourcePlace): Promise<DecidedSource> {
  const { cloud, exchange, headers, engine, version, ways, readRow } = call;
  const endpoint = findEndpoint(cloud.model, place.account);
  if (endpoint === undefined) throw new StorageError("ResourceNotFound");
  const { account } = endpoint;
  const whole = parseTarget(place.path, place.query);
  const { signed, rest: query } = partQuery(whole.query);
  const target = { ...whole, query };
  if (target.level !== "blob") throw new StorageError("InvalidUri");
  const lookups = new Lookups();
  const findAccess = (container: string) =>
    lookups.take(`access ${container}`, () => engine.findContainer({ account: account.name, container }))?.record
      .access;
  const authorization = headers.get("x-ms-copy-source-authorization");
  const shown = new RequestHeaders(authorization === undefined ? [] : ["authorization", authorization]);
  if (authorization !== undefined && !/^Bearer /i.test(authorization)) {
    throw invalidHeader("x-ms-copy-source-authorization", "");
  }
  const approach = {
    account,
    method: "GET",
    target,
    signed,
    headers: shown,
    path: `${place.prefix}${place.path}`,
    query: whole.query,
    version,
    isSecure: place.url.protocol === "https:",
    isPlain: place.url.protocol === "http:",
    address: readAddress(exchange.request.socket.remoteAddress),
    now: cloud.ports.now(),
    findAccess,
  };
  const isAsCaller = account.name === call.account.name && signed === null && authorization === undefined;
  const own: Admission =
    isAsCaller && isCallerNamed(call.admission) ? call.admission : await lookups.settle(() => admit(ways, approach));
  const asking = {
    target,
    headers: shown,
    exchange,
    account,
    operation: copiesTags(headers) ? withTagsRead(readRow) : readRow,
    version,
    findAccess,
    findTags: () => lookups.take("tags", () => tagsOf(engine, account.name, { ...target, query })),
    findScope: () => lookups.take("scope", () => scopeOf(engine, account.name, { ...target, query }, null)),
    givenTags: null,
  };
  await lookups.settle(() => grantRequest(cloud, own, asking));
  if (account.publicNetworkAccess === "Disabled") throw new StorageError("AuthorizationFailure");
  return { account, target };
}

function withTagsRead(row: BlobOperation): BlobOperation {
  return { ...row, access: { ...row.access, further: [withSourceTags] } };
}

/** A signature is worth what it says, and it says nothing of the source. */
function isCallerNamed({ way }: Admission): boolean {
  return way === "bearer" || way === "key";
}
