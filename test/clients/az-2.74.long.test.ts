/**
 * Debian 13's az: the walkthrough as it is written, role assignments at every scope, and the way without a proxy.
 */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Az, bareAz, loginArguments, operatorAz } from "./az.ts";
import { GUID, testBlobs, testDirectory, testRegistration, testResources, testSignIn } from "./az-suite.ts";
import { type Cloud, startCloud } from "./cloud.ts";
import { az274 } from "./installed.ts";
import { assignRole, BLOB_CONTRIBUTOR, createApp, createPlace, type Place, type Registration } from "./seed.ts";

/** Built-in roles of the public cloud that can be assigned at a subscription or below. */
const BUILT_IN_ROLE_COUNT = 928;
/** The table's heading and its line of dashes. */
const TABLE_HEAD_LINES = 2;

interface Assignment {
  readonly id: string;
  readonly name: string;
  readonly principalId: string;
  readonly principalName: string;
  readonly principalType: string;
  readonly roleDefinitionName: string;
  readonly scope: string;
}

describe(az274.name, { skip: az274.skip }, () => {
  let cloud: Cloud;
  let az: Az;
  const context = () => ({ cloud, az });
  before(async () => {
    cloud = await startCloud();
    az = operatorAz(cloud, az274);
  });
  after(() => cloud?.stop());

  testSignIn(context, az274);
  testRegistration(context);
  testResources(context);
  testBlobs(context);
  testDirectory(context);

  it("lists the built-in roles with the walkthrough's query", async () => {
    const query = "sort_by([].{roleName:roleName, description:description}, &roleName)";
    const lines = (await az.text("role", "definition", "list", "--query", query, "--output", "table")).split("\n");
    assert.match(lines[0]!, /^RoleName\s+Description$/);
    assert.equal(lines.length - TABLE_HEAD_LINES, BUILT_IN_ROLE_COUNT);
    const shown = lines.slice(TABLE_HEAD_LINES);
    assert.ok(shown.some((line) => /^Storage Blob Data Contributor\s+\S/.test(line)));
    assert.deepEqual(
      shown.filter((line) => !/^\S.*\s{2,}\S/.test(line)),
      [],
      "every role has a description",
    );
  });

  describe("role assignments", () => {
    let place: Place;
    let app: Registration;
    let groupId: string;
    before(async () => {
      place = await createPlace(cloud, "az-roles", "azrolesdata");
      app = await createApp(cloud, "az-roles-app");
      groupId = await az.text(
        ...[
          "ad",
          "group",
          "create",
          "--display-name",
          "Operators",
          "--mail-nickname",
          "operators",
          "--query",
          "id",
          "-o",
          "tsv",
        ],
      );
    });

    const accountOf = ({ scope, account }: Place) => `${scope}/providers/Microsoft.Storage/storageAccounts/${account}`;
    const cases = [
      { name: "a resource group", scope: () => place.scope, assignee: () => app.appId },
      { name: "a resource", scope: () => accountOf(place), assignee: () => app.appId },
      {
        name: "a container",
        scope: () => `${accountOf(place)}/blobServices/default/containers/box`,
        assignee: () => app.appId,
      },
      {
        name: "the subscription",
        scope: () => `/subscriptions/${cloud.status.subscriptionId}`,
        assignee: () => app.appId,
      },
      { name: "a resource group, to a group of people", scope: () => place.scope, assignee: () => groupId },
    ];
    for (const { name, scope, assignee } of cases) {
      it(`are made, listed and deleted at ${name}`, async () => {
        const where = ["--assignee", assignee(), "--scope", scope()];
        const role = ["--role", BLOB_CONTRIBUTOR];
        const made = await az.json<Assignment>("role", "assignment", "create", ...where, ...role);
        assert.match(made.name, GUID);
        assert.equal(made.scope, scope());
        const again = await az.json<Assignment>("role", "assignment", "create", ...where, ...role);
        assert.equal(again.id, made.id, "the same assignment again is answered with the old one");

        const listed = await az.json<Assignment[]>("role", "assignment", "list", ...where);
        assert.equal(listed.length, 1);
        assert.equal(listed[0]!.id, made.id);
        assert.equal(listed[0]!.roleDefinitionName, BLOB_CONTRIBUTOR);
        const all = await az.json<Assignment[]>("role", "assignment", "list", "--all", "--assignee", assignee());
        assert.deepEqual(
          all.map(({ id }) => id),
          [made.id],
        );
        await az.text("role", "assignment", "delete", ...where, ...role);
        assert.deepEqual(await az.json("role", "assignment", "list", ...where), []);
      });
    }

    it("show the app by its appId and the role by its name", async () => {
      await assignRole(cloud, app.appId, "Reader", place.scope);
      const listed = await az.json<Assignment[]>(
        "role",
        "assignment",
        "list",
        "--scope",
        place.scope,
        "--role",
        "Reader",
      );
      assert.deepEqual(
        listed.map(({ principalName, principalType }) => ({ principalName, principalType })),
        [{ principalName: app.appId, principalType: "ServicePrincipal" }],
      );
    });

    it("come with the app: create-for-rbac --role --scopes", async () => {
      const role = ["--role", "Reader", "--scopes", place.scope];
      const made = await az.json<Registration>("ad", "sp", "create-for-rbac", "--name", "az-with-role", ...role);
      const listed = await az.json<Assignment[]>("role", "assignment", "list", "--all", "--assignee", made.appId);
      assert.deepEqual(
        listed.map(({ roleDefinitionName, scope }) => ({ roleDefinitionName, scope })),
        [{ roleDefinitionName: "Reader", scope: place.scope }],
      );
    });

    it("name what is not there: an unknown role, an unknown assignee", async () => {
      const at = ["--scope", place.scope];
      const nobody = "00000000-0000-4000-8000-000000000000";
      await az.refused(
        /doesn't exist/,
        "role",
        "assignment",
        "create",
        "--assignee",
        app.appId,
        "--role",
        "No Such Role",
        ...at,
      );
      await az.refused(
        /Cannot find user or service principal/,
        "role",
        "assignment",
        "create",
        "--assignee",
        nobody,
        "--role",
        "Reader",
        ...at,
      );
    });
  });

  it("works without the proxy, registered as a cloud of its own", async () => {
    const { baseUrl, caBundle, tenantId } = cloud.status;
    const place = await createPlace(cloud, "az-direct", "azdirectdata");
    const operator = await cloud.credentials("operator");
    await assignRole(cloud, operator.AZURE_CLIENT_ID, BLOB_CONTRIBUTOR, place.scope);
    // The proxy named here is a closed port: whatever is not on this machine's loopback fails at once, and nothing leaves it.
    const direct = await bareAz(cloud, az274, {
      AZURE_CORE_INSTANCE_DISCOVERY: "false",
      REQUESTS_CA_BUNDLE: caBundle,
      HTTPS_PROXY: "http://127.0.0.1:9",
      NO_PROXY: "localhost,127.0.0.1",
    });
    await direct.text("cloud", "register", "--name", "Postern", "--endpoint-resource-manager", baseUrl);
    await direct.text("cloud", "set", "--name", "Postern");
    await direct.text(...loginArguments(operator.AZURE_CLIENT_ID, operator.AZURE_CLIENT_SECRET, tenantId));
    assert.equal(
      await direct.text("group", "show", "--name", place.group, "--query", "name", "-o", "tsv"),
      place.group,
    );
    const made = await direct.json<Registration>("ad", "sp", "create-for-rbac", "--name", "az-direct-app");
    assert.match(made.appId, GUID);
    const file = join(cloud.workDir, "direct.txt");
    await writeFile(file, "direct");
    const login = ["--blob-endpoint", `${baseUrl}/${place.account}`, "--auth-mode", "login"];
    await direct.text("storage", "container", "create", "--name", "box", ...login);
    await direct.text("storage", "blob", "upload", "--container-name", "box", "--name", "b", "--file", file, ...login);
    const listed = await direct.json<{ name: string }[]>(
      "storage",
      "blob",
      "list",
      "--container-name",
      "box",
      ...login,
    );
    assert.deepEqual(
      listed.map(({ name }) => name),
      ["b"],
    );
  });
});
