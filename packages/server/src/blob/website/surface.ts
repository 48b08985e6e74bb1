/**
 * Static websites: the blobs of `$web` as pages, for anyone, at ACCOUNT.z6.web.core.windows.net.
 *
 * Owns: which blob a path is, and what stands in the place of one that is not there. May use: the Blob service's readers and answers, the engine.
 * What the container's public access says has no say here; the account's firewall does. A query means nothing.
 *
 * @see https://learn.microsoft.com/azure/storage/blobs/storage-blob-static-website
 */
import type { Cloud } from "../../cloud.ts";
import { admitAddress } from "../../guard/admission.ts";
import type { StaticWebsite, StorageAccount } from "../../state/entities.ts";
import { Throttled } from "../../wire/busy.ts";
import type { Exchange } from "../../wire/exchange.ts";
import type { OperationRow, Surface } from "../../wire/operation.ts";
import { sendAnswer } from "../answer.ts";
import { getBlob, getBlobProperties } from "../blob-read-handlers.ts";
import type { BlobStore } from "../engine/blob-store.ts";
import { StorageError } from "../errors.ts";
import { asStorageError } from "../fault-words.ts";
import type { Answer, BlobCall } from "../operation-row.ts";
import { readRow } from "../operations.ts";
import { RequestHeaders } from "../request-headers.ts";
import { defaultVersion } from "../service-versions.ts";
import { parseTarget } from "../target.ts";
import { readAddress } from "../ways-in/address-range.ts";
import { checkNetwork } from "../ways-in/admission.ts";
import { sendErrorPage } from "./error-page.ts";

const container = "$web";
const doc = "https://learn.microsoft.com/azure/storage/blobs/storage-blob-static-website";

/** Headers of a request that a page is answered by; all others mean nothing here. */
const readHeaders: ReadonlySet<string> = new Set([
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-unmodified-since",
  "range",
]);

const rows: readonly OperationRow[] = ["GET", "HEAD"].map((method) => ({
  operation: "Get Website Page",
  method,
  match: "/{path}",
  permission: "public",
  isImplemented: true,
  doc,
  sample: { target: "/" },
}));

/** Makes the surface. @param log takes one line about an error of ours. */
export function createWebsiteSurface(cloud: Cloud, engine: BlobStore, log: (line: string) => void): Surface {
  return {
    name: "web",
    operations: rows,
    async handle(exchange) {
      if (exchange.note !== undefined) exchange.note.operation = "Get Website Page";
      try {
        await answerPage(cloud, engine, exchange);
      } catch (cause) {
        if (cause instanceof Throttled) throw cause;
        const error = asStorageError(cause);
        if (error.status === 500) log(`web: ${exchange.requestId}: ${cause instanceof Error ? cause.message : ""}`);
        await sendErrorPage(exchange, error);
      }
    },
  };
}

async function answerPage(cloud: Cloud, engine: BlobStore, exchange: Exchange): Promise<void> {
  const { request } = exchange;
  admitAddress(cloud, exchange, "");
  const account = cloud.model.storageAccount(exchange.account);
  const website = account?.blobService?.staticWebsite;
  if (account === undefined || website === undefined) throw new StorageError("WebContentNotFound");
  checkNetwork(account.networkRules, readAddress(request.socket.remoteAddress));
  if (account.publicNetworkAccess === "Disabled") throw new StorageError("AuthorizationFailure");
  if (request.method !== "GET" && request.method !== "HEAD") throw new StorageError("UnsupportedHttpVerb");
  const read = (path: string, headers: RequestHeaders) => readPage({ cloud, engine, exchange, account }, path, headers);
  const headers = new RequestHeaders(pageHeaders(request.rawHeaders));
  try {
    await sendAnswer(exchange, defaultVersion, await read(pathOfPage(website, exchange.path), headers));
  } catch (cause) {
    const error = asStorageError(cause);
    if (error.status !== 404 || website.errorDocument === null) throw cause;
    // The page that says so is whole, whatever was asked of the one that is not there.
    const page = await read(`/${encodePath(website.errorDocument)}`, new RequestHeaders([])).catch(() => undefined);
    if (page === undefined) throw cause;
    await sendAnswer(exchange, defaultVersion, { ...page, status: 404 });
  }
}

function pageHeaders(raw: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    if (readHeaders.has(raw[index]!.toLowerCase())) kept.push(raw[index]!, raw[index + 1]!);
  }
  return kept;
}

/** A folder's page is its index document; the site's own may be another. */
function pathOfPage({ indexDocument, defaultIndexDocument }: StaticWebsite, path: string): string {
  if (!path.endsWith("/")) return path;
  if (path === "/" && defaultIndexDocument !== null) return `/${encodePath(defaultIndexDocument)}`;
  return indexDocument === null ? path : `${path}${encodePath(indexDocument)}`;
}

function encodePath(name: string): string {
  return name.split("/").map(encodeURIComponent).join("/");
}

type Place = {
  readonly cloud: Cloud;
  readonly engine: BlobStore;
  readonly exchange: Exchange;
  readonly account: StorageAccount;
};

/** Reads a page as the Blob service reads a blob. @throws StorageError. */
async function readPage(place: Place, path: string, headers: RequestHeaders): Promise<Answer> {
  const target = parseTarget(`/${encodeURIComponent(container)}${path}`, "");
  if (target.level !== "blob") throw new StorageError("WebContentNotFound");
  const { cloud, engine, exchange, account } = place;
  const call: BlobCall = {
    exchange,
    target,
    query: target.query,
    headers,
    account,
    isSecondary: false,
    version: defaultVersion,
    mustBeNew: false,
    body: null,
    engine,
    cloud,
    principalId: null,
    admission: { way: "none" },
    ways: { verifier: cloud.verifier, tenantId: cloud.model.tenant.tenantId, isAudience: () => false },
    readRow,
    answerPart: () => Promise.reject(new StorageError("InvalidInput")),
  };
  return exchange.request.method === "HEAD" ? getBlobProperties(call) : getBlob(call);
}
