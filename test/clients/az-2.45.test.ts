/**
 * Debian 12's own az. Its `az role` family fails before it sends a request (a defect of that package, whatever the server does),
 * so roles go by `az rest` here: the same Resource Manager calls.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { type Az, operatorAz } from "./az.ts";
import { testBlobs, testDirectory, testRegistration, testResources, testSignIn } from "./az-suite.ts";
import { type Cloud, startCloud } from "./cloud.ts";
import { az245 } from "./installed.ts";
import { BLOB_READER, createApp, createPlace } from "./seed.ts";

interface Assignment {
  readonly id: string;
  readonly properties: { readonly principalId: string; readonly roleDefinitionId: string; readonly scope: string };
}

describe(az245.name, { skip: az245.skip }, () => {
  let cloud: Cloud;
  let az: Az;
  const context = () => ({ cloud, az });
  before(async () => {
    cloud = await startCloud();
    az = operatorAz(cloud, az245);
  });
  after(() => cloud?.stop());

  testSignIn(context, az245);
  testRegistration(context);
  testResources(context);
  testBlobs(context);
  testDirectory(context);

  it("assigns, lists and deletes a role by az rest", async () => {
    const { scope } = await createPlace(cloud, "az-rest", "azrestdata");
    const { appId } = await createApp(cloud, "az-rest-app");
    const principalId = await az.text("ad", "sp", "show", "--id", appId, "--query", "id", "-o", "tsv");
    const authorization = `https://management.azure.com${scope}/providers/Microsoft.Authorization`;
    const rest = (method: string, path: string, ...more: string[]) =>
      az.json<{ value: Assignment[] } & Assignment>(
        "rest",
        "--method",
        method,
        "--url",
        `${authorization}/${path}`,
        ...more,
      );
    const version = "api-version=2022-04-01";
    const roles = await rest("get", `roleDefinitions?${version}&$filter=roleName eq '${BLOB_READER}'`);
    assert.equal(roles.value.length, 1);

    const properties = { roleDefinitionId: roles.value[0]!.id, principalId, principalType: "ServicePrincipal" };
    const assignment = `roleAssignments/${randomUUID()}?${version}`;
    const made = await rest("put", assignment, "--body", JSON.stringify({ properties }));
    assert.equal(made.properties.scope, scope);
    const listed = await rest("get", `roleAssignments?${version}&$filter=principalId eq '${principalId}'`);
    assert.deepEqual(
      listed.value.map(({ id }) => id),
      [made.id],
    );
    assert.equal((await rest("delete", assignment)).id, made.id);
    assert.deepEqual(
      (await rest("get", `roleAssignments?${version}&$filter=principalId eq '${principalId}'`)).value,
      [],
    );
  });
});
