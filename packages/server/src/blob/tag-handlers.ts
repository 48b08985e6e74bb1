/** Blob index tags: get, set, find. */

import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { readMoment } from "./blob-moment.ts";
import { findBlob } from "./blob-read-handlers.ts";
import { blobName } from "./blob-write-handlers.ts";
import { refuseConditions, writeConditions } from "./condition-headers.ts";
import { containerName, requireContainer } from "./container-handlers.ts";
import { Crc64 } from "./engine/crc64.ts";
import type { BlobRecord } from "./engine/model.ts";
import type { TagComparison } from "./engine/tag-expression.ts";
import type { FoundBlobs, TagPosition } from "./engine/tag-finder.ts";
import { invalidQuery } from "./errors.ts";
import { readPageSize, serviceEndpoint } from "./list-page.ts";
import type { AccountCall, Answer, BlobCall, Call, ContainerCall } from "./operation-row.ts";
import { checkSums, readExpectedSums } from "./request-body.ts";
import { retentionOf } from "./retention.ts";
import { parseTags, readTagSearch, renderTags } from "./tags.ts";
import type { Query } from "./target.ts";
import { element, escapeXml, nameWriterOf, xmlDeclaration } from "./xml.ts";

/** Containers looked into before others get their turn. Our choice: about a millisecond. */
const containersPerTurn = 100;

/** @see https://learn.microsoft.com/rest/api/storageservices/get-blob-tags */
export async function getBlobTags(call: BlobCall): Promise<Answer> {
  const { tags } = await findBlob(call);
  return { status: 200, headers: { "Content-Type": "application/xml" }, body: `${xmlDeclaration}${renderTags(tags)}` };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/set-blob-tags */
export async function setBlobTags(call: BlobCall): Promise<Answer> {
  const { headers, engine } = call;
  const body = call.body!;
  checkSums(readExpectedSums(headers), {
    md5: createHash("md5").update(body).digest(),
    crc64: new Crc64().update(body).digest(),
  });
  const tags = parseTags(body);
  const change = { conditions: writeConditions(headers), retention: retentionOf(call) };
  await engine.setBlobTags(blobName(call), tags, readMoment(call.query), change);
  return { status: 204, headers: {} };
}

/** Where the next page of a search begins: a container, and a place in its index. */
type Place = { readonly container: string; readonly position: TagPosition | undefined };

function encodePlace({ container, position }: Place): string {
  return `2!${Buffer.from(JSON.stringify([container, position?.value, position?.name])).toString("base64url")}`;
}

/** @throws StorageError for a marker that this server did not make. */
function decodePlace(query: Query): Place {
  const marker = query.get("marker") ?? "";
  if (marker === "") return { container: "", position: undefined };
  try {
    const [container, value, name] = JSON.parse(Buffer.from(marker.slice(2), "base64url").toString()) as string[];
    const place = { container: container!, position: value === undefined ? undefined : { value, name: name! } };
    if (typeof container === "string" && encodePlace(place) === marker) return place;
  } catch {
    // Not ours, as below.
  }
  throw invalidQuery("marker", marker, "The marker is not one of a search's.");
}

type Search = {
  readonly comparisons: readonly TagComparison[];
  /** The one container that is searched; null for all. */
  readonly only: string | null;
  readonly size: number;
};

async function findPage(
  call: Call,
  search: Search,
  from: Place,
): Promise<{ items: string[]; next: Place | undefined }> {
  const { engine, account } = call;
  const items: string[] = [];
  let place: Place | undefined = from;
  for (let turn = 1; place !== undefined; turn++) {
    const name: string | undefined =
      search.only ?? (await engine.listContainers(account.name, "", place.container, 1)).items[0]?.name;
    if (name === undefined) return { items, next: undefined };
    const container = await engine.findContainer({ account: account.name, container: name });
    const position: TagPosition | undefined = name === place.container ? place.position : undefined;
    const slice: FoundBlobs | undefined =
      container && (await engine.findByTags(container, search.comparisons, position, search.size - items.length));
    items.push(...(slice?.items ?? []).map((record) => renderFound(name, record, search.comparisons, call.version)));
    if (slice?.next !== undefined) place = { container: name, position: slice.next };
    else place = search.only === null ? { container: `${name}\u0000`, position: undefined } : undefined;
    if (items.length === search.size) return { items, next: place };
    if (slice?.next !== undefined || turn % containersPerTurn === 0) await nextTurn();
  }
  return { items, next: undefined };
}

/** Of a blob's tags, those that were searched by. */
function renderFound(
  container: string,
  record: BlobRecord,
  comparisons: readonly TagComparison[],
  version: string,
): string {
  const keys = new Set(comparisons.map(({ key }) => key));
  const tags = renderTags(record.tags.filter(([key]) => keys.has(key)));
  return `<Blob>${nameWriterOf(version)("Name", record.name)}${element("ContainerName", container)}${tags}</Blob>`;
}

async function answerSearch(call: Call, only: string | null): Promise<Answer> {
  const { query } = call;
  refuseConditions(call.headers);
  const where = query.get("where");
  const { comparisons, container } = readTagSearch(where);
  if (container !== null && only !== null && container !== only) {
    throw invalidQuery("where", where!, "The search names another container than the request.");
  }
  const size = readPageSize(query);
  const { items, next } = await findPage(call, { comparisons, only: only ?? container, size }, decodePlace(query));
  const body = [
    `${xmlDeclaration}<EnumerationResults ServiceEndpoint="${serviceEndpoint(call)}"`,
    only === null ? ">" : ` ContainerName="${escapeXml(only)}">`,
    element("Where", where!),
    `<Blobs>${items.join("")}</Blobs>`,
    element("NextMarker", next === undefined ? "" : encodePlace(next)),
    "</EnumerationResults>",
  ].join("");
  return { status: 200, headers: { "Content-Type": "application/xml" }, body: Buffer.from(body) };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/find-blobs-by-tags */
export function findBlobsByTags(call: AccountCall): Promise<Answer> {
  return answerSearch(call, null);
}

/** @see https://learn.microsoft.com/rest/api/storageservices/find-blobs-by-tags-container */
export async function findContainerBlobsByTags(call: ContainerCall): Promise<Answer> {
  await requireContainer(call.engine, containerName(call));
  return answerSearch(call, call.target.container);
}
