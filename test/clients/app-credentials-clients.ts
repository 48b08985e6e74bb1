/**
 * The clients' half of the tests of applications that sign in without a secret: each program with each credential it knows.
 * May use: app-credentials-suite.ts, az.ts, cloud.ts, seed.ts.
 */
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
  assertTokens,
  type Claims,
  createApi,
  createCertificateApp,
  issuer,
  type OfflineIssuer,
  publishIssuer,
  subject,
  testAz,
  thumbprintOf,
} from "./app-credentials-suite.ts";
import { type Az, operatorAz } from "./az.ts";
import { type Cloud, startCloud } from "./cloud.ts";
import { assertRefused, assertSucceeded } from "./execution.ts";
import type { AzInstallation, Skip } from "./installed.ts";
import { callGraph, createApp } from "./seed.ts";

const programs = join(import.meta.dirname, "programs");

/** One program that signs an application in, and the kinds of credentials it knows beside those every client has. */
export interface CredentialClient {
  readonly name: string;
  readonly skip: Skip;
  readonly command: readonly string[];
  readonly more: readonly ("msal" | "workload" | "default-workload")[];
}

export const nodeProgram = join(programs, "app-credentials.mjs");
export const pythonProgram = join(programs, "app_credentials.py");

/** A suite of its own: a cloud, the az that sets it up, and the clients. */
export function testApplications(installation: AzInstallation, clients: readonly CredentialClient[]): void {
  describe("applications without a secret", { skip: installation.skip }, () => {
    let cloud: Cloud;
    let az: Az;
    let offline: OfflineIssuer;
    before(async () => {
      cloud = await startCloud();
      const home = join(cloud.workDir, "home");
      await mkdir(home);
      // az leaves certificates in the home folder; what is kept between runs stays where it is.
      const cache = process.env.POSTERN_TEST_CACHE ?? join(homedir(), ".cache/postern-test");
      az = operatorAz(cloud, installation, { HOME: home, POSTERN_TEST_CACHE: cache });
      offline = await publishIssuer(cloud);
    });
    after(() => cloud?.stop());

    describe(installation.name, () => testAz(() => ({ cloud, az, offline }), installation));

    for (const [index, { name, skip, command, more }] of clients.entries()) {
      // Names of programs hold quotes, which az 2.45 puts into its filters as they are.
      const tag = `client ${index}`;
      const run = (env: NodeJS.ProcessEnv, ...args: string[]) => cloud.run([...command, ...args], { env });

      describe(name, { skip }, () => {
        it("signs in with a certificate, by itself, with its chain, and by DefaultAzureCredential", async () => {
          const { appId, tenant, pem } = await createCertificateApp(az, `certificate of ${tag}`);
          const env = { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: appId };
          assertTokens(await run(env, "certificate", pem), appId);
          assertTokens(await run(env, "certificate-chain", pem), appId);
          assertTokens(await run({ ...env, AZURE_CLIENT_CERTIFICATE_PATH: pem }, "default"), appId);
          if (more.includes("msal")) assertTokens(await run(env, "msal", pem, await thumbprintOf(pem)), appId);
          const stranger = await createCertificateApp(az, `stranger of ${tag}`);
          assertRefused(await run(env, "certificate", stranger.pem), /700027/);
        });

        it("signs in with another issuer's token", async () => {
          const { appId, tenant } = await createApp(cloud, `federated of ${tag}`);
          const found = await callGraph<{ value: { id: string }[] }>(
            cloud,
            "GET",
            `/applications?$filter=appId eq '${appId}'`,
          );
          const path = join(cloud.workDir, "token.jwt");
          await writeFile(path, offline.token());
          const env = {
            AZURE_TENANT_ID: tenant,
            AZURE_CLIENT_ID: appId,
            AZURE_FEDERATED_TOKEN_FILE: path,
            // Set by Kubernetes, too; Python's chain looks for a workload's token only where it is.
            AZURE_AUTHORITY_HOST: "https://login.microsoftonline.com/",
          };
          assertRefused(await run(env, "assertion", path), /70021/);
          await callGraph(cloud, "POST", `/applications/${found.value[0]!.id}/federatedIdentityCredentials`, {
            name: "main",
            issuer,
            subject,
            audiences: ["api://AzureADTokenExchange"],
          });
          await writeFile(path, offline.token({ jti: name }));
          assertTokens(await run(env, "assertion", path), appId);
          if (more.includes("workload")) assertTokens(await run(env, "workload"), appId);
          if (more.includes("default-workload")) assertTokens(await run(env, "default"), appId);
        });

        it("acts on behalf of a person who called it", async () => {
          const { appId, tenant, pem } = await createCertificateApp(az, `api of ${tag}`);
          const app = await createApp(cloud, `api of ${tag}`);
          assert.equal(app.appId, appId);
          const { frontend, scope } = await createApi(cloud, appId);
          const { username, password } = await cloud.credentials("operator");
          const env = { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: appId };
          // MSAL for Node takes a secret here, the Python SDK the file of the certificate.
          const isBySecret = command.includes(nodeProgram);
          const proof = isBySecret ? app.password : pem;
          const arm = "https://management.azure.com/.default";
          const outcome = await run(env, "on-behalf-of", frontend, username!, password!, scope, proof, arm);
          const [first, second] = JSON.parse(assertSucceeded(outcome).stdout) as [Claims, Claims];
          assert.deepEqual([first.ver, first.aud, first.azp, first.scp], ["2.0", appId, frontend, "Notes.Use"]);
          assert.deepEqual([second.appid, second.scp, second.oid], [appId, "user_impersonation", first.oid]);
          assert.equal(second.appidacr, isBySecret ? "1" : "2");
        });
      });
    }

    it("keeps no private key of anyone's certificate", async () => {
      const { pem } = await createCertificateApp(az, "only the public half");
      const [, key] = /PRIVATE KEY-----\n([^\n]+)/.exec(await readFile(pem, "utf8"))!;
      const [, certificate] = /BEGIN CERTIFICATE-----\n([^\n]+)/.exec(await readFile(pem, "utf8"))!;
      const kept = await Promise.all(
        ["state.db", "state.db-wal"].map((file) => readFile(join(cloud.status.stateDir, file), "latin1")),
      );
      assert.ok(kept.some((text) => text.includes(certificate!)));
      assert.ok(!kept.some((text) => text.includes(key!)));
    });
  });
}
