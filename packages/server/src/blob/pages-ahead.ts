/**
 * Pages of listings that are read before they are asked for, as disks do: whoever asks for a page by the marker of the page before is walking, and while that
 * client reads its page, the next is read here.
 *
 * Owns: at most one such page in the whole server, for a second. It is given out only for a request that asks the very same question, after everything about
 * that request was judged as ever, and only while nothing at all has been changed in the store since it was begun: then it is what would be read now, byte for
 * byte. Nothing is read ahead while others ask, for clients that ask for the same page again, or where rows may change without our knowing.
 * Decision: docs/decisions/0042-pages-read-ahead.md
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Exchange } from "../wire/exchange.ts";
import type { BlobPage } from "./blob-page.ts";
import type { BlobStore } from "./engine/blob-store.ts";

/** How long a page is kept for whoever is walking, in milliseconds. Our choice: programs that take longer for a page do not wait for us. */
const maxKeptMs = 1000;
/** Size of a page that is kept, in bytes. Our choice: a full page of 5,000 blobs has 3.4 million. */
const maxPageBytes = 4 * 1024 * 1024;
/** Walks whose next question is known. Our choice. */
const maxWalks = 4;
/** Pages read in vain, one after the other, until it is left alone for some pages. Our choice. */
const maxWasted = 3;
const pagesOfRest = 64;

type PageAhead = {
  readonly question: string;
  /** The store's when it was begun. */
  readonly changeMark: number;
  readonly page: BlobPage;
  readonly expiry: NodeJS.Timeout;
};

/** What a walk goes on with. */
export type NextPage = { readonly question: string; readonly begin: () => BlobPage };

export class PagesAhead {
  readonly #engine: Pick<BlobStore, "changeMark">;
  /** What those who walk are going to ask. */
  #expected: string[] = [];
  #ahead: PageAhead | undefined;
  #arrivals = 0;
  #wasted = 0;
  #restingPages = 0;

  constructor(engine: Pick<BlobStore, "changeMark">) {
    this.#engine = engine;
  }

  /** To be told of every request. */
  noteArrival(): void {
    this.#arrivals += 1;
  }

  /** What there is of the page that is asked for, if it is still what would be read now; it is given out once. */
  take(question: string): BlobPage | undefined {
    const ahead = this.#ahead;
    if (ahead === undefined) return undefined;
    if (ahead.question !== question) {
      if (!this.#isValid(ahead)) this.#drop(ahead, true);
      return undefined;
    }
    const isGood = this.#isValid(ahead);
    this.#drop(ahead, !isGood);
    return isGood ? ahead.page : undefined;
  }

  /** After an answer to a question: when it is out, the page after it is read, if the client is walking and alone. */
  follow({ response }: Exchange, question: string, next: NextPage): void {
    if (this.#engine.changeMark === undefined) return;
    const place = this.#expected.indexOf(question);
    if (place >= 0) this.#expected.splice(place, 1);
    this.#expected = [...this.#expected.slice(1 - maxWalks), next.question];
    if (place < 0) return;
    if (this.#restingPages > 0) {
      this.#restingPages -= 1;
      return;
    }
    const arrivals = this.#arrivals;
    response.once("close", () => {
      if (!response.writableFinished) return;
      void this.#read(next, arrivals);
    });
  }

  async #read({ question, begin }: NextPage, arrivals: number): Promise<void> {
    const { changeMark } = this.#engine;
    if (changeMark === undefined || this.#arrivals !== arrivals) return;
    // A walk that was left off must not keep the next one waiting until its page expires.
    if (this.#ahead !== undefined) this.#drop(this.#ahead, true);
    const expiry = setTimeout(() => this.#drop(ahead, true), maxKeptMs).unref();
    const ahead = { question, changeMark, page: begin(), expiry };
    this.#ahead = ahead;
    const { page } = ahead;
    try {
      while (!page.isWhole) {
        await nextTurn();
        // Whoever asks has the turn; if it is this page that is asked for, it goes on with what is there.
        if (this.#arrivals !== arrivals || this.#ahead !== ahead) return;
        await page.grow();
        if (!this.#isValid(ahead)) return this.#drop(ahead, true);
      }
    } catch {
      // Whoever asks for the page is told.
      this.#drop(ahead, true);
    }
  }

  #isValid({ changeMark, page }: PageAhead): boolean {
    return changeMark === this.#engine.changeMark && page.isTimeless && page.sizeBytes <= maxPageBytes;
  }

  #drop(ahead: PageAhead, isWasted: boolean): void {
    if (this.#ahead !== ahead) return;
    clearTimeout(ahead.expiry);
    this.#ahead = undefined;
    this.#wasted = isWasted ? this.#wasted + 1 : 0;
    if (this.#wasted < maxWasted) return;
    this.#wasted = maxWasted - 1;
    this.#restingPages = pagesOfRest;
  }
}
