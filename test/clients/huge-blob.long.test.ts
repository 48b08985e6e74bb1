/**
 * A blob that is larger than memory should be, streamed up in one request and down in another: the server's memory stays flat and the bytes come back.
 * POSTERN_TEST_HUGE_MIB says how large (4096 for the full proof; Put Blob takes up to 5000 MiB).
 */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { after, before, test } from "node:test";
import { type Cloud, startCloud } from "./cloud.ts";
import { createWalkthrough } from "./seed.ts";

const mib = 1024 * 1024;
const sizeMib = Number(process.env.POSTERN_TEST_HUGE_MIB ?? 512);
/** What the server may grow by, in MiB: what its sockets and buffers take, whatever the blob's size. */
const maxGrowthMib = 128;

let cloud: Cloud;
before(async () => {
  cloud = await startCloud();
});
after(() => cloud?.stop());

function residentMib(what: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${cloud.status.pid}/status`, "utf8");
  return Number(new RegExp(`^${what}:\\s+(\\d+) kB$`, "m").exec(status)![1]) / 1024;
}

async function tokenOf(name: string): Promise<string> {
  const { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET } = await cloud.credentials(name);
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: AZURE_CLIENT_ID,
    client_secret: AZURE_CLIENT_SECRET,
    scope: "https://storage.azure.com/.default",
  });
  const sent = request(`${cloud.status.baseUrl}/${AZURE_TENANT_ID}/oauth2/v2.0/token`, {
    method: "POST",
    ca: readFileSync(cloud.status.caBundle),
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
  sent.end(form.toString());
  const [answer] = await once(sent, "response");
  let text = "";
  for await (const part of answer.setEncoding("utf8")) text += part;
  return (JSON.parse(text) as { access_token: string }).access_token;
}

test(`a blob of ${sizeMib} MiB goes both ways, and the server's memory stays flat`, async (context) => {
  const { account } = await createWalkthrough(cloud, "huge");
  const headers = { authorization: `Bearer ${await tokenOf("huge")}`, "x-ms-version": "2025-07-05" };
  const send = (method: string, target: string, more: Record<string, string> = {}) =>
    request(`${cloud.status.baseUrl}/${account}${target}`, {
      method,
      ca: readFileSync(cloud.status.caBundle),
      headers: { ...headers, ...more },
    });
  const made = send("PUT", "/big?restype=container", { "content-length": "0" });
  made.end();
  assert.equal((await once(made, "response"))[0].resume().statusCode, 201);
  const idleMib = residentMib("VmRSS");

  const piece = randomBytes(mib);
  const sum = createHash("md5");
  const length = String(sizeMib * mib);
  const up = send("PUT", "/big/blob", { "content-length": length, "x-ms-blob-type": "BlockBlob" });
  const answered = once(up, "response");
  for (let sent = 0; sent < sizeMib; sent++) {
    piece.writeUInt32LE(sent);
    const part = Buffer.from(piece);
    sum.update(part);
    if (!up.write(part)) await once(up, "drain");
  }
  up.end();
  const [stored] = await answered;
  stored.resume();
  const expected = sum.digest("base64");
  assert.equal(stored.statusCode, 201);
  assert.equal(stored.headers["content-md5"], expected);
  const upMib = residentMib("VmHWM");

  const down = send("GET", "/big/blob");
  down.end();
  const [answer] = await once(down, "response");
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.headers["content-length"], length);
  const back = createHash("md5");
  for await (const part of answer) back.update(part);
  assert.equal(back.digest("base64"), expected);
  const mostMib = residentMib("VmHWM");
  context.diagnostic(
    `idle ${idleMib.toFixed(0)} MiB, most ${upMib.toFixed(0)} MiB after the way up, ${mostMib.toFixed(0)} MiB after the way down`,
  );
  assert.ok(mostMib - idleMib < maxGrowthMib, `grew from ${idleMib} to ${mostMib} MiB`);
});
