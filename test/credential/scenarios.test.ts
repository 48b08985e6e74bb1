/**
 * @postern/credential beside @azure/identity, scenario by scenario, against one Postern: the same tokens, or the same refusal with the
 * same number. What differs is listed here with its reason; a difference that is not listed fails.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { createApi, issuer, publishIssuer, subject } from "../clients/app-credentials-suite.ts";
import { type Cloud, cleanEnvironment, repository, startCloud } from "../clients/cloud.ts";
import { assertSucceeded, execute } from "../clients/execution.ts";
import { addExpiredSecret, callGraph, createApp, type Registration } from "../clients/seed.ts";
import { writeCertificate } from "./certificate-files.ts";

interface Result {
  readonly token?: Readonly<Record<string, unknown>>;
  readonly error?: string;
  readonly aadsts?: string;
  readonly message?: string;
  /** What the stand-in for a machine's or job's endpoint was asked. */
  readonly asked?: readonly object[];
}
type Results = Readonly<Record<string, Result>>;

/** Scenarios where the outcome itself differs, and why ours is as it is. */
const differences: Readonly<Record<string, string>> = {
  "chain: wrong secret, then a right one":
    "@azure/identity reports a wrong secret as AuthenticationRequiredError, which its chain passes over; its documentation has a failed sign-in end the chain, and so does ours",
  "pipelines: the job's token":
    "@azure/identity asks Azure Pipelines twice for each token of Entra ID, ours once; the token is the same",
};

const program = join(import.meta.dirname, "programs/scenarios.mjs");
/** How the names of the stand-ins' scenarios begin, as patterns; each group has a process of its own. */
const groups = ["App Service", "virtual machine", "Cloud Shell", "pipelines|az|azd|pwsh"];
const page = join(repository, "docs/credential-parity.md");
let cloud: Cloud;
let app: Registration;
let theirs: Results;
let ours: Results;

async function changeApp({ appId }: Registration, method: string, path: string, body: object): Promise<void> {
  const filter = `/applications?$filter=appId eq '${appId}'`;
  const found = await callGraph<{ value: { id: string }[] }>(cloud, "GET", filter);
  await callGraph(cloud, method, `/applications/${found.value[0]!.id}${path}`, body).catch((error: Error) => {
    // 204 has no JSON to read.
    if (!/JSON/.test(error.message)) throw error;
  });
}

async function registerCertificate(path: string): Promise<void> {
  const key = /BEGIN CERTIFICATE-----([\s\S]+?)-----END/.exec(readFileSync(path, "utf8"))![1]!.replace(/\s/g, "");
  const keyCredentials = [{ type: "AsymmetricX509Cert", usage: "Verify", key }];
  await changeApp(app, "PATCH", "", { keyCredentials });
}

/** An app that trusts an outside issuer, and tokens of that: one it trusts, in a file too, and one of another subject. */
async function federate(): Promise<object> {
  const federated = await createApp(cloud, "scenarios-federated");
  const offline = await publishIssuer(cloud);
  const federation = { name: "main", issuer, subject, audiences: ["api://AzureADTokenExchange"] };
  await changeApp(federated, "POST", "/federatedIdentityCredentials", federation);
  const federatedFile = join(cloud.workDir, "token.jwt");
  writeFileSync(federatedFile, offline.token());
  const strangerToken = offline.token({ sub: "repo:contoso/stranger" });
  return { federatedApp: federated.appId, federatedFile, federatedToken: offline.token(), strangerToken };
}

before(async () => {
  cloud = await startCloud();
  app = await createApp(cloud, "scenarios");
  const { pem: certificatePath } = await writeCertificate(cloud.workDir, "registered");
  await registerCertificate(certificatePath);
  const tokenFile = join(cloud.workDir, "not-a-token");
  writeFileSync(tokenFile, "not.a.token");
  const { key: tlsKey, certificate: tlsCertificate } = await writeCertificate(cloud.workDir, "localhost", true);
  const trusted = join(cloud.workDir, "trusted.pem");
  writeFileSync(trusted, [cloud.status.caBundle, tlsCertificate].map((path) => readFileSync(path, "utf8")).join("\n"));
  const SCENARIOS = JSON.stringify({
    tlsKey,
    tlsCertificate,
    tenant: app.tenant,
    app: app.appId,
    secret: app.password,
    expiredSecret: await addExpiredSecret(cloud, app.appId),
    certificatePath,
    otherCertificatePath: (await writeCertificate(cloud.workDir, "other")).pem,
    tokenFile,
    workDir: cloud.workDir,
    authorityHost: cloud.status.baseUrl,
    person: { ...(await createApi(cloud, app.appId)), ...(await cloud.credentials("operator")) },
    ...(await federate()),
  });
  const node = [process.execPath, "--conditions=postern-source", program];
  const run = async (name: string): Promise<Results> => {
    const library = import.meta.resolve(name);
    const env = { PATH: "/nowhere", SCENARIOS };
    const entra = cloud.run([...node, library, "entra"], { env });
    // Beside the launcher, whose proxy is not for the stand-ins.
    const beside = { env: cleanEnvironment({ ...env, NODE_EXTRA_CA_CERTS: trusted }) };
    const outcomes = [entra, ...groups.map((group) => execute([...node, library, group], beside))];
    const parts = (await Promise.all(outcomes)).map((outcome) => JSON.parse(assertSucceeded(outcome).stdout));
    return Object.assign({}, ...parts);
  };
  // Most of a run is waiting: pauses before further tries, and addresses where nobody answers.
  [theirs, ours] = await Promise.all([run("@azure/identity"), run("@postern/credential")]);
});
after(() => cloud?.stop());

/** @returns an outcome in words: the token's audience and tenant, or the error's name and Entra ID's number. */
function say({ token, error, aadsts }: Result): string {
  if (token === undefined) return `${error}${aadsts ? ` ${aadsts}` : ""}`;
  return token.aud === undefined ? "token" : `token for ${token.aud}`;
}

/** Whether outcome, token, number and what the endpoint was asked are the same. The error's name may differ: see the page. */
function isSame(their: Result, our: Result): boolean {
  const of = ({ token, error, asked, aadsts }: Result) => ({ token, asked, isError: error !== undefined, aadsts });
  const [one, other] = [of(their), of(our)];
  // Where @azure/identity gives no number, ours may.
  return isDeepStrictEqual(one, { ...other, aadsts: one.aadsts && other.aadsts });
}

function writePage(): string {
  const rows = Object.entries(theirs).map(([name, their]) => {
    const note = isSame(their, ours[name]!) ? "" : (differences[name] ?? "");
    return `| ${name} | ${say(their)} | ${say(ours[name]!)} | ${note} |`;
  });
  return `<!-- Made by test/credential/scenarios.test.ts with POSTERN_UPDATE_GOLDEN=1; not edited by hand. -->
# @postern/credential beside @azure/identity

Each row was run with both libraries against one Postern, or one stand-in where Azure's own machine, job or tool cannot be. Where the last
column is empty, both did the same: the same token (audience, tenant, app, identity type, proof, capabilities, scope), or a refusal with the
same number; and they asked a machine's or job's endpoint the same, parameter by parameter.

Names of errors differ in one way that is the same everywhere: a refused sign-in is \`AuthenticationError\` here, where @azure/identity has
\`AuthenticationRequiredError\` for most, and what was configured wrongly is \`CredentialConfigurationError\` in place of \`Error\`.

| scenario | @azure/identity | @postern/credential | what differs, and why |
|---|---|---|---|
${rows.join("\n")}
`;
}

describe("side by side with @azure/identity", () => {
  it("gives the same token or the same refusal in every scenario, but for the listed differences", (context) => {
    const names = Object.keys(theirs);
    context.diagnostic(names.map((name) => `${name} | ${say(theirs[name]!)} | ${say(ours[name]!)}`).join("\n"));
    const different = names.filter((name) => !isSame(theirs[name]!, ours[name]!));
    const unlisted = different.filter((name) => !(name in differences));
    assert.deepEqual(
      unlisted.map((name) => ({ name, their: theirs[name], our: ours[name] })),
      [],
    );
    assert.deepEqual(Object.keys(differences).sort(), different.sort(), "every listed difference is one");
    assert.ok(names.length >= 70);
  });

  it("is what the page says", () => {
    if (process.env.POSTERN_UPDATE_GOLDEN) writeFileSync(page, writePage());
    assert.equal(readFileSync(page, "utf8"), writePage());
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
