/** Pages of List Blobs. @see https://learn.microsoft.com/rest/api/storageservices/list-blobs */
import { requireContainer } from "./container-handlers.ts";
import type { Awaitable } from "./engine/blob-store.ts";
import type { BlobListing } from "./engine/listing-walk.ts";
import type { ContainerKey, ListedItem } from "./engine/metadata-reader.ts";
import type { ContainerName } from "./engine/model.ts";
import { echo, finishPage, GrowingPage, markerOf, serviceEndpoint } from "./list-page.ts";
import { ItemWriter } from "./listed-blob.ts";
import type { Answer, ContainerCall } from "./operation-row.ts";
import { featuresOf } from "./service-versions.ts";
import { whenThere } from "./when-there.ts";
import { escapeXml, nameWriterOf } from "./xml.ts";

/**
 * Items of one slice of a listing by folders: each folder is a look-up of its own, which costs some five times as much as a name. Our choice, by
 * measurement: 2 ms, as a slice of names.
 */
const maxFolderSliceItems = 100;

/** What a request asks of a listing, whichever page. */
export type PageAsked = {
  readonly call: ContainerCall;
  readonly name: ContainerName;
  readonly include: ReadonlySet<string>;
  readonly listing: Omit<BlobListing, "from" | "limit">;
  readonly size: number;
  readonly isShown: (item: ListedItem) => boolean;
};

/** A page as it is made. */
export class BlobPage {
  readonly #asked: PageAsked;
  readonly #page: GrowingPage<ListedItem>;
  #writer: ItemWriter;

  /** @param marker as the request has it, or the next one will. */
  constructor(asked: PageAsked, marker: string | undefined, from: string) {
    const { call, name, listing, size } = asked;
    this.#asked = asked;
    const container = escapeXml(name.container);
    this.#page = new GrowingPage(
      `<EnumerationResults ServiceEndpoint="${serviceEndpoint(call)}" ContainerName="${container}">${echo(call, marker)}<Blobs>`,
      (next, most) => {
        const limit = listing.delimiter === "" ? most : Math.min(most, maxFolderSliceItems);
        // Looked up for each slice: it may be deleted and made again between two.
        return whenThere(requireContainer(call.engine, name), (container) =>
          call.engine.listBlobs(container, { ...listing, from: next, limit }),
        );
      },
      from,
      size,
    );
    this.#writer = writerOf(asked);
  }

  get isWhole(): boolean {
    return this.#page.isWhole;
  }

  get isTimeless(): boolean {
    return this.#writer.isTimeless;
  }

  get sizeBytes(): number {
    return this.#page.sizeBytes;
  }

  get next(): string | undefined {
    return this.#page.next;
  }

  grow(): Awaitable<void> {
    const { isShown } = this.#asked;
    return this.#page.grow((item) => (isShown(item) ? this.#writer.render(item) : ""));
  }

  /** What is still to come is written as of now. */
  resume(): void {
    this.#writer = writerOf(this.#asked);
  }

  answer(): Answer {
    return this.#page.answer("</Blobs>");
  }
}

function writerOf({ call: { version, engine }, include }: PageAsked): ItemWriter {
  const shown = { include, nowMs: engine.nowMs, features: featuresOf(version), writeName: nameWriterOf(version) };
  return new ItemWriter(shown);
}

/** All that a page follows from besides the rows, as one text. */
function questionOf({ query, version, exchange }: ContainerCall, { id }: ContainerKey, marker: string): string {
  const parameters = [...query].filter(([name]) => name !== "marker").sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([id, version, exchange.origin, exchange.prefix, marker, parameters]);
}

/** Answers with a page, and has the next one read when the client is walking. */
export async function takeBlobPage(asked: PageAsked, container: ContainerKey, from: string): Promise<Answer> {
  const { call, listing } = asked;
  const { pagesAhead } = call;
  const marker = call.query.get("marker");
  const question = questionOf(call, container, marker ?? "");
  const ready = pagesAhead?.take(question);
  ready?.resume();
  const page = ready ?? new BlobPage(asked, marker, from);
  await finishPage(page, () => page.grow());
  const { next } = page;
  // What is shown of the past goes by the time, too.
  if (next !== undefined && listing.past === undefined) {
    const nextMarker = markerOf(next);
    pagesAhead?.follow(call.exchange, question, {
      question: questionOf(call, container, nextMarker),
      begin: () => new BlobPage(asked, nextMarker, next),
    });
  }
  return page.answer();
}
