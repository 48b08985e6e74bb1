/**
 * @postern/credential beside @azure/identity, scenario by scenario, against one Postern: the same tokens, or the same refusal with the
 * same number. What differs is listed here with its reason; a difference that is not listed fails.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Cloud, startCloud } from "../clients/cloud.ts";
import { assertSucceeded } from "../clients/execution.ts";
import { addExpiredSecret, callGraph, createApp, type Registration } from "../clients/seed.ts";

interface Result {
  readonly token?: Readonly<Record<string, unknown>>;
  readonly error?: string;
  readonly aadsts?: string;
  readonly message?: string;
}
type Results = Readonly<Record<string, Result>>;

/** Scenarios where the outcome itself differs, and why ours is as it is. */
const differences: Readonly<Record<string, string>> = {
  "chain: wrong secret, then a right one":
    "@azure/identity reports a wrong secret as AuthenticationRequiredError, which its chain passes over; its documentation has a failed sign-in end the chain, and so does ours",
};

const program = join(import.meta.dirname, "programs/scenarios.mjs");
let cloud: Cloud;
let app: Registration;
let theirs: Results;
let ours: Results;

function makeCertificate(name: string): string {
  const [key, certificate, both] = ["key", "crt", "pem"].map((ending) => join(cloud.workDir, `${name}.${ending}`));
  const subject = ["-subj", `/CN=${name}`, "-days", "2", "-keyout", key!, "-out", certificate!];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject], { stdio: "ignore" });
  writeFileSync(both!, readFileSync(key!, "utf8") + readFileSync(certificate!, "utf8"), { mode: 0o600 });
  return both!;
}

async function registerCertificate(path: string): Promise<void> {
  const key = /BEGIN CERTIFICATE-----([\s\S]+?)-----END/.exec(readFileSync(path, "utf8"))![1]!.replace(/\s/g, "");
  const found = await callGraph<{ value: { id: string }[] }>(
    cloud,
    "GET",
    `/applications?$filter=appId eq '${app.appId}'`,
  );
  const keyCredentials = [{ type: "AsymmetricX509Cert", usage: "Verify", key }];
  await callGraph(cloud, "PATCH", `/applications/${found.value[0]!.id}`, { keyCredentials }).catch((error: Error) => {
    // 204 has no JSON to read.
    if (!/JSON/.test(error.message)) throw error;
  });
}

before(async () => {
  cloud = await startCloud();
  app = await createApp(cloud, "scenarios");
  const certificatePath = makeCertificate("registered");
  await registerCertificate(certificatePath);
  const tokenFile = join(cloud.workDir, "not-a-token");
  writeFileSync(tokenFile, "not.a.token");
  const SCENARIOS = JSON.stringify({
    tenant: app.tenant,
    app: app.appId,
    secret: app.password,
    expiredSecret: await addExpiredSecret(cloud, app.appId),
    certificatePath,
    otherCertificatePath: makeCertificate("other"),
    tokenFile,
  });
  const run = async (library: string) => {
    const command = [process.execPath, "--conditions=postern-source", program, library];
    const outcome = assertSucceeded(await cloud.run(command, { env: { PATH: "/nowhere", SCENARIOS } }));
    return JSON.parse(outcome.stdout) as Results;
  };
  theirs = await run(import.meta.resolve("@azure/identity"));
  ours = await run(import.meta.resolve("@postern/credential"));
});
after(() => cloud?.stop());

describe("side by side with @azure/identity", () => {
  it("gives the same token or the same refusal in every scenario, but for the listed differences", (context) => {
    const rows: string[] = [];
    const unlisted: object[] = [];
    for (const [name, their] of Object.entries(theirs)) {
      const our = ours[name]!;
      const say = ({ token, error, aadsts }: Result) => (token ? "token" : `${error}${aadsts ? ` ${aadsts}` : ""}`);
      rows.push(`${name} | ${say(their)} | ${say(our)}`);
      try {
        assert.deepEqual(our.token, their.token);
        assert.equal(our.error === undefined, their.error === undefined);
        if (their.aadsts !== undefined) assert.equal(our.aadsts, their.aadsts);
        assert.ok(!(name in differences), `${name} is listed as different and is not`);
      } catch (error) {
        if (!(name in differences)) unlisted.push({ name, their, our, error: String(error).slice(0, 300) });
      }
    }
    context.diagnostic(rows.join("\n"));
    assert.deepEqual(unlisted, []);
    assert.ok(rows.length >= 30);
  });

  it("says what to do wherever it refuses, and no secret", () => {
    for (const [name, { message }] of Object.entries(ours)) {
      assert.ok(message === undefined || !message.includes(app.password), name);
      assert.doesNotMatch(message ?? "", /wrong-secret-value|not\.a\.token/, name);
    }
    assert.match(
      ours["secret: wrong"]!.message!,
      /AADSTS7000215: The client secret is wrong\. Set AZURE_CLIENT_SECRET/,
    );
    assert.match(ours["secret: expired"]!.message!, /AADSTS7000222: The client secret has expired\. Make a new one/);
  });
});
