/**
 * Nothing secret reaches a log, whichever way it takes: secrets of every kind are sent to a whole server by every door it has, with every log on and at
 * its most talkative, and then looked for in all that it wrote.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createLog, type Log } from "../../packages/server/src/observe/log.ts";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { sendPlain, startMachineSession } from "../support/machine-client.ts";
import { createAccount, createApp, planeHosts, planeScopes } from "../support/plane-client.ts";

const account = "logsecrets";
const blobHost = `${account}.blob.core.windows.net`;
/** Each names what it is, so that a leak says which. */
const sent = {
  wrongSecret: "WrongSecret.aaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  password: "Passw0rd-of-somebody-bbbbbbbb",
  signature: "SharedSignature%2Bcccccccccccccccccccccc%3D",
  bearer: "BearerToken.dddddddddddddddddddddddddddd",
  sharedKey: "SharedKeySignature0eeeeeeeeeeeeeeeeeeeee=",
  cookie: "CookieValue0ffffffffffffffffffffffffffff",
  refreshToken: "1.RefreshToken0gggggggggggggggggggggggggggggggggggggggggggggggggggggggg",
  assertion: "eyJhbGciOiJSUzI1NiJ9.eyJBc3NlcnRpb24iOiJoaGhoaGhoaCJ9.QXNzZXJ0aW9uU2lnbmF0dXJl",
  proxyCredentials: Buffer.from("proxy:ProxyPassword0iiiiiiii").toString("base64"),
  upstreamPassword: "UpstreamPassword0jjjjjjjj",
  databasePassword: "DatabasePassword0kkkkkkkk",
  code: "0.AuthorizationCode0lllllllllllllllllllllllllllllllllllllllllllllllllll",
  verifier: "CodeVerifier0mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm",
  copySource: "CopySourceToken0nnnnnnnnnnnnnnnnnnnnnnnn",
} as const;

let cloud: TestCloud;
let folder: string;
const lines: string[] = [];
let log: Log;
/** Beside what was sent: what the server itself made. */
const made: Record<string, string> = {};
let machineEndpoint: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "postern-log-secrets-"));
  log = await createLog({ format: "json", level: "debug", write: (line) => lines.push(line) });
  cloud = await startTestCloud({
    log,
    isOffline: false,
    upstreamProxy: `http://user:${sent.upstreamPassword}@127.0.0.1:9`,
    front: { accessLog: { path: join(folder, "access.log"), maxBytes: 10_000_000, keptFiles: 1 } },
  });
  await createAccount(cloud.client, "log-group", account);
  const app = await createApp(cloud.client, "log-secrets");
  made.clientSecret = app.secret;
  made.accessToken = await cloud.client.token(app.appId, app.secret, planeScopes.arm);
  const operator = JSON.parse(readFileSync(join(cloud.status.stateDir, "operator.json"), "utf8")) as Record<
    string,
    string
  >;
  Object.assign(made, { operatorSecret: operator.clientSecret, operatorPassword: operator.password });
  machineEndpoint = await startMachineSession(cloud.client, "log-group", "logged");
  made.sessionAddress = new URL(machineEndpoint).pathname.slice(1);
});
after(async () => {
  await cloud.dispose();
  rmSync(folder, { recursive: true });
});

const form = { "content-type": "application/x-www-form-urlencoded" };
const ask = (host: string, method: string, target: string, headers: Record<string, string> = {}, body?: string) =>
  cloud.client.send(host, method, target, { headers, ...(body === undefined ? {} : { body }) });
const token = (fields: Record<string, string>, headers = {}) =>
  ask(
    planeHosts.entra,
    "POST",
    `/${cloud.client.status.tenantId}/oauth2/v2.0/token`,
    { ...form, ...headers },
    new URLSearchParams(fields).toString(),
  );

/** Sends each secret where it belongs, and where people paste it by mistake. */
async function sendEverything(): Promise<void> {
  const client_id = "11111111-2222-4333-8444-555555555555";
  const scope = planeScopes.arm;
  await token({ grant_type: "client_credentials", client_id, client_secret: sent.wrongSecret, scope });
  await token({ grant_type: "client_credentials", client_id: sent.wrongSecret, scope });
  await token({ grant_type: "password", client_id, username: "someone@example.com", password: sent.password, scope });
  await token({ grant_type: "refresh_token", client_id, refresh_token: sent.refreshToken, scope });
  await token({ grant_type: "authorization_code", client_id, code: sent.code, code_verifier: sent.verifier, scope });
  await token({
    grant_type: "client_credentials",
    client_id,
    client_assertion: sent.assertion,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    scope,
  });
  await token(
    { grant_type: "client_credentials", scope },
    { authorization: `Basic ${Buffer.from(`${client_id}:${sent.wrongSecret}`).toString("base64")}` },
  );
  const query = `client_secret=${sent.wrongSecret}&password=${sent.password}&code=${sent.code}&refresh_token=${sent.refreshToken}`;
  await ask(planeHosts.entra, "GET", `/common/oauth2/v2.0/authorize?${query}&id_token_hint=${sent.assertion}`, {
    cookie: `flow=${sent.cookie}`,
  });
  for (const host of [planeHosts.graph, planeHosts.arm, blobHost, "localhost"])
    await ask(host, "GET", `/v1.0/me?sig=${sent.signature}&access_token=${sent.bearer}`, {
      authorization: `Bearer ${sent.bearer}`,
      cookie: `a=${sent.cookie}`,
      "user-agent": `curl Authorization: Bearer ${sent.bearer}`,
    });
  await ask(
    planeHosts.graph,
    "POST",
    "/v1.0/users",
    { authorization: `Bearer ${sent.assertion}` },
    JSON.stringify({ passwordProfile: { password: sent.password } }),
  );
  await ask(blobHost, "GET", `/c/b?sv=2023-11-03&se=2099-01-01&sr=b&sp=r&sig=${sent.signature}`);
  await ask(blobHost, "GET", "/c/b", {
    authorization: `SharedKey ${account}:${sent.sharedKey}`,
    "x-ms-version": "2023-11-03",
  });
  await ask(blobHost, "PUT", "/c/b", {
    authorization: `Bearer ${made.accessToken}`,
    "x-ms-version": "2023-11-03",
    "x-ms-copy-source": `https://${blobHost}/c/d?sig=${sent.signature}`,
    "x-ms-copy-source-authorization": `Bearer ${sent.copySource}`,
  });
}

/** Through the proxy's doors: CONNECT and absolute-form, to a host that only the upstream proxy, which is not there, would reach. */
async function sendThroughProxy(): Promise<void> {
  for (const head of [
    "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443",
    "GET http://example.com/?sig=x HTTP/1.1\r\nHost: example.com",
  ]) {
    const socket = connect(Number(new URL(cloud.status.baseUrl).port), "127.0.0.1");
    socket.on("error", () => {});
    socket.write(`${head}\r\nProxy-Authorization: Basic ${sent.proxyCredentials}\r\nConnection: close\r\n\r\n`);
    socket.resume();
    await once(socket, "close");
  }
}

function assertNone(text: string, where: string): void {
  for (const [what, secret] of Object.entries({ ...sent, ...made })) {
    for (const form of [
      secret,
      decodeURIComponent(secret),
      encodeURIComponent(secret),
      Buffer.from(secret).toString("base64"),
    ])
      assert.ok(!text.includes(form), `${what} is in ${where}`);
  }
}

describe("nothing secret is in", () => {
  test("the log and the access log of a server that was sent everything", async () => {
    await sendEverything();
    await sendThroughProxy();
    await sendPlain(`${machineEndpoint}/metadata/identity/oauth2/token?resource=x`, { metadata: "true" });
    while (cloud.front.load.requestCount > 0) await new Promise((resolve) => setImmediate(resolve));
    await cloud.front.close();
    const access = readFileSync(join(folder, "access.log"), "utf8");
    assert.ok(access.split("\n").length > 20);
    assert.match(access, /sig=\[redacted\]/);
    assert.match(access, /"host":"127\.0\.0\.1:\d+","path":"\/\{session\}\/metadata\/identity/);
    for (const line of access.trim().split("\n")) assert.ok(JSON.parse(line).trace_id);
    assertNone(access, "the access log");
    assertNone(lines.join(""), "the log");
  });

  test("the log of a fault whose error quotes what was sent", () => {
    const before = lines.length;
    const quoted = [
      `client_secret=${sent.wrongSecret}&password=${sent.password}&code_verifier=${sent.verifier}`,
      `Authorization: Bearer ${sent.bearer}`,
      `SharedKey ${account}:${sent.sharedKey}`,
      `Cookie: flow=${sent.cookie}`,
      `proxy-authorization: Basic ${sent.proxyCredentials}`,
      `http://user:${sent.upstreamPassword}@proxy:3128`,
      `postgres://postern:${sent.databasePassword}@db/postern`,
      `{"refresh_token":"${sent.refreshToken}","code":"${sent.code}","client_assertion":"${sent.assertion}"}`,
      `https://${blobHost}/c/b?sig=${sent.signature}`,
      `x-ms-copy-source-authorization: Bearer ${sent.copySource}`,
      `AZURE_CLIENT_SECRET=${made.clientSecret} access_token=${made.accessToken} password: ${made.operatorPassword} secretText: ${made.operatorSecret}`,
    ];
    for (const text of quoted) {
      log.error(`fault: ${new Error(text).stack}`, { detail: text, client_secret: text });
      log.debug(text);
    }
    assert.equal(lines.length - before, 2 * quoted.length);
    assertNone(lines.slice(before).join(""), "a fault's line");
  });

  test("what a server says that does not start, and what others see of it", async () => {
    const main = join(import.meta.dirname, "..", "..", "packages", "server", "src", "main.ts");
    const key = join(folder, "key");
    writeFileSync(key, Buffer.alloc(32, 7).toString("base64"), { mode: 0o600 });
    const password = join(folder, "password");
    writeFileSync(password, sent.databasePassword, { mode: 0o600 });
    const args = (database: string) => [
      "--conditions=postern-source",
      main,
      "up",
      "--state",
      join(folder, "s"),
      "--port",
      "0",
      "--database",
      database,
      "--database-key-file",
      key,
    ];
    const inUrl = spawnSync(process.execPath, args(`postgres://postern:${sent.databasePassword}@127.0.0.1:9/postern`), {
      encoding: "utf8",
    });
    assert.equal(inUrl.status, 1);
    assert.match(inUrl.stderr, /must not hold a password/);
    const variable = {
      ...process.env,
      POSTERN_DATABASE: `postgres://postern:${sent.databasePassword}@127.0.0.1:9/postern`,
    };
    const inEnvironment = spawnSync(
      process.execPath,
      ["--conditions=postern-source", main, "up", "--state", join(folder, "s")],
      { encoding: "utf8", env: variable },
    );
    assert.match(inEnvironment.stderr, /must not hold a password/);
    const child = spawn(
      process.execPath,
      [...args("postgres://postern@127.0.0.1:9/postern"), "--database-password-file", password, "--log-level", "debug"],
      { stdio: "pipe" },
    );
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        said += chunk;
      });
    const [code] = await once(child, "close");
    assert.equal(code, 1);
    assert.notEqual(said, "");
    for (const text of [inUrl.stdout, inUrl.stderr, inEnvironment.stdout, inEnvironment.stderr, said])
      assertNone(text, "what it said");
  });
});
