/** Pages of List Blobs. @see https://learn.microsoft.com/rest/api/storageservices/list-blobs */
import { requireContainer } from "./container-handlers.ts";
import type { Awaitable } from "./engine/blob-store.ts";
import type { BlobListing } from "./engine/listing-walk.ts";
import type { ListedItem } from "./engine/metadata-reader.ts";
import type { ContainerName } from "./engine/model.ts";
import { echo, finishPage, GrowingPage, serviceEndpoint } from "./list-page.ts";
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
  readonly #writer: ItemWriter;

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

  grow(): Awaitable<void> {
    const { isShown } = this.#asked;
    return this.#page.grow((item) => (isShown(item) ? this.#writer.render(item) : ""));
  }

  answer(): Answer {
    return this.#page.answer("</Blobs>");
  }
}

function writerOf({ call: { version, engine }, include }: PageAsked): ItemWriter {
  const shown = { include, nowMs: engine.nowMs, features: featuresOf(version), writeName: nameWriterOf(version) };
  return new ItemWriter(shown);
}

/** Answers with a page. */
export async function takeBlobPage(asked: PageAsked, from: string): Promise<Answer> {
  const page = new BlobPage(asked, asked.call.query.get("marker"), from);
  await finishPage(page, () => page.grow());
  return page.answer();
}
