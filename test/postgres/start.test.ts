/** What a replica does not start on, and what it does without NOTIFY. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openReplica, type Replica } from "../../packages/server/src/replica.ts";
import { ReplicaFault } from "../../packages/server/src/replica-folder.ts";
import { clearFiles } from "../../packages/server/src/secret-files.ts";
import { put, systemActor } from "../../packages/server/src/state/change.ts";
import { openStateFolder } from "../../packages/server/src/state-folder.ts";
import { trialGroup } from "../../packages/server/src/store/backend-trial.ts";
import { startFollower } from "../../packages/server/src/store/log-follower.ts";
import { openPostgresBackend } from "../../packages/server/src/store/postgres-backend.ts";
import { openConnection, type PostgresConnection } from "../../packages/server/src/store/postgres-connection.ts";
import { knownPostgresSchema } from "../../packages/server/src/store/postgres-schema.ts";
import { openSqliteBackend } from "../../packages/server/src/store/sqlite-backend.ts";
import { StateStore } from "../../packages/server/src/store/state-store.ts";
import { checkUpgrade } from "../../packages/server/src/upgrade-check.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../support/postgres-server.ts";
import { startServer } from "../support/server-process.ts";
import { until } from "./replica-pair.ts";

const skip = postgresMissing;
const ports = { now: () => new Date(), guid: () => "", randomBytes };
let postgres: PostgresServer;
let folder: string;

before(async () => {
  if (skip) return;
  postgres = await startPostgres();
  folder = mkdtempSync(join(tmpdir(), "postern-replica-"));
});
after(() => {
  postgres?.dispose();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

function keyFile(name: string, content = randomBytes(32).toString("base64"), mode = 0o600): string {
  const file = join(folder, name);
  writeFileSync(file, content, { mode });
  return file;
}

function open(url: string, key: string, state: string, passwordFile?: string): Promise<Replica> {
  const parts = {
    folder: openStateFolder(join(folder, state)),
    ports,
    systemCaFiles: [],
    files: clearFiles(join(folder, state)),
    log: () => {},
  };
  return openReplica({ url, keyFile: key, passwordFile }, parts);
}

async function refuses(opening: Promise<Replica>, why: RegExp): Promise<void> {
  await assert.rejects(opening, (cause: Error) => {
    assert.ok(cause instanceof ReplicaFault, String(cause.stack));
    assert.match(cause.message, why);
    return true;
  });
}

async function close(replica: Replica): Promise<void> {
  await replica.close();
  await replica.backend.close();
}

test("upgrade-check tells of the database's schema and of servers of different versions, and makes nothing", {
  skip,
}, async () => {
  const url = await postgres.createDatabase();
  const empty = await checkUpgrade({ stateDir: join(folder, "none"), database: { url } });
  assert.deepEqual(empty.schemas.at(-1), {
    place: "database",
    schema: null,
    known: knownPostgresSchema,
    pending: 0,
  });
  const made = await postgres.query(
    url,
    "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'postern%'",
  );
  assert.deepEqual(made, []);
  const replica = await open(url, keyFile("upgrade-key"), "upgrade");
  await postgres.query(
    url,
    "INSERT INTO postern_replicas (id, version, seen_at) VALUES ('older', '0.0.9', now()), ('gone', '0.0.8', now() - INTERVAL '1 hour')",
  );
  const mixed = await checkUpgrade({ stateDir: join(folder, "upgrade"), database: { url } });
  assert.equal(mixed.replicas.length, 2);
  assert.match(mixed.findings.join(), /different versions are on the database: 0\.0\.9, 0\.1/);
  assert.deepEqual([mixed.canStart, mixed.canGoBack], [true, true]);
  await close(replica);
  await postgres.query(url, `INSERT INTO postern_schema (version) VALUES (${knownPostgresSchema + 1})`);
  const newer = await checkUpgrade({ stateDir: join(folder, "none"), database: { url } });
  assert.deepEqual([newer.canStart, newer.replicas.map(({ replicaId }) => replicaId)], [false, ["older"]]);
});

test("a replica does not start with a wrong or open key, on another cloud's folder, or beside itself", {
  skip,
}, async () => {
  const url = await postgres.createDatabase();
  const key = keyFile("key");
  const first = await open(url, key, "a");
  assert.equal(first.blobHome.isHeld, true);
  await refuses(open(url, key, "a"), /another Postern is running on/);
  await refuses(open(url, keyFile("another"), "b"), /do not open with this key file/);
  await refuses(open(url, keyFile("open", undefined, 0o644), "b"), /may be read by others/);
  await refuses(open(url, keyFile("short", "c2hvcnQ="), "b"), /does not hold 32 bytes/);
  await refuses(open(url, join(folder, "none"), "b"), /is not there/);
  await refuses(open(url, key, "b", keyFile("open password", "x", 0o640)), /may be read by others/);
  const own = openStateFolder(join(folder, "own"));
  await openSqliteBackend(own.database).close();
  await refuses(open(url, key, "own"), /holds a cloud of its own/);
  await close(first);
  await refuses(open(await postgres.createDatabase(), key, "a"), /belongs to another database/);
  const again = await open(url, key, "a");
  assert.equal(again.blobHome.isHeld, true, "the lease was given back");
  await close(again);
  for (const file of ["database-cloud", "replica-id", "run/replica.lock", "ca/ca.key"])
    assert.equal(statSync(join(folder, "a", file)).mode & 0o777, 0o600, file);
});

test("a sealed secret that was changed, or put in another's place, does not open", { skip }, async () => {
  const url = await postgres.createDatabase();
  const key = keyFile("key of a changed one");
  await close(await open(url, key, "changed"));
  await postgres.query(
    url,
    "UPDATE postern_secrets SET sealed = (SELECT sealed FROM postern_secrets WHERE name = 'sealing-keys') WHERE name = 'secret-pepper'",
  );
  await refuses(open(url, key, "changed too"), /do not open with this key file/);
});

test("a password on the command line is refused without being repeated", { skip }, async () => {
  const url = "postgres://postern:not-to-be-seen@127.0.0.1:1/x";
  for (const given of [url, "postgres://postern@127.0.0.1:1/x?password=not-to-be-seen"]) {
    await assert.rejects(
      startServer(join(folder, "argv"), ["--database", given, "--database-key-file", "x"]),
      (cause: Error) => {
        assert.match(cause.message, /must not hold a password/);
        assert.doesNotMatch(cause.message, /not-to-be-seen/);
        return true;
      },
    );
  }
});

/** A connection to an engine that has neither LISTEN nor NOTIFY. */
function withoutNotify(connection: PostgresConnection): PostgresConnection {
  const unsupported = () => Promise.reject(Object.assign(new Error("unimplemented"), { code: "0A000" }));
  return new Proxy(connection, {
    get: (target, name) => {
      if (name === "listen") return unsupported;
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== "function") return value;
      return (...given: unknown[]) =>
        String(given[0]).startsWith("NOTIFY")
          ? unsupported()
          : (value as (...all: unknown[]) => unknown).apply(target, given);
    },
  });
}

test("without LISTEN and NOTIFY a change is seen all the same, by polling", { skip }, async () => {
  const url = await postgres.createDatabase();
  const openStore = async () => {
    const backend = await openPostgresBackend(withoutNotify(await openConnection({ url })));
    return { backend, store: await StateStore.open(backend, [], ports) };
  };
  const [writer, reader] = [await openStore(), await openStore()];
  const follower = startFollower({
    ...reader,
    intervalMs: 20,
    say: (line) => assert.fail(line),
    onDiverged: (cause) => assert.fail(cause),
  });
  for (let index = 1; index <= 3; index++) {
    await writer.store.change(systemActor, "test", () => ({
      changes: [put("group", trialGroup(`${index}`, `${index}`))],
      result: undefined,
    }));
    await until(async () => reader.store.model.groups.size === index, "the group");
  }
  await follower.close();
  await writer.store.close();
  await reader.store.close();
});
