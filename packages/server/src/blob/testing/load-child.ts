/**
 * A process that loads an engine until it is killed: prints a line for each change once it was acknowledged.
 * Usage: node load-child.ts STATE_DIR ROUND [compacting]
 * Compacting, it works in turns: some changes, then space given back.
 */
import { createHash } from "node:crypto";
import { restMs } from "../engine/compactor.ts";
import { openEngine, plain } from "./scratch-engine.ts";

/** The bytes a blob of that name must have: by its name alone, of very different sizes. */
export function bytesFor(name: string): Buffer {
  const digest = createHash("sha256").update(name).digest();
  const sizes = [0, 1, 1000, 65_536, 65_537, 200_000, 1_100_000];
  const sizeBytes = sizes[digest[0]! % sizes.length]!;
  const bytes = Buffer.alloc(sizeBytes);
  for (let at = 0; at < sizeBytes; at += 32) digest.copy(bytes, at);
  return bytes;
}

const writersAtOnce = 16;

/** Changes of a turn before space is given back. */
const changesPerTurn = 60;

async function load(stateDir: string, round: string, isCompacting: boolean): Promise<void> {
  let passedMs = 0;
  const now = () => new Date(Date.now() + passedMs);
  const extentLimitBytes = isCompacting ? 1024 * 1024 : 4 * 1024 * 1024;
  const engine = await openEngine({ stateDir, extentLimitBytes, now });
  const place = { account: "acct", container: "load" };
  if ((await engine.findContainer(place)) === undefined) await engine.createContainer(place, []);
  let next = 0;
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const put = async (blob: string): Promise<void> => {
    const bytes = bytesFor(blob);
    // With sums long ones go past the system's cache.
    const body = await engine.store([bytes], bytes.length, { md5: true, crc64: true });
    await engine.putBlob({ ...place, blob }, body, plain);
    say(`put ${blob}`);
  };
  const putInBlocks = async (blob: string): Promise<void> => {
    const bytes = bytesFor(blob);
    const cut = Math.ceil(bytes.length / 2);
    const blocks = [bytes.subarray(0, cut), bytes.subarray(cut)].filter((block) => block.length > 0);
    for (const [index, block] of blocks.entries()) {
      const body = await engine.store([block], block.length, { md5: false, crc64: false });
      await engine.putBlock({ ...place, blob }, `AAA${index}`, body);
    }
    const entries = blocks.map((_, index) => ({ source: "latest" as const, blockId: `AAA${index}` }));
    await engine.putBlockList({ ...place, blob }, entries, plain);
    say(`put ${blob}`);
  };
  let end = isCompacting ? changesPerTurn : Number.POSITIVE_INFINITY;
  const work = async (): Promise<void> => {
    while (next < end) {
      const number = next++;
      const blob = `r${round}/b${number}`;
      await (number % 5 === 4 ? putInBlocks(blob) : put(blob));
      if (isCompacting ? number % 4 !== 0 : number % 7 === 6) {
        // Said before and after: killed in between, either outcome is right.
        say(`deleting ${blob}`);
        await engine.deleteBlob({ ...place, blob });
        say(`deleted ${blob}`);
      }
    }
  };
  for (;;) {
    await Promise.all(Array.from({ length: writersAtOnce }, work));
    for (let run = 0; run < 3; run++) {
      say("compacting all");
      passedMs += restMs + 1;
      await engine.compact();
    }
    end += changesPerTurn;
  }
}

if (process.argv[1] === import.meta.filename) {
  await load(process.argv[2]!, process.argv[3]!, process.argv[4] === "compacting");
}
