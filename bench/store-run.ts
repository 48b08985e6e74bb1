/**
 * One engine at one size, in a process of its own: fills a store, opens it again and changes it. Writes what it saw as one line of JSON.
 * Arguments: JSON of {@link StoreOrder}.
 */
import { builtinRoles } from "@postern/access/roles";
import { type Change, put, systemActor } from "../packages/server/src/state/change.ts";
import type { Group, RoleAssignment } from "../packages/server/src/state/entities.ts";
import { openPostgresBackend } from "../packages/server/src/store/postgres-backend.ts";
import { openConnection } from "../packages/server/src/store/postgres-connection.ts";
import { openSqliteBackend } from "../packages/server/src/store/sqlite-backend.ts";
import { StateStore } from "../packages/server/src/store/state-store.ts";

export type StoreOrder = {
  /** A file's path, or a `postgres://` URL. */
  readonly place: string;
  readonly objects: number;
  /** Changes one after another, and changes asked for together. */
  readonly alone: number;
  readonly together: number;
};

export type StoreOutcome = {
  readonly fillPerSecond: number;
  readonly openMs: number;
  /** Memory of the process with the model in it, over that of the same process before. */
  readonly modelMiB: number;
  readonly aloneP50Ms: number;
  readonly aloneP99Ms: number;
  readonly togetherPerSecond: number;
};

const { place, objects, alone, together } = JSON.parse(process.argv[2]!) as StoreOrder;
const ports = { now: () => new Date() };
const time = "2026-01-01T00:00:00.000Z";
/** Objects written by one commit while filling. */
const perCommit = 500;
/** Changes on their way at once. */
const atOnce = 64;

async function open(): Promise<StateStore> {
  const backend = place.startsWith("postgres:")
    ? await openPostgresBackend(await openConnection({ url: place }))
    : openSqliteBackend(place);
  return StateStore.open(backend, builtinRoles, ports);
}

function guid(kind: number, index: number): string {
  return `${kind.toString(16).padStart(8, "0")}-0000-4000-8000-${index.toString(16).padStart(12, "0")}`;
}

/** By turns a group, and a role that it has on one of a thousand resource groups. */
function objectAt(index: number): Change {
  const principalId = guid(1, index - (index % 2));
  if (index % 2 === 0) {
    const row = {
      ...{ id: principalId, displayName: `Group ${index}`, description: null, mailNickname: `group${index}` },
      ...{ mailEnabled: false, securityEnabled: true, createdDateTime: time },
    };
    return put("group", row as Group);
  }
  const role = builtinRoles[index % builtinRoles.length]!.id;
  const row = {
    ...{ name: guid(2, index), scope: `/subscriptions/${guid(3, 0)}/resourceGroups/group-${index % 1000}` },
    ...{ roleDefinitionId: role, principalId, principalType: "Group", description: null, condition: null },
    ...{ conditionVersion: null, delegatedManagedIdentityResourceId: null, createdOn: time, updatedOn: time },
    ...{ createdBy: principalId, updatedBy: principalId },
  };
  return put("roleAssignment", row as unknown as RoleAssignment);
}

function create(store: StateStore, index: number): Promise<void> {
  return store.change(systemActor, "Create", () => ({ changes: [objectAt(index)], result: undefined }));
}

function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))]!;
}

function measureMemory(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().heapUsed + process.memoryUsage().external;
}

const filling = await open();
const fillStarted = performance.now();
for (let from = 0; from < objects; from += perCommit) {
  const changes = Array.from({ length: Math.min(perCommit, objects - from) }, (_, offset) => objectAt(from + offset));
  await filling.change(systemActor, "Fill", () => ({ changes, result: undefined }));
}
const fillMs = performance.now() - fillStarted;
await filling.close();

const before = measureMemory();
const openStarted = performance.now();
const store = await open();
const openMs = performance.now() - openStarted;
const modelMiB = (measureMemory() - before) / 2 ** 20;

let next = objects;
const aloneMs: number[] = [];
for (let turn = 0; turn < alone; turn++) {
  const started = performance.now();
  await create(store, next++);
  aloneMs.push(performance.now() - started);
}
const togetherStarted = performance.now();
let left = together;
const worker = async () => {
  while (left-- > 0) await create(store, next++);
};
await Promise.all(Array.from({ length: atOnce }, worker));
const togetherMs = performance.now() - togetherStarted;
await store.close();
const outcome: StoreOutcome = {
  fillPerSecond: objects / (fillMs / 1000),
  openMs,
  modelMiB,
  aloneP50Ms: percentile(aloneMs, 0.5),
  aloneP99Ms: percentile(aloneMs, 0.99),
  togetherPerSecond: together / (togetherMs / 1000),
};
process.stdout.write(`${JSON.stringify(outcome)}\n`);
