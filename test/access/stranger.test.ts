/**
 * Every operation refuses a stranger: one without a token, one with a token that is none, and a registered app that holds no role.
 * The operations that answer anyone are listed in test/golden/public-operations.txt; the list may only change in a reviewed diff.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { SurfaceName } from "../../packages/server/src/wire/exchange.ts";
import type { OperationRow } from "../../packages/server/src/wire/operation.ts";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { sendPlain } from "../support/machine-client.ts";
import { type Answer, createAccount, createApp, planeHosts, planeScopes } from "../support/plane-client.ts";

const account = "strangerdata";
const golden = join(import.meta.dirname, "..", "golden", "public-operations.txt");
const ownHost = "localhost";
const hosts: Readonly<Record<SurfaceName, string>> = {
  ...planeHosts,
  blob: `${account}.blob.core.windows.net`,
  web: `${account}.z6.web.core.windows.net`,
  portal: ownHost,
  postern: ownHost,
  machines: ownHost,
};

let cloud: TestCloud;
/** The words that a handler could only have read from the state: none may be in a refusal. */
let secretWords: string[];
/** Where the identity endpoints are: on a port of their own, opened with the first session. */
let machinesOrigin: string;
const tokens: Partial<Record<SurfaceName, string>> = {};

before(async () => {
  cloud = await startTestCloud();
  await createAccount(cloud.client, "stranger-group", account);
  const app = await createApp(cloud.client, "stranger");
  for (const plane of ["graph", "arm", "blob", "iam"] as const) {
    tokens[plane] = await cloud.client.token(app.appId, app.secret, planeScopes[plane]);
  }
  machinesOrigin = await openIdentityEndpoints();
  secretWords = ["stranger-group", cloud.model.tenant.displayName].filter((word) => word.length > 6);
});
after(() => cloud.dispose());

async function openIdentityEndpoints(): Promise<string> {
  const group = `/subscriptions/${cloud.status.subscriptionId}/resourceGroups/stranger-group`;
  const resourceId = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/worker`;
  await cloud.client.must("arm", "PUT", `${resourceId}?api-version=2023-01-31`, { location: "westeurope" });
  const started = await cloud.client.send(ownHost, "POST", "/postern/identitySessions", {
    headers: { authorization: `Bearer ${await cloud.client.operatorToken("arm")}` },
    body: JSON.stringify({ resourceId, form: "AppService" }),
  });
  assert.equal(started.status, 201, started.text);
  return new URL((JSON.parse(started.text) as { endpoint: string }).endpoint).origin;
}

const isOpen = (row: OperationRow): boolean => row.permission === "public";

function ask(surface: SurfaceName, row: OperationRow, authorization?: string): Promise<Answer> {
  if (surface === "machines") {
    const headers = { ...row.sample.headers, ...(authorization === undefined ? {} : { authorization }) };
    return sendPlain(machinesOrigin, headers, row.method, row.sample.target);
  }
  return cloud.client.send(hosts[surface], row.method, row.sample.target, {
    headers: {
      "x-ms-version": "2023-11-03",
      ...row.sample.headers,
      ...(authorization === undefined ? {} : { authorization }),
    },
    ...(row.sample.body === undefined ? {} : { body: row.sample.body }),
  });
}

/** By the local door, as the owner's own programs ask. @returns the status. */
function askAtDoor(surface: SurfaceName, row: OperationRow, authorization?: string): Promise<number> {
  const { target, body = "", headers } = row.sample;
  const length = String(Buffer.byteLength(body));
  const shown = authorization === undefined ? {} : { authorization };
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        socketPath: cloud.status.localDoor!,
        method: row.method,
        path: target,
        headers: { host: hosts[surface], "content-length": length, ...headers, ...shown },
        agent: false,
      },
      (answer) => answer.resume().on("end", () => resolve(answer.statusCode!)),
    );
    sent.on("error", reject).end(body);
  });
}

/** The row asked with the role-less app's token; on our own plane with both that it may want, of which one must be understood. */
async function askWithEachToken(surface: SurfaceName, row: OperationRow): Promise<Answer[]> {
  const given = surface === "postern" ? [tokens.arm, tokens.graph] : [tokens[surface]];
  const answers: Answer[] = [];
  for (const token of given) if (token !== undefined) answers.push(await ask(surface, row, `Bearer ${token}`));
  if (surface === "postern")
    assert.ok(
      answers.some(({ status }) => status !== 401),
      `${row.operation} takes neither token`,
    );
  return answers;
}

/** All rows, the ones of a surface together. */
function rows(): [SurfaceName, OperationRow][] {
  return cloud.surfaces.flatMap((surface) =>
    surface.operations.map((row): [SurfaceName, OperationRow] => [surface.name, row]),
  );
}

describe("a stranger", () => {
  test("the tables are there", () => {
    const counts = new Map<string, number>();
    for (const [surface] of rows()) counts.set(surface, (counts.get(surface) ?? 0) + 1);
    const least = { entra: 25, graph: 100, arm: 50, blob: 50, web: 2, iam: 1, portal: 2, postern: 20, machines: 3 };
    for (const [surface, atLeast] of Object.entries(least))
      assert.ok((counts.get(surface) ?? 0) >= atLeast, `${surface}: ${counts.get(surface)}`);
    for (const own of [
      "/postern/access/",
      "/postern/keys",
      "/postern/backup",
      "/postern/storage/",
      "/postern/credentials",
      "/postern/identitySessions",
    ])
      assert.ok(
        rows().some(([surface, { match }]) => surface === "postern" && match.startsWith(own)),
        own,
      );
  });

  test("the operations that answer anyone are those of the golden list", () => {
    const open = rows()
      .filter(([, row]) => isOpen(row))
      .map(([surface, row]) => `${surface}\t${row.method}\t${row.match}`);
    assert.deepEqual(open.sort(), readFileSync(golden, "utf8").trim().split("\n").sort());
  });

  for (const [who, authorization] of [
    ["without a token", undefined],
    ["with a token that is none", "Bearer not.a.token"],
    ["with another scheme", "Basic c3RyYW5nZXI6c3RyYW5nZXI="],
  ] as const) {
    test(`${who} is refused by every operation that is not public`, async () => {
      for (const [surface, row] of rows()) {
        if (isOpen(row)) continue;
        const answer = await ask(surface, row, authorization);
        const what = `${surface} ${row.operation}: ${row.method} ${row.sample.target} -> ${answer.status} ${answer.text.slice(0, 300)}`;
        const isRefused =
          answer.status === 401 ||
          (surface === "blob" && (answer.status === 400 || answer.status === 403 || answer.status === 501));
        assert.ok(isRefused, what);
        // 501 is only for ways in that are not there yet; having no way in at all is 401 everywhere.
        if (authorization === undefined) assert.equal(answer.status, 401, what);
        if (answer.status === 401) assert.ok(answer.headers["www-authenticate"] !== undefined, `no challenge: ${what}`);
        for (const word of secretWords)
          assert.ok(!answer.text.includes(word) || row.sample.target.includes(word), `tells ${word}: ${what}`);
      }
    });
  }

  test("comes no further by the local door, and to no storage at all", async () => {
    for (const [surface, row] of rows()) {
      if (surface === "machines") continue;
      const isStorage = surface === "blob" || surface === "web";
      if (isOpen(row) && !isStorage) continue;
      for (const authorization of [undefined, "Bearer not.a.token"])
        assert.equal(
          await askAtDoor(surface, row, authorization),
          isStorage ? 421 : 401,
          `${surface} ${row.operation}`,
        );
    }
  });

  test("an app without any role is refused by every operation that needs one", async () => {
    const missed: string[] = [];
    for (const [surface, row] of rows()) {
      if (isOpen(row) || row.permission === "signed-in") continue;
      for (const answer of await askWithEachToken(surface, row)) {
        const what = `${surface} ${row.operation}: ${row.method} ${row.sample.target} -> ${answer.status} ${answer.text.slice(0, 300)}`;
        // What only a person may ask is refused to an app's own token before it is decided.
        const isForPeople = surface === "graph" && /^\/me|\/changePassword$/.test(row.match) && answer.status === 400;
        // Postern's own plane takes Resource Manager's tokens or Graph's, by what the operation is about: the other is no token there.
        const isOther = surface === "postern" && answer.status === 401;
        if (answer.status !== 403 && !isForPeople && !isOther) missed.push(what);
      }
    }
    assert.deepEqual(missed, []);
  });

  test("nothing was written by any of it, and nothing went wrong inside", async () => {
    const log = await cloud.store.readLog(0, 1000);
    const operations = log.slice(-20).map((entry) => entry.actor.displayName);
    assert.ok(!operations.includes("stranger"), operations.join());
    assert.deepEqual(
      cloud.log.filter((line) => /fault|Error/.test(line)),
      [],
    );
  });
});
