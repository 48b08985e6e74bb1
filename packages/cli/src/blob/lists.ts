/**
 * Lists of blobs and containers, over all their pages. May use: this folder.
 * @see https://learn.microsoft.com/rest/api/storageservices/list-blobs
 */
import { failure } from "../faults.ts";
import { readBody } from "../http/transport.ts";
import type { AccountAccess } from "./account-access.ts";
import { type Element, find, parseXml, textAt } from "./xml.ts";

/** The service gives no more at once. */
const MAX_PAGE_SIZE = 5000;

export interface ListRequest {
  /** undefined: the account's containers. */
  readonly container: string | undefined;
  readonly prefix?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly include?: string | undefined;
  readonly marker?: string | undefined;
  /** undefined: as many as there are. */
  readonly most?: number | undefined;
}

export interface Listed {
  /** `<Blob>`, `<BlobPrefix>` and `<Container>` elements, as they came. */
  readonly items: readonly Element[];
  /** Where the list goes on; undefined at its end. */
  readonly marker: string | undefined;
}

export async function listAll(access: AccountAccess, request: ListRequest): Promise<Listed> {
  const items: Element[] = [];
  let marker = request.marker;
  do {
    const left = request.most === undefined ? MAX_PAGE_SIZE : Math.min(MAX_PAGE_SIZE, request.most - items.length);
    const page = await readPage(access, request, marker, left);
    items.push(...page.items);
    marker = page.marker;
  } while (marker !== undefined && (request.most === undefined || items.length < request.most));
  return { items, marker };
}

async function readPage(
  access: AccountAccess,
  request: ListRequest,
  marker: string | undefined,
  size: number,
): Promise<Listed> {
  const answer = await access.send({
    method: "GET",
    path: request.container === undefined ? [] : [request.container],
    query: {
      comp: "list",
      ...(request.container === undefined ? {} : { restype: "container" }),
      prefix: request.prefix,
      delimiter: request.delimiter,
      include: request.include,
      marker,
      maxresults: String(size),
    },
  });
  const document = parseXml(await readBody(answer));
  const items = find(document, request.container === undefined ? "Containers" : "Blobs")?.children;
  if (items === undefined) throw failure(`${access.publicUrl} answered a list that cannot be read.`);
  return { items, marker: textAt(document, "NextMarker") || undefined };
}
