/**
 * Blobs that were read, to be read again without a look at their rows; whoever changes anything clears them.
 *
 * Owns: their bound. Two maps, for a key of container and name would have to be put together for each read.
 */
import type { BlobView } from "./engine-writes.ts";

/** Blobs remembered between requests, and the size of the list of what they consist of, in bytes. Our choice: together some MiB at most. */
const maxViews = 1000;
const maxContentBytes = 1024;

export class RememberedViews {
  readonly #byContainer = new Map<number, Map<string, BlobView>>();
  #count = 0;

  find(containerId: number, blob: string): BlobView | undefined {
    return this.#byContainer.get(containerId)?.get(blob);
  }

  /** Keeps a view that is not there yet, if it is small. */
  keep(containerId: number, view: BlobView): void {
    if (view.content.bytes.length > maxContentBytes) return;
    if (this.#count >= maxViews) this.clear();
    let views = this.#byContainer.get(containerId);
    if (views === undefined) {
      views = new Map();
      this.#byContainer.set(containerId, views);
    }
    // The row's own text: the request's is a part of its URL, and would keep all of it in memory.
    views.set(view.record.name, view);
    this.#count += 1;
  }

  clear(): void {
    if (this.#count === 0) return;
    this.#byContainer.clear();
    this.#count = 0;
  }
}
