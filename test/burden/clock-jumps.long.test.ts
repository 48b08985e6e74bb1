/**
 * The wall clock of a running server jumps by hours, forward and back: tokens end or are not yet good, by the clock as it is; nothing is a fault of the
 * server, nothing that was written is lost. The clock is libfaketime's, moved by a file; the steady clock goes on.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { keepRecord } from "../faults/record.ts";
import { until } from "../postgres/replica-pair.ts";
import {
  assignRole,
  createAccount,
  createApp,
  PlaneClient,
  planeHosts,
  planeScopes,
  roleIds,
} from "../support/plane-client.ts";
import { startServer } from "../support/server-process.ts";

const library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
const skip = existsSync(library)
  ? false
  : "libfaketime is not installed (Debian: faketime; test/debian/install.sh long)";

test("the clock jumps three hours forward and back again, and a day back", { skip, timeout: 120_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "postern-clock-"));
  const stateDir = join(folder, "state");
  const clock = join(folder, "clock");
  const jump = (hours: number) => writeFileSync(clock, `${hours >= 0 ? "+" : "-"}${Math.abs(hours)}h\n`);
  jump(0);
  const settings = [
    `LD_PRELOAD=${library}`,
    `FAKETIME_TIMESTAMP_FILE=${clock}`,
    "FAKETIME_NO_CACHE=1",
    "FAKETIME_DONT_FAKE_MONOTONIC=1",
  ];
  let server = await startServer(stateDir, ["--offline"], ["/usr/bin/env", ...settings]);
  const client = new PlaneClient(server.status, 4);
  const account = "jumpingclock";
  const accountId = await createAccount(client, "clock", account);
  const app = await createApp(client, "before the jump");
  assert.equal(
    (await assignRole(client, randomUUID(), accountId, roleIds.blobDataContributor, app.principalId)).status,
    201,
  );
  const serverHours = async () =>
    Date.parse(String((await client.send("localhost", "GET", "/healthz")).headers.date)) / 3_600_000;
  const startHours = await serverHours();
  const reaches = (hours: number) =>
    until(async () => Math.abs((await serverHours()) - startHours - hours) < 0.2, "the clock");
  const names: string[] = [];
  /** Signs in, and makes something on each plane. */
  const work = async (name: string) => {
    const token = await client.token(app.appId, app.secret, planeScopes.blob);
    const headers = { authorization: `Bearer ${token}`, "x-ms-version": "2023-11-03", "x-ms-blob-type": "BlockBlob" };
    const send = (target: string) =>
      client.send(`${account}.blob.core.windows.net`, "PUT", target, { headers, body: "text" });
    if (names.length === 0) {
      const { "x-ms-blob-type": _, ...container } = headers;
      const answer = await client.send(`${account}.blob.core.windows.net`, "PUT", "/cont?restype=container", {
        headers: container,
      });
      assert.equal(answer.status, 201, answer.text);
    }
    const made = await send(`/cont/${name}`);
    assert.equal(made.status, 201, made.text);
    const operator = await operatorToken(client);
    const body = JSON.stringify({ displayName: name });
    const created = await client.send(planeHosts.graph, "POST", "/v1.0/applications", {
      headers: { authorization: `Bearer ${operator}`, "content-type": "application/json" },
      body,
    });
    assert.equal(created.status, 201, created.text);
    names.push(name);
    return token;
  };
  const read = async (token: string) => {
    const headers = { authorization: `Bearer ${token}`, "x-ms-version": "2023-11-03" };
    return (await client.send(`${account}.blob.core.windows.net`, "GET", `/cont/${names[0]}`, { headers })).status;
  };
  try {
    const early = await work("early");
    assert.equal(await read(early), 200);
    jump(3);
    await reaches(3);
    assert.equal(await read(early), 401, "it ended");
    const late = await work("late");
    assert.equal(await read(late), 200);
    jump(0);
    await reaches(0);
    assert.equal(await read(late), 401, "it is not good yet");
    assert.equal(await read(early), 200);
    await work("back");
    jump(-24);
    await reaches(-24);
    assert.equal(await read(early), 401);
    // A secret counts from its start on, and that is tomorrow.
    assert.equal((await client.askToken(app.appId, app.secret, planeScopes.blob)).status, 401);
    assert.equal((await client.send("localhost", "GET", "/healthz")).status, 200);
    jump(0);
    await reaches(0);
    await work("again");
    await server.kill();
    jump(1);
    server = await startServer(stateDir, ["--offline"], ["/usr/bin/env", ...settings]);
    const again = new PlaneClient(server.status, 4);
    const token = await again.token(app.appId, app.secret, planeScopes.blob);
    for (const name of names) {
      const answer = await again.send(`${account}.blob.core.windows.net`, "GET", `/cont/${name}`, {
        headers: { authorization: `Bearer ${token}`, "x-ms-version": "2023-11-03" },
      });
      assert.equal(answer.status, 200, `${name}: ${answer.text}`);
    }
    const list = (await again.must("graph", "GET", "/v1.0/applications?$select=displayName")) as {
      value: { displayName: string }[];
    };
    for (const name of names)
      assert.ok(
        list.value.some(({ displayName }) => displayName === name),
        name,
      );
    again.close();
    t.diagnostic(`${names.length} blobs and applications, all there after a kill`);
    keepRecord("clock", {
      ...{ section: "burden", source: "test/burden/clock-jumps.long.test.ts" },
      fault: "the clock jumps 3 h forward, back again, and a day back, under a running server",
      held: "tokens and secrets end, or are not yet good, by the clock as it is; new tokens are good; changes go on",
      figures: `${names.length} of ${names.length} changes of each kind there after a kill and a start an hour ahead`,
    });
  } finally {
    client.close();
    assert.equal(await server.stop(), 0);
    rmSync(folder, { recursive: true, force: true });
  }
});

/** A token of the operator's as of now: the client keeps the first, which a jump ends. */
async function operatorToken(client: PlaneClient): Promise<string> {
  const { readFileSync } = await import("node:fs");
  const operator = JSON.parse(readFileSync(join(client.status.stateDir, "operator.json"), "utf8")) as {
    clientId: string;
    clientSecret: string;
  };
  return client.token(operator.clientId, operator.clientSecret, planeScopes.graph);
}
