/**
 * Checks a store: every row, every extent, every record that a row refers to, and what is counted and indexed of them. Reads only.
 *
 * Owns: what is compared with what, and what is said of it. May use: the engine's formats, node:fs. Rows come through {@link StoredRows}.
 * Two passes over the rows at most: one that notes which runs are referred to, and, when some of those are damaged, one that says whose they are.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Content } from "../engine/content.ts";
import { fileHeaderBytes } from "../engine/extent-format.ts";
import type { BlobState } from "../engine/model.ts";
import { decodeState, decodeTags } from "../engine/row-format.ts";
import { scanExtent } from "./extent-scan.ts";
import { type Finding, Findings, type RowName, type StoreReport } from "./report.ts";
import { ExtentRuns, findContradiction, keyOf, RunMap } from "./run-map.ts";
import type { ExtentCount, StoredRow, StoredRows } from "./stored-rows.ts";

/** Rows looked at before others get their turn. Our choice: some milliseconds. */
const rowsPerTurn = 500;

const filePattern = /^(\d{8,10})-(small|large)\.extent$/;

const remedies = {
  metadata: "Restore the newest backup that is whole (postern restore): what the metadata says cannot be relied on.",
  row: "Delete the blob or write it again; else restore a backup.",
  orphan: "Nothing that anyone can name is lost. Restore a backup if it was not expected.",
  index: "Set the blob's tags, or write the blob, once more: that writes its index anew.",
  blocks: "Commit or drop the name's uncommitted blocks (Put Block List, or Put Blob).",
  count:
    "Space may be given back that is in use. Stop the cloud and have it counted anew: postern storage check --recount.",
  version: "Restore a backup: ETags and versions might come twice.",
  extent: "Put the file back from a backup while the cloud is stopped; what it holds is named below.",
} as const;

const unreadable = "the row cannot be read";

/** Which runs are damaged, by extent and by their key; every run of an extent that is gone. */
type Damage = Map<number, ReadonlyMap<string, string> | "all">;

/** What is said of metadata that cannot be read. */
export function metadataDamage(detail: string): Finding {
  return { kind: "metadata-damaged", detail, remedy: remedies.metadata };
}

class StoreCheck {
  readonly #rows: StoredRows;
  readonly #directory: string;
  readonly #findings = new Findings();
  readonly #runs = new RunMap();
  readonly #damage: Damage = new Map();
  readonly #totals = { blobCount: 0, pastCount: 0, blockCount: 0, checkedBytes: 0, unusedBytes: 0, extentCount: 0 };
  readonly #indexed = { tags: 0, endings: 0 };

  constructor(rows: StoredRows, directory: string) {
    this.#rows = rows;
    this.#directory = directory;
  }

  async run(): Promise<StoreReport> {
    for (const detail of this.#rows.integrity()) this.#findings.add(metadataDamage(detail));
    await this.#eachRow((row) => this.#checkRow(row));
    this.#checkIndexes();
    await this.#checkExtents();
    this.#checkCounts();
    if (this.#damage.size > 0) await this.#eachRow((row) => this.#nameDamage(row));
    const { count, named } = this.#findings;
    const found = { findingCount: count, findings: named };
    return { isSound: count === 0, containerCount: this.#rows.containerCount(), ...this.#totals, ...found };
  }

  async #eachRow(look: (row: StoredRow) => void): Promise<void> {
    let count = 0;
    for (const row of this.#rows.rows()) {
      look(row);
      count += 1;
      if (count % rowsPerTurn === 0) await nextTurn();
    }
  }

  #nameOf({ containerId, name, state }: StoredRow): RowName {
    const { account, container } = this.#rows.place(containerId) ?? { account: "", container: `(id ${containerId})` };
    return { account, container, blob: name, state };
  }

  #checkRow(row: StoredRow): void {
    if (row.columns === null) this.#totals.blockCount += 1;
    else if (row.isPresent) this.#totals.blobCount += 1;
    else this.#totals.pastCount += 1;
    if (this.#rows.place(row.containerId) === undefined) {
      const detail = "the row belongs to no container";
      this.#findings.add({ kind: "row-orphaned", detail, remedy: remedies.orphan, row: this.#nameOf(row) });
    }
    const fault = this.#readRow(row);
    if (fault !== undefined) {
      this.#findings.add({ kind: "row-damaged", detail: fault, remedy: remedies.row, row: this.#nameOf(row) });
    }
  }

  /** @returns what is wrong with the row itself. */
  #readRow(row: StoredRow): string | undefined {
    try {
      const content = new Content(row.content);
      const contradiction = findContradiction(content, row.sizeBytes);
      if (contradiction !== undefined) return contradiction;
      this.#runs.add(content);
    } catch {
      return "the list of what the blob consists of cannot be read";
    }
    try {
      for (const text of row.columns?.texts ?? []) if (text !== "") JSON.parse(text);
      if (row.isPresent) this.#checkIndexed(row);
    } catch {
      return "properties, metadata or tags cannot be read";
    }
    return undefined;
  }

  #checkIndexed(row: StoredRow): void {
    const { containerId, name } = row;
    const missing: string[] = [];
    for (const [key, value] of decodeTags(row.columns!.tags)) {
      this.#indexed.tags += 1;
      if (!this.#rows.hasTag(containerId, key, value, name)) missing.push("tag");
    }
    const { expiresMs } = decodeState<BlobState>(row.columns!.state);
    if (expiresMs !== undefined) {
      this.#indexed.endings += 1;
      if (!this.#rows.hasEnding(expiresMs, containerId, name)) missing.push("end");
    }
    if (missing.length === 0) return;
    const detail = `the blob is not in the index of ${missing.includes("tag") ? "tags" : "ends"}`;
    this.#findings.add({ kind: "index-wrong", detail, remedy: remedies.index, row: this.#nameOf(row) });
  }

  #checkIndexes(): void {
    const { tags, endings } = this.#rows.indexSize();
    const add = (detail: string) => this.#findings.add({ kind: "index-wrong", detail, remedy: remedies.index });
    if (tags > this.#indexed.tags) add(`the index of tags has ${tags - this.#indexed.tags} entries too many`);
    if (endings > this.#indexed.endings) add(`the index of ends has ${endings - this.#indexed.endings} too many`);
    for (const { containerId, name } of this.#rows.miscountedBlocks()) {
      const { account, container } = this.#rows.place(containerId) ?? { account: "", container: `(id ${containerId})` };
      const row = { account, container, blob: name, state: "uncommitted" };
      const detail = "the count of uncommitted blocks is wrong";
      this.#findings.add({ kind: "index-wrong", detail, remedy: remedies.blocks, row });
    }
    const { counter, highest } = this.#rows.versions();
    if (counter === null || counter < highest) {
      const detail = `the counter of changes stands at ${counter}, a row at ${highest}`;
      this.#findings.add({ kind: "count-wrong", detail, remedy: remedies.version });
    }
  }

  async #checkExtents(): Promise<void> {
    const files = new Map<number, { path: string; lane: string }>();
    for (const name of await readdir(this.#directory).catch(() => [])) {
      const match = filePattern.exec(name);
      if (match !== null) files.set(Number(match[1]), { path: join(this.#directory, name), lane: match[2]! });
    }
    const counts = this.#rows.counts();
    const ids = new Set([...files.keys(), ...counts.keys(), ...this.#runs.extents.keys()]);
    for (const id of [...ids].sort((a, b) => a - b)) {
      const file = files.get(id);
      const runs = this.#runs.extents.get(id) ?? new ExtentRuns();
      if (file === undefined) this.#missing(id, runs);
      else await this.#scan(id, file, runs, counts.get(id));
    }
  }

  #missing(id: number, runs: ExtentRuns): void {
    // One that nothing refers to may have been removed between its row and its file.
    if (runs.liveBytes === 0) return;
    this.#damage.set(id, "all");
    this.#findings.add({ kind: "extent-missing", detail: `extent ${id} is gone`, remedy: remedies.extent });
  }

  async #scan(
    id: number,
    { path, lane }: { path: string; lane: string },
    runs: ExtentRuns,
    count: ExtentCount | undefined,
  ): Promise<void> {
    const scan = await scanExtent(path, id, lane, runs);
    this.#totals.extentCount += 1;
    this.#totals.checkedBytes += scan.checkedBytes;
    this.#totals.unusedBytes += Math.max(0, scan.sizeBytes - fileHeaderBytes - scan.checkedBytes);
    if (scan.damaged.size > 0) this.#damage.set(id, scan.damaged);
    // A file that was begun when the machine stopped may have no header yet; then nothing refers to it.
    if (!scan.isHeaderOurs && runs.liveBytes > 0) {
      const detail = `extent ${id} does not begin as ours do`;
      this.#findings.add({ kind: "extent-foreign", detail, remedy: remedies.extent });
    }
    const endBytes = Math.max(runs.endBytes, runs.liveBytes > 0 ? (count?.endBytes ?? 0) : 0);
    if (scan.sizeBytes < endBytes) {
      const detail = `extent ${id} ends at ${scan.sizeBytes} and held ${endBytes} bytes`;
      this.#findings.add({ kind: "extent-torn", detail, remedy: remedies.extent });
    }
  }

  #checkCounts(): void {
    const counts = this.#rows.counts();
    for (const id of new Set([...counts.keys(), ...this.#runs.extents.keys()])) {
      const { liveBytes, endBytes } = counts.get(id) ?? { liveBytes: 0, endBytes: 0 };
      const runs = this.#runs.extents.get(id);
      const isRight = liveBytes === (runs?.liveBytes ?? 0) && endBytes >= (runs?.endBytes ?? 0);
      if (isRight) continue;
      const detail = `extent ${id} counts for ${liveBytes} bytes up to ${endBytes}, rows refer to ${runs?.liveBytes ?? 0} up to ${runs?.endBytes ?? 0}`;
      this.#findings.add({ kind: "count-wrong", detail, remedy: remedies.count });
    }
  }

  /** Where a row's bytes are damaged; undefined when they are whole. */
  #damageOf(row: StoredRow): string | undefined {
    try {
      for (const span of new Content(row.content).spans()) {
        const damaged = this.#damage.get(span.extentId);
        const where = damaged === "all" ? `extent ${span.extentId} is gone` : damaged?.get(keyOf(span));
        if (where !== undefined) return where;
      }
    } catch {
      return unreadable;
    }
    return undefined;
  }

  #nameDamage(row: StoredRow): void {
    const detail = this.#damageOf(row);
    // What cannot be read was said when the rows were looked at.
    if (detail === undefined || detail === unreadable) return;
    const remedy = this.#remedyFor(row);
    this.#findings.add({ kind: "content-damaged", detail, remedy, row: this.#nameOf(row) });
  }

  /** Another state of the name that is whole is the nearest help. */
  #remedyFor(row: StoredRow): string {
    if (row.columns === null) return "Put the block again.";
    const others = this.#rows.statesOf(row.containerId, row.name).filter(({ state }) => state !== row.state);
    const whole = others.find((other) => this.#damageOf(other) === undefined);
    if (whole === undefined) return "Write the blob again, or restore a backup; no other state of it is whole.";
    return row.isPresent
      ? `Its ${whole.state} is whole: copy that over the blob, write the blob again, or restore a backup.`
      : `Its ${whole.state} is whole; delete this one, or restore a backup.`;
  }
}

/**
 * Checks a store.
 * @param directory of the extents; none of them may be removed meanwhile.
 */
export function checkStore(rows: StoredRows, directory: string): Promise<StoreReport> {
  return new StoreCheck(rows, directory).run();
}
