/**
 * What Debian 13's az does about conditions, deny assignments, changes and operations.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { type Az, operatorAz } from "./az.ts";
import { type Cloud, startCloud } from "./cloud.ts";
import { az274 } from "./installed.ts";
import { BLOB_READER, createApp, createPlace, type Place, type Registration } from "./seed.ts";

const inLogs = "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'logs'";

interface Assignment {
  readonly id: string;
  readonly condition: string | null;
  readonly conditionVersion: string | null;
  readonly description: string | null;
}

describe(`${az274.name} and conditions`, { skip: az274.skip }, () => {
  let cloud: Cloud;
  let az: Az;
  let place: Place;
  let app: Registration;
  before(async () => {
    cloud = await startCloud();
    az = operatorAz(cloud, az274);
    place = await createPlace(cloud, "az-conditions", "azconditionsdata");
    app = await createApp(cloud, "az-conditions-app");
  });
  after(() => cloud?.stop());

  const where = () => ["--assignee", app.appId, "--scope", place.scope];

  it("gives a role under a condition, changes the condition, and takes both away", async () => {
    const role = ["--role", BLOB_READER, "--condition", inLogs, "--condition-version", "2.0", "--description", "logs"];
    const made = await az.json<Assignment>("role", "assignment", "create", ...where(), ...role);
    assert.deepEqual([made.condition, made.conditionVersion, made.description], [inLogs, "2.0", "logs"]);
    const [listed] = await az.json<Assignment[]>("role", "assignment", "list", ...where());
    assert.equal(listed?.condition, inLogs);
    const changed = { ...listed, condition: inLogs.replace("logs", "data") };
    const updated = await az.json<Assignment>(
      "role",
      "assignment",
      "update",
      "--role-assignment",
      JSON.stringify(changed),
    );
    assert.match(updated.condition ?? "", /'data'/);
    const removed = { ...changed, condition: null, conditionVersion: null };
    const plain = await az.json<Assignment>(
      "role",
      "assignment",
      "update",
      "--role-assignment",
      JSON.stringify(removed),
    );
    assert.deepEqual([plain.condition, plain.conditionVersion], [null, null]);
    await az.text("role", "assignment", "delete", ...where());
    assert.deepEqual(await az.json("role", "assignment", "list", ...where()), []);
  });

  it("is told that a condition is wrong, and which version there is", async () => {
    const create = ["role", "assignment", "create", ...where(), "--role", BLOB_READER];
    await az.refused(/condition is invalid/, ...create, "--condition", `${inLogs} AND`);
    await az.refused(/condition is invalid/, ...create, "--condition", inLogs, "--condition-version", "1.0");
  });

  it("lists what became of the assignments", async () => {
    const made = ["role", "assignment", "create", ...where(), "--role", BLOB_READER];
    await az.text(...made);
    await az.text("role", "assignment", "delete", ...where());
    interface Entry {
      readonly action: string;
      readonly roleName: string;
      readonly principalName: string;
      readonly scope: string;
      readonly scopeType: string;
    }
    const entries = (await az.json<Entry[]>("role", "assignment", "list-changelogs")).filter(
      ({ scope }) => scope === place.scope,
    );
    assert.deepEqual(new Set(entries.map(({ action }) => action)), new Set(["Granted", "Revoked"]));
    for (const entry of entries) {
      assert.equal(entry.roleName, BLOB_READER);
      assert.equal(entry.principalName, app.appId);
      assert.equal(entry.scopeType, "Resource group");
    }
  });

  it("is refused by a deny assignment with Azure's words, and lists it by az rest", async () => {
    const name = randomUUID();
    const path = `${place.scope}/providers/Microsoft.Authorization/denyAssignments`;
    const write = `${path}/${name}?api-version=2024-07-01-preview`;
    const everyone = { id: "00000000-0000-0000-0000-000000000000", type: "SystemDefined" };
    const spared = await az.text("ad", "sp", "show", "--id", app.appId, "--query", "id", "-o", "tsv");
    const properties = {
      denyAssignmentName: "Keep the account",
      permissions: [{ actions: ["Microsoft.Storage/storageAccounts/delete"] }],
      principals: [everyone],
      excludePrincipals: [{ id: spared, type: "ServicePrincipal" }],
    };
    await az.json("rest", "--method", "put", "--url", write, "--body", JSON.stringify({ properties }));
    const remove = ["storage", "account", "delete", "--name", place.account, "--resource-group", place.group, "--yes"];
    await az.refused(/DenyAssignmentAuthorizationFailed[\s\S]*deny assignment with name 'Keep the account'/, ...remove);
    const url = `https://management.azure.com${path}?api-version=2022-04-01&$filter=atScope()`;
    const listed = await az.json<{ value: { name: string }[] }>("rest", "--url", url);
    assert.deepEqual(
      listed.value.map((each) => each.name),
      [name],
    );
    await az.json("rest", "--method", "delete", "--url", write);
    await az.text(...remove);
  });

  it("shows the operations of a provider", async () => {
    interface Provider {
      readonly resourceTypes: { readonly name: string; readonly operations: { readonly name: string }[] }[];
    }
    const storage = await az.json<Provider>("provider", "operation", "show", "--namespace", "Microsoft.Storage");
    const names = storage.resourceTypes.flatMap(({ operations }) => operations.map(({ name }) => name));
    assert.ok(names.includes("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"));
  });
});
