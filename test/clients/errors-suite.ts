/**
 * What each client shows when Azure refuses: the same cases for every client, in its own words. The clients' texts differ
 * because the clients do; the number or code in each is the server's.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { freshAz, loginArguments } from "./az.ts";
import { type Cloud, startCloud } from "./cloud.ts";
import { assertRefused, assertSucceeded, type Outcome } from "./execution.ts";
import type { AzInstallation, NodeInstallation, PythonInstallation, Skip } from "./installed.ts";
import {
  addExpiredSecret,
  assignRole,
  BLOB_CONTRIBUTOR,
  BLOB_READER,
  createApp,
  createPlace,
  type Place,
  type Registration,
} from "./seed.ts";

const programs = join(import.meta.dirname, "programs");
const NOBODY = "00000000-0000-4000-8000-000000000000";

let cloud: Cloud;
let rg1: Place;
let rg10: Place;
let expiredSecret: string;
const apps = new Map<string, Registration>();

/** Who tries, by the roles of that app. The names say what the app has. */
const roles: Readonly<Record<string, () => [role: string, scope: string][]>> = {
  nothing: () => [],
  "contributor-of-rg1": () => [[BLOB_CONTRIBUTOR, rg1.scope]],
  owner: () => [
    ["Owner", rg1.scope],
    ["Owner", rg10.scope],
  ],
  reader: () => [[BLOB_READER, rg10.scope]],
};

/** Starts the one cloud of a test file and ends it after the last test. */
export function shareCloud(): void {
  before(async () => {
    cloud = await startCloud();
    rg1 = await createPlace(cloud, "rg1", "errorsone");
    rg10 = await createPlace(cloud, "rg10", "errorsten");
    for (const [name, wanted] of Object.entries(roles)) {
      const app = await createApp(cloud, name);
      apps.set(name, app);
      for (const [role, scope] of wanted()) await assignRole(cloud, app.appId, role, scope);
    }
    expiredSecret = await addExpiredSecret(cloud, apps.get("nothing")!.appId);
    const writer = await createApp(cloud, "writer");
    await assignRole(cloud, writer.appId, BLOB_CONTRIBUTOR, rg10.scope);
    const seed = [process.execPath, join(programs, "make-blob.mjs"), rg10.account, "box", "b"];
    assertSucceeded(await cloud.run(seed, { as: "writer" }));
  });
  after(() => cloud?.stop());
}

interface Attempt {
  readonly appId: string;
  readonly secret: string;
  readonly tenant: string;
}

interface SignInCase {
  readonly name: string;
  readonly attempt: (right: Attempt) => Attempt;
  readonly code: string;
}

const signInCases: readonly SignInCase[] = [
  { name: "a wrong secret", code: "7000215", attempt: (right) => ({ ...right, secret: "not-the-secret" }) },
  { name: "an unknown app", code: "700016", attempt: (right) => ({ ...right, appId: NOBODY }) },
  { name: "an unknown tenant", code: "90002", attempt: (right) => ({ ...right, tenant: NOBODY }) },
  { name: "an expired secret", code: "7000222", attempt: (right) => ({ ...right, secret: expiredSecret }) },
];

const blobCases = [
  { name: "no role: reading", app: "nothing", operation: "read" },
  { name: "a role on rg1 used on rg10", app: "contributor-of-rg1", operation: "read" },
  { name: "an Owner reading a blob", app: "owner", operation: "read" },
  { name: "a Reader writing", app: "reader", operation: "write" },
] as const;

/** One client: how it signs in, how it tries one blob operation, and what it says. */
export interface Client {
  readonly name: string;
  readonly skip: Skip;
  readonly signIn: (attempt: Attempt) => Promise<Outcome>;
  readonly tryBlob: (app: string, operation: "read" | "write") => Promise<Outcome>;
  readonly showsSignIn: (code: string) => RegExp;
  readonly showsMismatch: RegExp;
}

/** A program with DefaultAzureCredential: the app's variables from the launcher, the case's own put over them. */
function sdkClient(
  name: string,
  skip: Skip,
  command: string,
  [token, probe]: [string, string],
  lost: string[],
): Client {
  return {
    name,
    skip,
    signIn: ({ appId, secret, tenant }) => {
      const variables = [`AZURE_CLIENT_ID=${appId}`, `AZURE_CLIENT_SECRET=${secret}`, `AZURE_TENANT_ID=${tenant}`];
      return cloud.run(["env", ...variables, command, join(programs, token)], { as: "nothing" });
    },
    tryBlob: (app, operation) =>
      cloud.run([command, join(programs, probe), operation, rg10.account, "box", "b"], { as: app }),
    // Python's msal reads only "no such authority" out of the answer to discovery: the number is lost in the client.
    showsSignIn: (code) => (lost.includes(code) ? /Unable to get authority configuration/ : new RegExp(code)),
    showsMismatch: /^403 AuthorizationPermissionMismatch$/m,
  };
}

/** An az with a configuration folder of its own for each case: msal keeps answers of failed sign-ins on disk for a minute. */
export function azClient(installation: AzInstallation): Client {
  return {
    name: installation.name,
    skip: installation.skip,
    signIn: async ({ appId, secret, tenant }) =>
      (await freshAz(cloud, installation)).run(...loginArguments(appId, secret, tenant)),
    tryBlob: async (name, operation) => {
      const { appId, password, tenant } = apps.get(name)!;
      const az = await freshAz(cloud, installation);
      await az.text(...loginArguments(appId, password, tenant));
      const blob = ["--account-name", rg10.account, "--auth-mode", "login", "--container-name", "box", "--name", "b"];
      return operation === "read"
        ? az.run("storage", "blob", "download", ...blob, "--file", join(cloud.workDir, "never-there"))
        : az.run("storage", "blob", "upload", ...blob, "--overwrite", "--file", join(programs, "msal.mjs"));
    },
    showsSignIn: (code) => new RegExp(`AADSTS${code}`),
    // az puts a text of its own in place of the code.
    showsMismatch: /You do not have the required permissions needed to perform this operation/,
  };
}

/** A Node with @azure/identity and @azure/storage-blob. */
export function nodeClient({ name, skip, node }: NodeInstallation): Client {
  return sdkClient(name, skip, node, ["get-token.mjs", "blob-probe.mjs"], []);
}

/** A Python with the Azure SDK. */
export function pythonClient({ name, skip, python }: PythonInstallation): Client {
  return sdkClient(name, skip, python, ["get_token.py", "blob_probe.py"], ["90002"]);
}

/** The cases of both tables, and one that must pass, so that a refusal proves something. */
export function testRefusals(client: Client): void {
  describe(client.name, { skip: client.skip }, () => {
    for (const { name, code, attempt } of signInCases) {
      it(`shows AADSTS${code} for ${name}`, async () => {
        const { appId, password, tenant } = apps.get("nothing")!;
        const outcome = await client.signIn(attempt({ appId, secret: password, tenant }));
        assertRefused(outcome, client.showsSignIn(code));
      });
    }
    for (const { name, app, operation } of blobCases) {
      it(`shows a refusal for ${name}`, async () => {
        assertRefused(await client.tryBlob(app, operation), client.showsMismatch);
      });
    }
    it("does what the role does allow: a Reader reading", async () => {
      assertSucceeded(await client.tryBlob("reader", "read"));
    });
  });
}

/** az only: what Resource Manager and Graph say to an app that may not. */
export function testAzWithoutRights(installation: AzInstallation): void {
  describe(`${installation.name} as an app without rights`, { skip: installation.skip }, () => {
    it("shows AuthorizationFailed from Resource Manager and the missing privileges of Graph", async () => {
      const { appId, password, tenant } = apps.get("reader")!;
      const az = await freshAz(cloud, installation);
      await az.text(...loginArguments(appId, password, tenant));
      const refused = await az.refused(/AuthorizationFailed/, "group", "create", "-n", "mine", "-l", "westeurope");
      assert.match(refused.stderr, /Microsoft\.Resources\/subscriptions\/resourcegroups\/write/i);
      await az.refused(/Insufficient privileges/, "ad", "app", "create", "--display-name", "mine");
    });
  });
}
