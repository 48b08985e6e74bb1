import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeSelfSignedCertificate } from "../azure/self-signed-certificate.ts";
import { failure } from "../faults.ts";
import type { HttpAnswer } from "../http/transport.ts";
import { checkAuthority } from "./authority.ts";
import { describeFindings, type Finding } from "./finding.ts";
import { checkNetworkVariables, checkVariables } from "./variables.ts";

const tenant = "11111111-1111-4111-8111-111111111111";
const client = "22222222-2222-4222-8222-222222222222";
const whole = { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: client, AZURE_CLIENT_SECRET: "abc~secret-text" };
const now = Date.parse("2026-06-01T00:00:00Z");

function failures(findings: readonly Finding[]) {
  return findings.filter(({ state }) => state === "failure").map(({ check }) => check);
}

test("variables: whole ones pass; one missing, quotes, a GUID for a secret and a bad authority are each found", () => {
  const cases: readonly (readonly [NodeJS.ProcessEnv, readonly string[]])[] = [
    [whole, []],
    [{}, []],
    [{ AZURE_CLIENT_ID: client }, ["variables"]],
    [{ ...whole, AZURE_TENANT_ID: `"${tenant}"` }, ["AZURE_TENANT_ID"]],
    [{ ...whole, AZURE_CLIENT_ID: "my-app" }, ["AZURE_CLIENT_ID"]],
    [{ ...whole, AZURE_CLIENT_SECRET: client }, ["AZURE_CLIENT_SECRET"]],
    [{ ...whole, AZURE_CLIENT_SECRET: "text\n" }, ["AZURE_CLIENT_SECRET"]],
    [{ ...whole, AZURE_AUTHORITY_HOST: "http://login.example" }, ["AZURE_AUTHORITY_HOST"]],
  ];
  for (const [env, expected] of cases) {
    const findings = checkVariables(env, now);
    assert.deepEqual(failures(findings), expected);
    // Whatever is wrong, the secret is never repeated.
    if (env.AZURE_CLIENT_SECRET)
      assert.equal(
        JSON.stringify(findings).includes(env.AZURE_CLIENT_SECRET.trim()),
        env.AZURE_CLIENT_SECRET === client && false,
      );
  }
});

test("certificates: what has ended, ends soon, and what others may read", () => {
  const folder = mkdtempSync(join(tmpdir(), "postern-doctor-"));
  const make = (until: string, mode: number) => {
    const file = join(folder, `${until}-${mode}.pem`);
    writeFileSync(file, makeSelfSignedCertificate("x", new Date("2025-01-01"), new Date(until)).pem, { mode });
    const env = { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: client, AZURE_CLIENT_CERTIFICATE_PATH: file };
    return checkVariables(env, now)
      .filter(({ check }) => check === "AZURE_CLIENT_CERTIFICATE_PATH")
      .map(({ state }) => state);
  };
  assert.deepEqual(make("2026-01-01", 0o600), ["failure"]);
  assert.deepEqual(make("2026-06-10", 0o600), ["warning"]);
  assert.deepEqual(make("2027-06-10", 0o644), ["ok", "warning"]);
  assert.deepEqual(failures(checkVariables({ ...whole, AZURE_CLIENT_CERTIFICATE_PATH: "/none" }, now)), [
    "AZURE_CLIENT_CERTIFICATE_PATH",
  ]);
});

test("proxy and CA: which are set, and files that are not there", () => {
  assert.deepEqual(failures(checkNetworkVariables({ HTTPS_PROXY: "not an address" })), ["proxy"]);
  assert.deepEqual(failures(checkNetworkVariables({ SSL_CERT_FILE: "/none" })), ["CA bundle"]);
  assert.deepEqual(failures(checkNetworkVariables({})), []);
});

test("sign-in service: a clock that is off, a tenant that is not known, a CA that is not trusted", async () => {
  const answer = (status: number, date: string, body = "{}"): HttpAnswer => ({ status, headers: { date }, body });
  const on = (reply: HttpAnswer | Error) =>
    checkAuthority(
      whole,
      async () => {
        if (reply instanceof Error) throw reply;
        return reply;
      },
      () => now,
    );
  assert.deepEqual(failures(await on(answer(200, "Mon, 01 Jun 2026 00:00:10 GMT"))), []);
  assert.deepEqual(failures(await on(answer(200, "Mon, 01 Jun 2026 01:00:00 GMT"))), ["clock"]);
  const unknown = JSON.stringify({ error_description: "AADSTS90002: Tenant not found. Trace ID: x" });
  const [, tenantFinding] = await on(answer(400, "Mon, 01 Jun 2026 00:00:00 GMT", unknown));
  assert.deepEqual([tenantFinding?.state, tenantFinding?.found], ["failure", "AADSTS90002: Tenant not found."]);
  const [distrust] = await on(
    failure("Cannot reach https://login.microsoftonline.com: self-signed certificate in certificate chain"),
  );
  assert.match(distrust!.next!, /NODE_EXTRA_CA_CERTS/);
  assert.match(describeFindings([distrust!]), /^FAILED {3}sign-in service {2}login\.microsoftonline\.com: .*\n +-> /);
});
