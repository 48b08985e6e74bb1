/**
 * Blob storage with the person's own token: containers, blobs, and their bytes.
 *
 * Asked by XMLHttpRequest, because it tells how far an upload is, and reads XML without text that a page's policy would have to trust. Accounts
 * stand at the beginning of the path, on this page's own origin.
 * @see https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api
 */
import { tokenFor } from "../session/session.ts";
import { ApiError, errorOf, type Page } from "./http.ts";

/** Azure's version whose lists write names that XML cannot hold percent-encoded. */
const version = "2023-11-03";

type BlobAsk = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Blob | string;
  readonly as?: "document" | "blob";
  /** How many bytes of the body have left. */
  readonly onProgress?: (sentBytes: number) => void;
  readonly signal?: AbortSignal;
};

/** @throws ApiError as `send` of http.ts does. */
async function sendBlob(target: string, ask: BlobAsk = {}): Promise<XMLHttpRequest> {
  const first = await sendOnce(target, await tokenFor("storage"), ask);
  // A token that was good when it was taken may have ended or been revoked.
  const done = first.status === 401 ? await sendOnce(target, await tokenFor("storage", ""), ask) : first;
  if (done.status < 400) return done;
  throw errorOf(done.status, done.statusText, (name) => done.getResponseHeader(name), await bodyTextOf(done));
}

function sendOnce(target: string, token: string, ask: BlobAsk): Promise<XMLHttpRequest> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(ask.method ?? "GET", target);
    request.responseType = ask.as ?? "text";
    // Whatever the answer calls itself: a list is read as XML, in which nothing runs.
    if (ask.as === "document") request.overrideMimeType("application/xml");
    const headers = { authorization: `Bearer ${token}`, "x-ms-version": version, ...ask.headers };
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => ask.onProgress?.(loaded);
    request.onload = () => resolve(request);
    request.onerror = () =>
      reject(new ApiError(0, "ServerUnreachable", "The server did not answer. Is Postern still running?", ""));
    request.onabort = () => reject(new DOMException("Cancelled", "AbortError"));
    ask.signal?.addEventListener("abort", () => request.abort(), { once: true });
    if (ask.signal?.aborted === true) request.onabort(new ProgressEvent("abort"));
    else request.send(ask.body ?? null);
  });
}

function bodyTextOf(request: XMLHttpRequest): Promise<string> | string {
  if (request.responseType === "blob") return (request.response as Blob | null)?.text() ?? "";
  if (request.responseType !== "document") return request.responseText;
  const { responseXML } = request;
  return responseXML === null ? "" : new XMLSerializer().serializeToString(responseXML);
}

function containerPath(account: string, container: string): string {
  return `/${encodeURIComponent(account)}/${encodeURIComponent(container)}`;
}

/** Slashes of the name are escaped too: nothing on the way may take a name's `..` for a step upwards. */
function blobPath(account: string, container: string, blob: string): string {
  return `${containerPath(account, container)}/${encodeURIComponent(blob)}`;
}

function textOf(element: Element, name: string): string {
  return element.getElementsByTagName(name)[0]?.textContent ?? "";
}

function nameOf(element: Element): string {
  const name = element.getElementsByTagName("Name")[0];
  const text = name?.textContent ?? "";
  return name?.getAttribute("Encoded") === "true" ? decodeURIComponent(text) : text;
}

export type PublicAccess = "none" | "blob" | "container";

export type Container = {
  readonly name: string;
  readonly lastModified: string;
  readonly publicAccess: PublicAccess;
  readonly leaseState: string;
};

/** Rows asked for at once; the list grows as it is scrolled. */
const rowsAtOnce = 500;

async function readList<Item>(
  target: string,
  marker: string | undefined,
  read: (root: Document) => Item[],
): Promise<Page<Item>> {
  const next = marker === undefined ? "" : `&marker=${encodeURIComponent(marker)}`;
  const { responseXML } = await sendBlob(`${target}&maxresults=${rowsAtOnce}${next}`, { as: "document" });
  if (responseXML === null) throw new ApiError(0, "UnreadableAnswer", "The list could not be read.", "");
  const nextMarker = textOf(responseXML.documentElement, "NextMarker");
  return { items: read(responseXML), nextLink: nextMarker === "" ? undefined : nextMarker };
}

/** @param marker the `nextLink` of the page before. */
export function listContainers(account: string, marker: string | undefined): Promise<Page<Container>> {
  return readList(`/${encodeURIComponent(account)}/?comp=list`, marker, (root) =>
    [...root.getElementsByTagName("Container")].map((element) => ({
      name: nameOf(element),
      lastModified: textOf(element, "Last-Modified"),
      publicAccess: (textOf(element, "PublicAccess") || "none") as PublicAccess,
      leaseState: textOf(element, "LeaseState"),
    })),
  );
}

export async function createContainer(account: string, container: string, level: PublicAccess): Promise<void> {
  const headers = level === "none" ? {} : { "x-ms-blob-public-access": level };
  await sendBlob(`${containerPath(account, container)}?restype=container`, { method: "PUT", headers });
}

export async function deleteContainer(account: string, container: string): Promise<void> {
  await sendBlob(`${containerPath(account, container)}?restype=container`, { method: "DELETE" });
}

export type BlobRow = {
  readonly kind: "blob" | "folder";
  /** The whole name; a folder's ends with a slash. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly lastModified: string;
  readonly contentType: string;
};

/** What stands directly below a prefix: folders are what slashes in names make. */
export function listBlobs(
  account: string,
  container: string,
  prefix: string,
  marker: string | undefined,
): Promise<Page<BlobRow>> {
  const query = `restype=container&comp=list&delimiter=%2F&prefix=${encodeURIComponent(prefix)}`;
  return readList(`${containerPath(account, container)}?${query}`, marker, (root) => {
    const folders = [...root.getElementsByTagName("BlobPrefix")].map(
      (element): BlobRow => ({
        kind: "folder",
        name: nameOf(element),
        sizeBytes: 0,
        lastModified: "",
        contentType: "",
      }),
    );
    const blobs = [...root.getElementsByTagName("Blob")].map(
      (element): BlobRow => ({
        kind: "blob",
        name: nameOf(element),
        sizeBytes: Number(textOf(element, "Content-Length")),
        lastModified: textOf(element, "Last-Modified"),
        contentType: textOf(element, "Content-Type"),
      }),
    );
    return [...folders, ...blobs];
  });
}

export type BlobProperties = readonly (readonly [name: string, value: string])[];

/** The headers of a blob that tell about it, in the order they came. */
export async function getBlobProperties(account: string, container: string, blob: string): Promise<BlobProperties> {
  const request = await sendBlob(blobPath(account, container, blob), { method: "HEAD" });
  const lines = request.getAllResponseHeaders().trim().split("\r\n");
  return lines.flatMap((line) => {
    const cut = line.indexOf(": ");
    const name = line.slice(0, cut).toLowerCase();
    return cut < 0 || !/^(?:x-ms-(?!request-id|version$|client)|content-(?!security)|etag|last-modified)/.test(name)
      ? []
      : [[name, line.slice(cut + 2)] as const];
  });
}

export async function deleteBlob(account: string, container: string, blob: string): Promise<void> {
  await sendBlob(blobPath(account, container, blob), { method: "DELETE" });
}

export async function downloadBlob(account: string, container: string, blob: string): Promise<Blob> {
  const request = await sendBlob(blobPath(account, container, blob), { as: "blob" });
  return request.response as Blob;
}

/** From this size on a file goes up in blocks, in bytes: what one lost connection costs. Our choice. */
const blockSizeBytes = 4 * 1024 * 1024;
/** @see https://learn.microsoft.com/rest/api/storageservices/put-block-list#remarks */
const maxBlocks = 50_000;

export type Upload = {
  readonly account: string;
  readonly container: string;
  readonly blob: string;
  readonly file: File;
  /** Without it a blob of that name is left as it is. */
  readonly isOverwriting: boolean;
  readonly onProgress: (sentBytes: number) => void;
  readonly signal: AbortSignal;
};

/** Puts a file into a blob: at once, or in blocks that are listed when all are there. */
export async function uploadBlob(upload: Upload): Promise<void> {
  const { file, signal, onProgress } = upload;
  const target = blobPath(upload.account, upload.container, upload.blob);
  const headers = {
    "x-ms-blob-content-type": file.type || "application/octet-stream",
    ...(upload.isOverwriting ? {} : { "if-none-match": "*" }),
  };
  if (file.size <= blockSizeBytes) {
    const put = { ...headers, "x-ms-blob-type": "BlockBlob" };
    await sendBlob(target, { method: "PUT", headers: put, body: file, onProgress, signal });
    return;
  }
  const sizeBytes = Math.max(blockSizeBytes, Math.ceil(file.size / maxBlocks));
  const ids: string[] = [];
  for (let start = 0; start < file.size; start += sizeBytes) {
    const id = btoa(String(ids.length).padStart(6, "0"));
    const part = file.slice(start, start + sizeBytes);
    const report = (sentBytes: number) => onProgress(start + sentBytes);
    await sendBlob(`${target}?comp=block&blockid=${encodeURIComponent(id)}`, {
      method: "PUT",
      body: part,
      onProgress: report,
      signal,
    });
    ids.push(id);
  }
  const list = `<?xml version="1.0" encoding="utf-8"?><BlockList>${ids.map((id) => `<Latest>${id}</Latest>`).join("")}</BlockList>`;
  await sendBlob(`${target}?comp=blocklist`, { method: "PUT", headers, body: list, signal });
}
