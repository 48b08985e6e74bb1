import assert from "node:assert/strict";
import { test } from "node:test";
import { BlobSASPermissions, generateBlobSASQueryParameters, StorageSharedKeyCredential } from "@azure/storage-blob";
import { keepsNothing, noAnalytics } from "../../resources/blob-service.ts";
import { put } from "../../state/change.ts";
import type { AnalyticsLogging } from "../../state/entities.ts";
import { BlobRefusal } from "../engine/model.ts";
import { RequestHeaders } from "../request-headers.ts";
import { putBytes } from "../testing/scratch-engine.ts";
import { accountKeys, now, people, startTrialSurface, type TrialSurface } from "../testing/trial-surface.ts";
import { ensureContainer, LogBlobs, logsContainer, prefixOfHour } from "./log-blobs.ts";
import { RequestLogs } from "./request-logs.ts";

const all = { version: "2.0", isRead: true, isWritten: true, isDeleted: true, keptDays: null };
const blockBlob = { "x-ms-blob-type": "BlockBlob" };

function setLogging(trial: TrialSurface, over: Partial<AnalyticsLogging> = {}): void {
  const account = trial.model.storageAccount("acct")!;
  const blobService = { ...keepsNothing, analytics: { ...noAnalytics, logging: { ...all, ...over } } };
  trial.model.apply(put("storageAccount", { ...account, blobService }));
}

async function startLogged(test: Parameters<typeof startTrialSurface>[0], over: Partial<AnalyticsLogging> = {}) {
  const trial = await startTrialSurface(test);
  assert.equal((await trial.send("PUT", "/box?restype=container")).status, 201);
  setLogging(trial, over);
  return trial;
}

/** The lines of every log there is, each as its fields. */
async function readLogs(trial: TrialSurface): Promise<string[][]> {
  // A line is made when the connection has taken the answer, which may be after the client has it.
  await new Promise((resolve) => setImmediate(resolve));
  await trial.logs.flush();
  const lines: string[][] = [];
  for (const name of await listLogs(trial)) {
    const text = await readLog(trial, name);
    for (const line of text.split("\n").slice(0, -1)) lines.push(splitLine(line));
  }
  return lines;
}

async function listLogs({ engine }: TrialSurface): Promise<string[]> {
  const container = await engine.findContainer({ account: "acct", container: logsContainer });
  if (container === undefined) return [];
  const listing = { prefix: "", delimiter: "", from: "", limit: 100, hasUncommitted: false };
  const { items } = await engine.listBlobs(container, listing);
  return items.map((item) => (item.kind === "blob" ? item.record.name : ""));
}

async function readLog({ engine }: TrialSurface, name: string): Promise<string> {
  const container = await engine.findContainer({ account: "acct", container: logsContainer });
  const view = (await engine.openBlob(container!, name))!;
  let text = "";
  for await (const piece of engine.read(view, 0, view.record.sizeBytes)) text += piece.toString();
  return text;
}

/** As a reader of the format does: a separator in quotes is none. */
function splitLine(line: string): string[] {
  return `${line};`.match(/("[^"]*"|[^;]*);/g)!.map((field) => field.slice(0, -1));
}

test("a request is one line of thirty fields, and of thirty-eight in the newer format", async (test) => {
  const trial = await startLogged(test);
  const headers = { ...blockBlob, "user-agent": 'an "agent"; of\tmine', "x-ms-client-request-id": "abc" };
  const written = await trial.send("PUT", "/box/a%20b", { headers, body: "12345" });
  assert.equal(written.status, 201);
  const [fields, ...rest] = await readLogs(trial);
  assert.deepEqual(rest, []);
  assert.equal(fields!.length, 38);
  assert.deepEqual([fields![0], ...fields!.slice(2, 5)], ["2.0", "PutBlob", "OAuthSuccess", "201"]);
  assert.match(fields![1]!, /^2026-01-02T03:04:0[45]\.\d{7}Z$/);
  assert.match(fields![5]!, /^\d+$/);
  assert.deepEqual(fields!.slice(7, 15), [
    "bearer",
    "acct",
    "acct",
    "blob",
    '"https://localhost:1/acct/box/a%20b"',
    '"/acct/box/a b"',
    "99999999-9999-4999-8999-999999999999",
    "0",
  ]);
  assert.match(fields![15]!, /^127\.0\.0\.1:\d+$/);
  assert.deepEqual([fields![16], fields![18], fields![21]], ["2025-07-05", "5", "5"]);
  assert.equal(fields![23], `"${written.headers["content-md5"]}"`);
  assert.equal(fields![24], `"${written.headers.etag!.replaceAll('"', "&quot;")}"`);
  assert.equal(fields![25], "Friday, 02-Jan-26 03:04:05 GMT");
  assert.deepEqual(fields!.slice(26, 31), [
    "",
    '"an &quot;agent&quot;; of\tmine"',
    "",
    '"abc"',
    `"${people.operator}"`,
  ]);
  const grounds = JSON.parse(fields![37]!.slice(1, -1).replaceAll("&quot;", '"'));
  assert.equal(grounds.length, 1);
  assert.match(grounds[0].action, /blobs\/write$/);
  assert.equal(grounds[0].roleDefinitionId, "b7e6dc6d-f1e8-4753-8033-0f276bb0955b");

  setLogging(trial, { version: "1.0" });
  await trial.send("GET", "/box/a%20b", { headers: { "if-none-match": '"x"', referer: "https://u:p@h/?code=1" } });
  const old = (await readLogs(trial)).at(-1)!;
  assert.equal(old.length, 30);
  assert.deepEqual(
    [old[0], old[2], old[26], old[28]],
    ["1.0", "GetBlob", '"If-None-Match=&quot;x&quot;"', '"https://h/?code=XXXXX"'],
  );
});

test("logs are blobs of the hour, counted, and say what they hold", async (test) => {
  const trial = await startLogged(test);
  await trial.send("PUT", "/box/a", { headers: blockBlob, body: "1" });
  await readLogs(trial);
  await trial.send("GET", "/box/a");
  await trial.send("DELETE", "/box/a");
  await readLogs(trial);
  const names = ["blob/2026/01/02/0300/000000.log", "blob/2026/01/02/0300/000001.log"];
  assert.deepEqual(await listLogs(trial), names);
  const head = await trial.send("HEAD", `/$logs/${names[1]}`);
  const said = ["logtype", "logversion", "starttime"].map((name) => head.headers[`x-ms-meta-${name}`]);
  assert.deepEqual(said.slice(0, 2), ["read,delete", "2.0"]);
  assert.match(String(said[2]), /^2026-01-02T03:04:0[45]Z$/);
  assert.equal(head.headers["content-type"], "text/plain");
  // Another process goes on behind what is there.
  const book = { lines: ["1.0\n"], kinds: new Set(["read"] as const), chars: 4 };
  const times = { startMs: now.getTime(), endMs: now.getTime() };
  const place = { account: "acct", version: "1.0", prefix: prefixOfHour(now) } as const;
  await new LogBlobs(trial.engine).write({ ...place, ...book, ...times });
  assert.deepEqual((await listLogs(trial)).at(-1), "blob/2026/01/02/0300/000002.log");
});

test("only what is switched on is logged, and nothing of other accounts", async (test) => {
  const trial = await startLogged(test, { isRead: false, isDeleted: false });
  await trial.send("PUT", "/box/a", { headers: blockBlob, body: "1" });
  await trial.send("GET", "/box/a");
  await trial.send("DELETE", "/box/a");
  await trial.send("GET", "/?comp=list", { account: "open" });
  assert.deepEqual(
    (await readLogs(trial)).map((fields) => fields[2]),
    ["PutBlob"],
  );
});

test("outcomes are called by the way in and by what went wrong", async (test) => {
  const trial = await startLogged(test);
  const credential = new StorageSharedKeyCredential("acct", accountKeys[0].value);
  const sas = (letters: string) =>
    generateBlobSASQueryParameters(
      {
        containerName: "box",
        blobName: "a",
        permissions: BlobSASPermissions.parse(letters),
        expiresOn: new Date(now.getTime() + 60_000),
      },
      credential,
    ).toString();
  await trial.send("PUT", "/box/a", { headers: blockBlob, body: "1" });
  const signature = sas("r");
  const send = async (status: number, ...args: Parameters<TrialSurface["send"]>) => {
    assert.equal((await trial.send(...args)).status, status, String(args[1]));
  };
  await send(404, "GET", "/box/gone");
  await send(403, "DELETE", "/box/a", { as: people.reader });
  await send(200, "GET", `/box/a?${signature}`, { as: null });
  await send(403, "DELETE", `/box/a?${signature}`, { as: null });
  await send(403, "GET", `/box/a?${signature.replace(/sig=[^&]{4}/, "sig=AAAA")}`, { as: null });
  await send(401, "GET", "/box/a", { as: null });
  const lines = await readLogs(trial);
  assert.deepEqual(lines.map((fields) => [fields[3], fields[4], fields[7]]).slice(0, 6), [
    ["OAuthSuccess", "201", "bearer"],
    ["BlobNotFound", "404", "bearer"],
    ["OAuthAuthorizationError", "403", "bearer"],
    ["SASSuccess", "200", "sas"],
    ["SASAuthorizationError", "403", "sas"],
    ["SASAuthorizationError", "403", "sas"],
  ]);
  assert.equal(
    lines.some((fields) => fields[7] === "anonymous"),
    false,
  );
  // Nothing that would let a reader of the log do what was done.
  const text = lines.flat().join(";");
  const secret = new URLSearchParams(signature).get("sig")!;
  assert.equal(text.includes(encodeURIComponent(secret)) || text.includes(secret), false);
  assert.match(text, /&amp;sig=XXXXX/);
});

test("a copy is three lines, and a batch one for each of its parts besides its own", async (test) => {
  const trial = await startLogged(test, { isRead: false });
  await trial.send("PUT", "/box/a", { headers: blockBlob, body: "1" });
  const copied = await trial.send("PUT", "/box/b", {
    headers: { "x-ms-copy-source": "https://localhost:1/acct/box/a" },
  });
  assert.equal(copied.status, 202, copied.text);
  const parts = ["a", "zzz"].flatMap((blob, index) => [
    "--b",
    "Content-Type: application/http",
    `Content-ID: ${index}`,
    "",
    `DELETE /acct/box/${blob} HTTP/1.1`,
    `Authorization: Bearer x.${people.operator}.x`,
    "Content-Length: 0",
    "",
    "",
  ]);
  const batch = await trial.send("POST", "/box?restype=container&comp=batch", {
    headers: { "content-type": "multipart/mixed; boundary=b" },
    body: [...parts, "--b--", ""].join("\r\n"),
  });
  assert.equal(batch.status, 202, batch.text);
  const lines = await readLogs(trial);
  assert.deepEqual(
    lines.slice(0, 4).map((fields) => [fields[2], fields[3], fields[12], fields[14]]),
    [
      ["PutBlob", "OAuthSuccess", '"/acct/box/a"', "0"],
      ["CopyBlob", "OAuthSuccess", '"/acct/box/b"', "0"],
      ["CopyBlobSource", "OAuthSuccess", '"https://localhost:1/acct/box/a"', "1"],
      ["CopyBlobDestination", "OAuthSuccess", '"/acct/box/b"', "2"],
    ],
  );
  assert.deepEqual(
    lines
      .slice(4)
      .map((fields) => `${fields[2]} ${fields[3]} ${fields[12]}`)
      .sort(),
    [
      'BlobBatch OAuthSuccess "/acct/box"',
      'DeleteBlob BlobNotFound "/acct/box/zzz"',
      'DeleteBlob OAuthSuccess "/acct/box/a"',
    ],
  );
});

test("clients read and delete logs, and put nothing beside them", async (test) => {
  const trial = await startLogged(test);
  await trial.send("PUT", "/box/a", { headers: blockBlob, body: "1" });
  await readLogs(trial);
  setLogging(trial, { isRead: false, isWritten: false, isDeleted: false });
  const log = "/$logs/blob/2026/01/02/0300/000000.log";
  const statuses: Record<string, number> = {};
  const ask = async (method: string, target: string, headers: Record<string, string> = {}) => {
    const answer = await trial.send(method, target, { headers, ...(method === "PUT" ? { body: "1" } : {}) });
    statuses[`${method} ${target.replace(log, "LOG")} ${Object.keys(headers)}`.trim()] = answer.status;
    return answer;
  };
  assert.match((await ask("GET", "/$logs?restype=container&comp=list")).text, /<Name>blob\/2026/);
  assert.doesNotMatch((await ask("GET", "/?comp=list")).text, /\$logs/);
  assert.match((await ask("GET", "/?comp=list&include=system")).text, /<Name>\$logs/);
  await ask("GET", log);
  for (const target of ["/$logs/x", log]) await ask("PUT", target, blockBlob);
  await ask("PUT", `${log}?comp=metadata`, { "x-ms-meta-a": "1" });
  await ask("PUT", `${log}?comp=lease`, { "x-ms-lease-action": "acquire", "x-ms-lease-duration": "-1" });
  await ask("PUT", "/$logs/copy", { "x-ms-copy-source": `https://localhost:1/acct${log}` });
  await ask("PUT", "/$logs?restype=container&comp=acl", { "x-ms-blob-public-access": "blob" });
  await ask("DELETE", "/$logs?restype=container");
  await ask("DELETE", log);
  assert.deepEqual(statuses, {
    "GET /$logs?restype=container&comp=list": 200,
    "GET /?comp=list": 200,
    "GET /?comp=list&include=system": 200,
    "GET LOG": 200,
    "PUT /$logs/x x-ms-blob-type": 403,
    "PUT LOG x-ms-blob-type": 403,
    "PUT LOG?comp=metadata x-ms-meta-a": 403,
    "PUT LOG?comp=lease x-ms-lease-action,x-ms-lease-duration": 403,
    "PUT /$logs/copy x-ms-copy-source": 403,
    "PUT /$logs?restype=container&comp=acl x-ms-blob-public-access": 403,
    "DELETE /$logs?restype=container": 403,
    "DELETE LOG": 202,
  });
  // A reader of blobs elsewhere does not read logs.
  assert.equal((await trial.send("GET", "/$logs?restype=container&comp=list", { as: people.boxReader })).status, 403);
});

test("logs end after the days that they are kept, at the hour", async (test) => {
  const trial = await startLogged(test, { keptDays: 1 });
  await ensureContainer(trial.engine, "acct", logsContainer);
  const names = [
    "2025/12/31/2300/000000",
    "2026/01/01/0200/000000",
    "2026/01/01/0300/000000",
    "2026/01/02/0300/000000",
  ];
  for (const name of names) {
    const blob = `blob/${name}.log`;
    await putBytes(trial.engine, { account: "acct", container: logsContainer, blob }, Buffer.from("x"));
  }
  await trial.logs.sweep();
  assert.deepEqual(
    await listLogs(trial),
    names.slice(2).map((name) => `blob/${name}.log`),
  );
});

test("lines that cannot be written wait, within bounds, and are counted when they are lost", async (test) => {
  const trial = await startLogged(test);
  let isFull = true;
  const engine = new Proxy(trial.engine, {
    get(target, name) {
      if (name === "store" && isFull) return () => Promise.reject(new BlobRefusal({ kind: "storage-full" }));
      const value = Reflect.get(target, name) as unknown;
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const reports: string[] = [];
  const options = { engine, model: trial.model, now: () => now, report: (line: string) => void reports.push(line) };
  const logs = new RequestLogs(options);
  const send = () => {
    const listeners: (() => void)[] = [];
    const response = {
      once: (_: string, heard: () => void) => listeners.push(heard),
      headersSent: true,
      statusCode: 200,
      writableFinished: true,
    };
    const request = { method: "GET", url: "/", rawHeaders: [], socket: {} };
    const exchange = {
      request,
      response,
      requestId: "r",
      origin: "",
      prefix: "",
      path: `/${"x".repeat(6000)}`,
      query: "",
    };
    const arrival = { exchange, headers: new RequestHeaders(["authorization", "Bearer x"]), version: "2025-07-05" };
    logs.follow(trial.model.storageAccount("acct")!, arrival as never);
    for (const heard of listeners) heard();
  };
  send();
  await logs.flush();
  await logs.flush();
  assert.equal(reports.length, 1);
  assert.equal(logs.droppedCount, 0);
  for (let index = 0; index < 1600; index++) send();
  await logs.flush();
  assert.ok(logs.droppedCount > 0);
  assert.equal(reports.at(-1), `${logs.droppedCount} lines of the logs of requests were lost`);
  const lost = logs.droppedCount;
  isFull = false;
  send();
  await logs.close();
  assert.equal(logs.droppedCount, lost);
  assert.ok((await listLogs(trial)).length > 0);
});

test("a failure of the lines fails nobody's request", async (test) => {
  const trial = await startLogged(test);
  Object.defineProperty(trial.model, "principal", {
    value: () => {
      throw new Error("no principals today");
    },
  });
  assert.equal((await trial.send("PUT", "/box/a", { headers: blockBlob, body: "1" })).status, 201);
  await readLogs(trial);
  assert.equal(trial.logs.droppedCount, 1);
  assert.match(trial.logged.join("\n"), /could not be logged: no principals today/);
});
