import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { bytesFor } from "../testing/load-child.ts";
import { makeScratchFolder, openScratchEngine, readBytes } from "../testing/scratch-engine.ts";

const rounds = 3;
const childPath = fileURLToPath(new URL("../testing/load-child.ts", import.meta.url));
const place = { account: "acct", container: "load" };

type Acknowledged = { readonly present: Set<string>; readonly absent: Set<string> };

/** Lets the child work until it has acknowledged so much, then kills it with SIGKILL. */
async function loadAndKill(
  stateDir: string,
  round: number,
  acknowledgements: number,
  seen: Acknowledged,
  ...mode: string[]
): Promise<void> {
  const child = spawn(
    process.execPath,
    [...process.execArgv.filter((flag) => !flag.startsWith("--test")), childPath, stateDir, String(round), ...mode],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const ended = new Promise((resolve) => child.once("exit", resolve));
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [what, blob] = line.split(" ") as [string, string];
    if (what === "put") seen.present.add(blob);
    if (what === "deleting") seen.present.delete(blob);
    if (what === "deleted") seen.absent.add(blob);
    if (++count === acknowledgements) child.kill("SIGKILL");
  }
  await ended;
  assert.ok(count >= acknowledgements, "the child worked until it was killed");
}

async function checkEverything(test: TestContext, stateDir: string, seen: Acknowledged): Promise<void> {
  const { engine, problems } = await openScratchEngine(test, { stateDir });
  const container = await engine.findContainer(place);
  assert.ok(container);
  const listed = new Set<string>();
  for (let from: string | undefined = ""; from !== undefined; ) {
    const slice = await engine.listBlobs(container, {
      prefix: "",
      delimiter: "",
      from,
      limit: 200,
      hasUncommitted: false,
    });
    for (const item of slice.items) if (item.kind === "blob") listed.add(item.record.name);
    from = slice.next;
  }
  for (const blob of seen.present) assert.ok(listed.has(blob), `${blob} was acknowledged`);
  for (const blob of seen.absent) assert.ok(!listed.has(blob), `${blob} was deleted`);
  for (const blob of listed) {
    assert.ok((await readBytes(engine, { ...place, blob }))?.equals(bytesFor(blob)), `${blob} is whole`);
  }
  assert.deepEqual(problems, []);
  await engine.close();
}

test("what was acknowledged before a kill -9 is there, whole, and nothing half-written is seen", async (test) => {
  const stateDir = makeScratchFolder(test);
  const seen: Acknowledged = { present: new Set(), absent: new Set() };
  for (let round = 0; round < rounds; round++) {
    await loadAndKill(stateDir, round, 300 + round * 177, seen);
    await checkEverything(test, stateDir, seen);
  }
});

test("a kill -9 while space is given back loses nothing", async (test) => {
  const stateDir = makeScratchFolder(test);
  const seen: Acknowledged = { present: new Set(), absent: new Set() };
  // A turn says some 150 lines and then three times that it gives space back.
  for (const [round, acknowledgements] of [151, 152, 153, 304, 152].entries()) {
    await loadAndKill(stateDir, round, acknowledgements, seen, "compacting");
    await checkEverything(test, stateDir, seen);
  }
});
