/**
 * A run counts once for each span that refers to it, so an extent in which several rows share data counts for more than it holds, and one that counts for
 * nothing holds nothing.
 *
 * Keeps, per extent, how much of it metadata refers to and where the last of that ends: the first says what compaction may win back, the second
 * lets a start tell a torn extent by its size alone.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { Content, holeExtent } from "./content.ts";
import { framedBytes } from "./extent-format.ts";

type Delta = { liveBytes: number; endBytes: number };

export class ExtentLedger {
  readonly #write: StatementSync;
  readonly #read: StatementSync;
  readonly #forget: StatementSync;
  readonly #deltas = new Map<number, Delta>();

  constructor(database: DatabaseSync) {
    this.#read = database.prepare("SELECT live_bytes FROM extents WHERE id = ?");
    this.#forget = database.prepare("DELETE FROM extents WHERE id = ?");
    this.#write = database.prepare(
      `INSERT INTO extents (id, live_bytes, end_bytes) VALUES (?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET live_bytes = live_bytes + excluded.live_bytes, end_bytes = max(end_bytes, excluded.end_bytes)`,
    );
  }

  /** Notes that a row refers to this content. @param content as content.ts encodes it. */
  add(content: Uint8Array): void {
    for (const { extentId, offset, runBytes } of new Content(content).spans()) {
      if (extentId === holeExtent) continue;
      const framed = framedBytes(runBytes);
      const delta = this.#deltaOf(extentId);
      delta.liveBytes += framed;
      delta.endBytes = Math.max(delta.endBytes, offset + framed);
    }
  }

  /** Notes that a row refers to it no more. */
  remove(content: Uint8Array): void {
    for (const { extentId, runBytes } of new Content(content).spans()) {
      if (extentId !== holeExtent) this.#deltaOf(extentId).liveBytes -= framedBytes(runBytes);
    }
  }

  /** What rows refer to in an extent, in bytes, with what this transaction changed; undefined for an extent that none ever referred to. */
  liveBytesOf(extentId: number): number | undefined {
    const row = this.#read.get(extentId) as { live_bytes: number } | undefined;
    const delta = this.#deltas.get(extentId)?.liveBytes;
    return row === undefined ? delta : row.live_bytes + (delta ?? 0);
  }

  /** Forgets an extent that nothing refers to. */
  forgetExtent(extentId: number): void {
    this.#deltas.delete(extentId);
    this.#forget.run(extentId);
  }

  /** Whether every extent of a content is there: one that was forgotten is not. */
  holds(content: Uint8Array): boolean {
    for (const { extentId } of new Content(content).spans()) {
      if (extentId !== holeExtent && this.liveBytesOf(extentId) === undefined) return false;
    }
    return true;
  }

  #deltaOf(extentId: number): Delta {
    let delta = this.#deltas.get(extentId);
    if (delta === undefined) {
      delta = { liveBytes: 0, endBytes: 0 };
      this.#deltas.set(extentId, delta);
    }
    return delta;
  }

  /** Writes what was noted, within the transaction that changes the rows. */
  flush(): void {
    for (const [id, { liveBytes, endBytes }] of this.#deltas) this.#write.run(id, liveBytes, endBytes);
    this.#deltas.clear();
  }

  /** Drops what was noted: the transaction failed. */
  forget(): void {
    this.#deltas.clear();
  }
}
