/**
 * An application without any secret, by the real SDKs: a program that runs as a managed identity takes that identity's token to sign in as an
 * application that trusts the identity, and reads a blob with the application's rights (the identity itself has none).
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Cloud, startCloud } from "./cloud.ts";
import { assertSucceeded } from "./execution.ts";
import { nodes, python311 } from "./installed.ts";
import { callGraph, createWalkthrough, type Place, type Registration } from "./seed.ts";

interface Identity {
  readonly principalId: string;
}
interface Printed {
  readonly answer: string;
  readonly claims: Readonly<Record<string, unknown>> | null;
}

const programs = join(import.meta.dirname, "programs");
const clients = [
  { name: python311.name, skip: python311.skip, command: [python311.python, join(programs, "identity_assertion.py")] },
  ...nodes.map(({ name, node, skip }) => ({ name, skip, command: [node, join(programs, "identity-assertion.mjs")] })),
];

let cloud: Cloud;
let place: Place & { readonly app: Registration };

const createIdentity = (name: string) =>
  cloud.posternJson<Identity>(
    ...["identity", "create", "--name", name, "--resource-group", place.group, "--output", "json"],
  );

before(async () => {
  cloud = await startCloud();
  place = await createWalkthrough(cloud, "writer");
  const seed = [process.execPath, join(programs, "make-blob.mjs"), place.account, "notes", "hello.txt"];
  assertSucceeded(await cloud.run(seed, { as: "writer" }));
  const { principalId } = await createIdentity("worker");
  await createIdentity("stranger");
  const { appId } = place.app;
  const found = await callGraph<{ value: { id: string }[] }>(cloud, "GET", `/applications?$filter=appId eq '${appId}'`);
  await callGraph(cloud, "POST", `/applications/${found.value[0]!.id}/federatedIdentityCredentials`, {
    name: "worker",
    issuer: `https://login.microsoftonline.com/${cloud.status.tenantId}/v2.0`,
    subject: principalId,
    audiences: ["api://AzureADTokenExchange"],
  });
});
after(() => cloud.stop());

async function read(command: readonly string[], identity: string, identityForm: string): Promise<Printed> {
  const args = [...command, place.account, cloud.status.tenantId, place.app.appId];
  return JSON.parse(assertSucceeded(await cloud.run(args, { identity, identityForm })).stdout) as Printed;
}

for (const { name, skip, command } of clients) {
  describe(name, { skip }, () => {
    for (const form of ["app-service", "imds"])
      it(`reads a blob as the application that trusts the identity (${form})`, async () => {
        const { answer, claims } = await read(command, "worker", form);
        assert.equal(answer, "here");
        assert.deepEqual([claims?.appid, claims?.appidacr], [place.app.appId, "2"]);
      });

    it("is refused as an identity that the application does not trust", async () => {
      const { answer, claims } = await read(command, "stranger", "app-service");
      // azure-core 1.26 takes OAuth's `error` for an object of OData's, and fails over it before it can say what it is.
      assert.match(answer, name === python311.name ? /^AttributeError: 'str' object/ : /AADSTS700213/);
      assert.equal(claims, null);
    });
  });
}
