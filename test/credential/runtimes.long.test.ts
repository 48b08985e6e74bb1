/**
 * @postern/credential as it is built and installed, on Node.js (the tests' own and the machine's), Deno and Bun: a program signs in by
 * secret, certificate and workload identity, through the launcher's proxy, and beside it with a CA file of its own.
 */
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { copyFile, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { issuer, publishIssuer, subject } from "../clients/app-credentials-suite.ts";
import { type Cloud, repository, startCloud } from "../clients/cloud.ts";
import { assertSucceeded } from "../clients/execution.ts";
import { nodes } from "../clients/installed.ts";
import { assignRole, BLOB_READER, callGraph, createApp, createPlace, type Registration } from "../clients/seed.ts";

const folder = join(repository, "test/runtimes");

/**
 * Installs Deno and Bun as their lockfile says where they are not; they are too big for the root's. Not by `npm ci`: npm leaves binaries of
 * other platforms out of the lockfile, and then misses them.
 */
async function installRuntimes(): Promise<string | false> {
  if (existsSync(join(folder, "node_modules/.bin/deno")) && existsSync(join(folder, "node_modules/.bin/bun")))
    return false;
  try {
    await promisify(execFile)("npm", ["install", "--no-save", "--no-audit", "--no-fund"], { cwd: folder });
    return false;
  } catch (error) {
    return `Deno and Bun could not be installed: ${/npm error.*/.exec(String((error as { stderr?: string }).stderr))}`;
  }
}

const skip = await installRuntimes();
const runtimes = [
  ...nodes.map(({ name, node, skip }) => ({ name, command: [node], skip })),
  {
    name: "Deno",
    command: [join(folder, "node_modules/.bin/deno"), "run", "--allow-all", "--node-modules-dir=manual"],
    skip,
  },
  { name: "Bun", command: [join(folder, "node_modules/.bin/bun"), "run"], skip },
];

let cloud: Cloud;
let secretApp: Registration;
let certificateApp: Registration;
let federatedApp: Registration;
let program: string;
let WAYS: string;

async function changeApp(app: Registration, method: string, path: string, body: object): Promise<void> {
  const filter = `/applications?$filter=appId eq '${app.appId}'`;
  const found = await callGraph<{ value: { id: string }[] }>(cloud, "GET", filter);
  await callGraph(cloud, method, `/applications/${found.value[0]!.id}${path}`, body).catch((error: Error) => {
    // 204 has no JSON to read.
    if (!/JSON/.test(error.message)) throw error;
  });
}

/** @returns the path of a PEM with the key and the certificate, which the app then has. */
async function giveCertificate(app: Registration): Promise<string> {
  const [key, certificate, pem] = ["key", "crt", "pem"].map((ending) => join(cloud.workDir, `runtime.${ending}`));
  const subject = ["-subj", "/CN=runtime", "-days", "2", "-keyout", key!, "-out", certificate!];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject], { stdio: "ignore" });
  const public_ = readFileSync(certificate!, "utf8");
  writeFileSync(pem!, readFileSync(key!, "utf8") + public_, { mode: 0o600 });
  const base64 = public_.replace(/-----[^-]+-----|\s/g, "");
  const keyCredentials = [{ type: "AsymmetricX509Cert", usage: "Verify", key: base64 }];
  await changeApp(app, "PATCH", "", { keyCredentials });
  return pem!;
}

before(async () => {
  cloud = await startCloud();
  [secretApp, certificateApp, federatedApp] = [
    await createApp(cloud, "by-secret"),
    await createApp(cloud, "by-certificate"),
    await createApp(cloud, "by-federation"),
  ];
  const { account, scope } = await createPlace(cloud, "runtimes", "runtimesdata");
  await assignRole(cloud, secretApp.appId, BLOB_READER, scope);
  const offline = await publishIssuer(cloud);
  const federation = { name: "main", issuer, subject, audiences: ["api://AzureADTokenExchange"] };
  await changeApp(federatedApp, "POST", "/federatedIdentityCredentials", federation);
  const tokenFile = join(cloud.workDir, "token.jwt");
  writeFileSync(tokenFile, offline.token());
  const pem = await giveCertificate(certificateApp);
  WAYS = JSON.stringify({
    tenant: secretApp.tenant,
    secretApp,
    certificateApp: { ...certificateApp, pem },
    federatedApp: { ...federatedApp, tokenFile },
    account,
  });
  // Where the library is found by its name, as in an app's own folder.
  const app = join(cloud.workDir, "app");
  await mkdir(join(app, "node_modules/@postern"), { recursive: true });
  await symlink(join(repository, "packages/credential"), join(app, "node_modules/@postern/credential"));
  writeFileSync(join(app, "package.json"), '{"type":"module","dependencies":{"@postern/credential":"*"}}');
  program = join(app, "runtime.mjs");
  await copyFile(join(import.meta.dirname, "programs/runtime.mjs"), program);
});
after(() => cloud?.stop());

type Result = { appid?: string; aud?: string; tid?: string; code?: string; aadsts?: number; message?: string };

function assertResults(results: Readonly<Record<string, Result>>): void {
  const of = ({ appId, tenant }: Registration) => ({ appid: appId, aud: "https://storage.azure.com", tid: tenant });
  const { "wrong secret": wrong, "Azure CLI": az, blobs: _, ...tokens } = results;
  assert.deepEqual(tokens, {
    secret: of(secretApp),
    "environment: secret": of(secretApp),
    certificate: of(certificateApp),
    "environment: certificate": of(certificateApp),
    "environment: workload identity": of(federatedApp),
  });
  assert.match(wrong?.message ?? "", /AADSTS7000215: The client secret is wrong\. Set AZURE_CLIENT_SECRET/);
  assert.deepEqual([wrong?.code, wrong?.aadsts, az?.code], ["authentication_failed", 7000215, "unavailable"]);
  assert.match(az?.message ?? "", /az is not installed here\./);
}

for (const { name, command, skip } of runtimes) {
  describe(name, { skip }, () => {
    it("signs in by each way through the launcher, and reads with the token", async () => {
      const outcome = await cloud.run([...command, program], { env: { PATH: "/nowhere", WAYS } });
      const results = JSON.parse(assertSucceeded(outcome).stdout);
      assertResults(results);
      assert.equal(results.blobs, 200);
    });

    it("signs in by each way beside the launcher, with AZURE_AUTHORITY_HOST and AZURE_CA_FILE", async () => {
      const { baseUrl, caBundle } = cloud.status;
      const own = { AZURE_AUTHORITY_HOST: baseUrl, AZURE_CA_FILE: caBundle };
      const env = { PATH: "/nowhere", WAYS: JSON.stringify({ ...JSON.parse(WAYS), account: undefined }), ...own };
      const { stdout } = await promisify(execFile)(command[0]!, [...command.slice(1), program], { env });
      assertResults(JSON.parse(stdout));
    });

    it("says what to do when the authority's certificate is not trusted", async () => {
      const env = { PATH: "/nowhere", WAYS, AZURE_AUTHORITY_HOST: cloud.status.baseUrl };
      const { stdout } = await promisify(execFile)(command[0]!, [...command.slice(1), program], { env });
      const { secret } = JSON.parse(stdout) as Record<string, Result>;
      assert.equal(secret?.code, "network");
      assert.match(secret?.message ?? "", /could not be reached.*Set AZURE_CA_FILE or NODE_EXTRA_CA_CERTS/);
    });
  });
}
