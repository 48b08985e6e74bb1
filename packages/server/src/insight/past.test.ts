import assert from "node:assert/strict";
import { test } from "node:test";
import type { Cloud } from "../cloud.ts";
import { PosternRefusal } from "../postern-caller.ts";
import { type LogEntry, put, systemActor } from "../state/change.ts";
import type { Group } from "../state/entities.ts";
import { ReadModel } from "../state/read-model.ts";
import { Past } from "./past.ts";

/** A cloud whose log makes one group with each entry, and which counts how often the log is read from its start. */
function start(entryCount: number) {
  const entries = Array.from({ length: entryCount }, (_, index): LogEntry => {
    const changes = [put("group", { id: `group-${index}`, displayName: "g" } as unknown as Group)];
    const time = new Date(Date.UTC(2026, 0, 1, 0, 0, index + 1)).toISOString();
    return { revision: index + 1, time, actor: systemActor, operation: "x", changes };
  });
  const model = new ReadModel([]);
  model.revision = entryCount;
  const log = { replays: 0 };
  const readLog = async (after: number, limit: number) => {
    if (after === 0) log.replays += 1;
    return entries.slice(after, after + limit);
  };
  const ports = { now: () => new Date("2030-01-01T00:00:00Z") };
  return { past: new Past({ model, store: { readLog }, ports } as unknown as Cloud), log };
}

const at = (revision: number) => ({ revision: String(revision) });

test("past models are few at a time: one more is refused with 429 and when to come back, and made later", async () => {
  const { past } = start(2000);
  const made = [1, 2].map((revision) => past.momentOf(at(revision)));
  await assert.rejects(past.momentOf(at(3)), (error: unknown) => {
    assert.ok(error instanceof PosternRefusal);
    assert.equal(error.reply.status, 429);
    assert.equal(error.reply.headers?.["retry-after"], "1");
    return true;
  });
  assert.deepEqual(
    (await Promise.all(made)).map(({ model }) => model.groups.size),
    [1, 2],
  );
  assert.equal((await past.momentOf(at(3))).model.groups.size, 3);
  assert.equal((await past.momentOf({ at: "2026-01-01T00:20:00Z" })).model.groups.size, 1200);
});

test("a model that was made is used again, and only the newest few are kept", async () => {
  const { past, log } = start(10);
  for (const revision of [1, 2, 3, 4, 4, 3, 2, 1]) await past.momentOf(at(revision));
  assert.equal(log.replays, 4);
  await past.momentOf(at(5));
  await past.momentOf(at(1));
  assert.equal(log.replays, 6);
  const now = await past.momentOf(at(10));
  assert.equal(now.time, null);
  assert.equal(log.replays, 6);
});
