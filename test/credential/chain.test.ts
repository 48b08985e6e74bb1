/** The default chain: its order, what lets it go on and what ends it, what it says, and what the variables choose. */
import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import {
  AggregateAuthenticationError,
  AzureCliCredential,
  ChainedTokenCredential,
  type CredentialError,
  CredentialUnavailableError,
  DefaultAzureCredential,
  EnvironmentCredential,
  explainChain,
  getBearerTokenProvider,
} from "@postern/credential";
import { entraError, failure, granted, setVariables, standIn } from "./stand-in.ts";

const scope = "https://storage.azure.com/.default";
const order = [
  "EnvironmentCredential",
  "WorkloadIdentityCredential",
  "ManagedIdentityCredential",
  "AzureCliCredential",
  "AzurePowerShellCredential",
  "AzureDeveloperCliCredential",
];

/** A folder of programs that is the whole PATH; nothing else is found. */
async function onlyPrograms(context: TestContext, programs: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "postern-credential-"));
  context.after(() => rm(folder, { recursive: true }));
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, name), 0o700);
  }
  return folder;
}

/** No sign-in of any kind: a metadata service that closes every connection, and no programs. */
async function nothingHere(context: TestContext, programs = {}, variables = {}): Promise<void> {
  const PATH = await onlyPrograms(context, programs);
  setVariables(context, { PATH, AZURE_POD_IDENTITY_AUTHORITY_HOST: "http://127.0.0.1:9", ...variables });
}

test("a chain with nothing configured names every link and why, one a line, in order", async (context) => {
  await nothingHere(context);
  const credential = new DefaultAzureCredential({ retryOptions: { maxRetries: 0 } });
  const error = await failure(credential.getToken(scope));
  assert.ok(error instanceof AggregateAuthenticationError);
  const lines = error.message.split("\n").slice(1);
  assert.deepEqual(
    lines.map((line) => /^- (\w+): /.exec(line)?.[1]),
    order,
  );
  assert.match(
    lines[0]!,
    /no AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET\. AZURE_CLIENT_CERTIFICATE_PATH serves/,
  );
  assert.match(lines[3]!, /az is not installed here\./);
  assert.equal(error.errors?.length, 6);
});

test("explainChain says the same as data, and what was not reached", async (context) => {
  const az = 'echo \'{"accessToken":"from-az","expires_on":4102444800}\'';
  await nothingHere(context, { az });
  const steps = await explainChain(scope, { retryOptions: { maxRetries: 0 } });
  assert.deepEqual(
    steps.map(({ credential }) => credential),
    order,
  );
  assert.deepEqual(
    steps.map(({ outcome }) => outcome),
    ["skipped", "skipped", "skipped", "token", "unused", "unused"],
  );
  assert.equal(steps[0]?.code, "unavailable");
  assert.doesNotMatch(JSON.stringify(steps), /from-az/);
});

test("a sign-in that the environment has and that fails ends the chain, with the number", async (context) => {
  const entra = await standIn(context, () => entraError(7000215, "invalid_client", "Invalid client secret.", 401));
  await nothingHere(
    context,
    { az: "echo reached >&2; exit 1" },
    {
      AZURE_AUTHORITY_HOST: entra.url,
      AZURE_TENANT_ID: "t",
      AZURE_CLIENT_ID: "a",
      AZURE_CLIENT_SECRET: "very-s3cret",
    },
  );
  const error = (await failure(new DefaultAzureCredential().getToken(scope))) as CredentialError;
  assert.equal(error.name, "AuthenticationError");
  assert.match(
    error.message,
    /^EnvironmentCredential: AADSTS7000215: The client secret is wrong\. Set AZURE_CLIENT_SECRET/,
  );
  const steps = await new DefaultAzureCredential().explainChain(scope);
  assert.deepEqual(
    steps.map(({ outcome, aadsts }) => aadsts ?? outcome),
    [7000215, ...Array(5).fill("unused")],
  );
});

test("the link that gave a token is asked alone from then on", async () => {
  let asked = 0;
  const absent = {
    getToken: async () => {
      asked++;
      throw new CredentialUnavailableError("not here");
    },
  };
  const present = { getToken: async () => ({ token: "one", expiresOnTimestamp: 4102444800000 }) };
  const chain = new ChainedTokenCredential(absent, present);
  const provide = getBearerTokenProvider(chain, scope);
  assert.deepEqual([await provide(), await provide(), asked], ["one", "one", 1]);
});

test("AZURE_TOKEN_CREDENTIALS chooses half of the chain or one link", async (context) => {
  await nothingHere(context);
  const names = async (value: string) => {
    process.env.AZURE_TOKEN_CREDENTIALS = value;
    const steps = await new DefaultAzureCredential({ retryOptions: { maxRetries: 0 } }).explainChain(scope);
    return steps.map(({ credential }) => credential);
  };
  assert.deepEqual(await names("prod"), order.slice(0, 3));
  assert.deepEqual(await names(" Dev "), order.slice(3));
  assert.deepEqual(await names("azureCLIcredential"), ["AzureCliCredential"]);
  process.env.AZURE_TOKEN_CREDENTIALS = "nonsense";
  assert.throws(() => new DefaultAzureCredential(), /Invalid value for AZURE_TOKEN_CREDENTIALS: nonsense/);
});

test("requiredEnvVars that are not set throw at once", async (context) => {
  await nothingHere(context, {}, { AZURE_TENANT_ID: "t" });
  const requiredEnvVars = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID"];
  assert.throws(() => new DefaultAzureCredential({ requiredEnvVars }), /not set or empty: AZURE_CLIENT_ID\./);
});

test("the environment: the secret first, then the certificate, then the user", async (context) => {
  const entra = await standIn(context, () => granted("one"));
  const base = { AZURE_AUTHORITY_HOST: entra.url, AZURE_TENANT_ID: "t", AZURE_CLIENT_ID: "a" };
  const user = { AZURE_USERNAME: "u", AZURE_PASSWORD: "p" };
  setVariables(context, { ...base, ...user, AZURE_CLIENT_SECRET: "s" });
  await new EnvironmentCredential().getToken(scope);
  delete process.env.AZURE_CLIENT_SECRET;
  await new EnvironmentCredential().getToken(scope);
  process.env.AZURE_CLIENT_CERTIFICATE_PATH = "/nowhere/cert.pem";
  const error = await failure(new EnvironmentCredential().getToken(scope));
  assert.deepEqual(
    entra.asked.map(({ form }) => form.grant_type),
    ["client_credentials", "password"],
  );
  assert.match(error.message, /cert\.pem cannot be read \(ENOENT\)/);
});

test("az is asked without a shell, for the one resource, and its words are told apart", async (context) => {
  const az = `printf '{"accessToken":"%s","expires_on":4102444800}' "$*"`;
  await nothingHere(context, { az });
  const options = { tenantId: "t1", subscription: "My sub" };
  assert.deepEqual(await new AzureCliCredential(options).getToken(scope), {
    token:
      "account get-access-token --output json --resource https://storage.azure.com --tenant t1 --subscription My sub",
    expiresOnTimestamp: 4102444800000,
    tokenType: "Bearer",
  });
  const bad = await failure(new AzureCliCredential().getToken("https://x/$(id)"));
  assert.match(bad.message, /characters that no scope has/);
  const claims = await failure(new AzureCliCredential().getToken(scope, { claims: "{}" }));
  assert.match(claims.message, /Run: az login --claims-challenge e30= --scope https/);
});

test("az that is not signed in, that fails and that hangs", async (context) => {
  const said = async (script: string, options = {}) => {
    const PATH = await onlyPrograms(context, { az: script });
    process.env.PATH = PATH;
    return (await failure(new AzureCliCredential(options).getToken(scope))).message;
  };
  setVariables(context, {});
  const path = process.env.PATH;
  context.after(() => {
    process.env.PATH = path;
  });
  assert.match(
    await said("echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1"),
    /not signed in\. Run: az login/,
  );
  assert.match(await said("echo 'ERROR: strange' >&2; exit 1"), /az gave no token: ERROR: strange/);
  assert.match(await said("while :; do :; done", { processTimeoutInMs: 50 }), /did not answer in time/);
});
