/**
 * What `export` writes, proved: its az script by the real az against a second, empty cloud; its ARM template by the real az's and our own deployment of it;
 * Bicep by reading it back to that template, Terraform by doing what each block means: neither tool is at hand, and neither was run.
 */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Cloud, startCloud } from "../clients/cloud.ts";
import { assertSucceeded } from "../clients/execution.ts";
import { az274 } from "../clients/installed.ts";
import { compileBicep } from "./bicep-reader.ts";
import { applyTerraform } from "./terraform-reader.ts";

/** Microsoft Graph's own ID, the same everywhere. */
const GRAPH = "00000003-0000-0000-c000-000000000000";

const CONDITION =
  "((!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'})) OR (@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'it''s'))".replace(
    "''",
    "",
  );

/** An API with a role and a permission, and a page in browsers that is its client: each names the other, and itself, by IDs of this cloud. */
async function registerApiAndClient(cloud: Cloud): Promise<void> {
  const [roleId, scopeId] = ["7d0d1e1e-5e0c-4b6e-9d59-3a0d9e3c1a01", "7d0d1e1e-5e0c-4b6e-9d59-3a0d9e3c1a02"];
  const create = (name: string) =>
    cloud.posternJson<{ id: string; appId: string }>("ad", "app", "create", "--display-name", name);
  const api = await create('it\'s an "API" @ $1 %7');
  const page = await create("page");
  const patch = async ({ id }: { readonly id: string }, body: unknown) => {
    const url = `https://graph.microsoft.com/v1.0/applications/${id}`;
    assertSucceeded(await cloud.postern("rest", "--method", "patch", "--url", url, "--body", JSON.stringify(body)));
  };
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a text that stays one
  const names = { displayName: "Write it's", description: "Writes $HOME `x` ${a}", isEnabled: true };
  const consent = { adminConsentDisplayName: "Read", adminConsentDescription: "Reads", type: "User", isEnabled: true };
  await patch(api, {
    identifierUris: [`api://${api.appId}`, "api://notes"],
    appRoles: [{ ...names, id: roleId, value: "Notes.Write", allowedMemberTypes: ["User", "Application"] }],
    api: { requestedAccessTokenVersion: 2, oauth2PermissionScopes: [{ ...consent, id: scopeId, value: "Notes.Read" }] },
    optionalClaims: { idToken: [], accessToken: [{ name: "ipaddr", essential: false }], saml2Token: [] },
    notes: "first\nsecond",
  });
  await patch(page, {
    spa: { redirectUris: ["https://page.example/cb"] },
    web: { logoutUrl: "https://page.example/out", homePageUrl: "https://page.example" },
    publicClient: { redirectUris: [`msal${page.appId}://auth`] },
    isFallbackPublicClient: true,
    identifierUris: ["api://page"],
    requiredResourceAccess: [
      {
        resourceAppId: api.appId,
        resourceAccess: [
          { id: scopeId, type: "Scope" },
          { id: roleId, type: "Role" },
        ],
      },
      { resourceAppId: GRAPH, resourceAccess: [{ id: "e1fe6dd8-ba31-4d61-89e7-88639da4683d", type: "Scope" }] },
    ],
  });
  await patch(api, { api: { preAuthorizedApplications: [{ appId: page.appId, delegatedPermissionIds: [scopeId] }] } });
}

async function fill(cloud: Cloud): Promise<void> {
  const subscription = `/subscriptions/${cloud.status.subscriptionId}`;
  const group = `${subscription}/resourceGroups/one`;
  const account = `${group}/providers/Microsoft.Storage/storageAccounts/exportdata`;
  const role = {
    Name: "Lister",
    Description: "Lists",
    Actions: ["Microsoft.Storage/storageAccounts/read"],
    DataActions: [],
    AssignableScopes: [subscription],
  };
  const federated = {
    name: "workflow",
    issuer: "https://token.actions.githubusercontent.com",
    subject: "repo:a/b:ref:refs/heads/main",
    audiences: ["api://AzureADTokenExchange"],
  };
  const lines: readonly (readonly string[])[] = [
    ["group", "create", "--name", "one", "--location", "westeurope", "--tags", "a=b c", "it's=here"],
    // What begins an expression in a template, in Bicep and in Terraform, and what ends a text.
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's and Bicep's own
    ["group", "create", "-n", "two", "-l", "northeurope", "--tags", "b=[text]", "n=[[x]", "t=${a} %{b} $${c} \\ 'q' ["],
    [
      "storage",
      "account",
      "create",
      "-n",
      "exportdata",
      "-g",
      "one",
      "--sku",
      "Standard_LRS",
      "--allow-shared-key-access",
      "false",
    ],
    ["identity", "create", "--name", "worker", "--resource-group", "one"],
    ["ad", "app", "create", "--display-name", "web app", "--web-redirect-uris", "https://web.example/cb"],
    ["ad", "sp", "create-for-rbac", "--name", "robot"],
    ["ad", "group", "create", "--display-name", "Readers", "--mail-nickname", "readers", "--description", "Who read"],
    ["role", "definition", "create", "--role-definition", JSON.stringify(role)],
  ];
  for (const line of lines) assertSucceeded(await cloud.postern(...line));
  await registerApiAndClient(cloud);
  const robot = await cloud.posternJson<{ appId: string }[]>("ad", "sp", "list", "--display-name", "robot");
  const readers = await cloud.posternJson<{ id: string }>("ad", "group", "show", "--group", "Readers");
  const worker = await cloud.posternJson<{ principalId: string }>("identity", "show", "-n", "worker", "-g", "one");
  const assign = async (...words: string[]) =>
    assertSucceeded(await cloud.postern("role", "assignment", "create", ...words));
  await assign(
    "--assignee",
    robot[0]!.appId,
    "--role",
    "Lister",
    "--scope",
    group,
    "--description",
    "because $HOME `x`",
  );
  await assign(
    "--assignee",
    robot[0]!.appId,
    "--role",
    "Storage Blob Data Reader",
    "--scope",
    account,
    "--condition",
    CONDITION,
  );
  const byId = (id: string, type: string) => ["--assignee-object-id", id, "--assignee-principal-type", type];
  await assign(...byId(readers.id, "Group"), "--role", "Reader", "--scope", subscription);
  await assign(
    ...byId(worker.principalId, "ServicePrincipal"),
    "--role",
    "Storage Blob Data Contributor",
    "--scope",
    account,
  );
  const app = [
    "ad",
    "app",
    "federated-credential",
    "create",
    "--id",
    robot[0]!.appId,
    "--parameters",
    JSON.stringify(federated),
  ];
  assertSucceeded(await cloud.postern(...app));
}

/** What both clouds must have alike; lists in an order of their own. */
async function inventoryOf(cloud: Cloud): Promise<Record<string, string[]>> {
  const inventory = await cloud.posternJson<Record<string, unknown[]>>("export", "--format", "inventory");
  return Object.fromEntries(
    Object.entries(inventory).map(([kind, items]) => [kind, items.map((item) => JSON.stringify(item, inOrder)).sort()]),
  );
}

/** Members in one order: that in which they were sent says nothing. */
function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe("export", { skip: az274.skip }, () => {
  let first: Cloud;
  let second: Cloud;
  before(async () => {
    [first, second] = await Promise.all([startCloud(), startCloud()]);
    await fill(first);
  });
  after(() => Promise.all([first?.stop(), second?.stop()]));

  it("writes a script that the real az runs against an empty cloud; then the two are alike, and again when it is run again", async () => {
    const script = join(second.workDir, "cloud.sh");
    await writeFile(script, assertSucceeded(await first.postern("export")).stdout);
    const env = { PATH: `${az274.path}:${process.env.PATH}` };
    assertSucceeded(await second.run(["az", "account", "show", "--output", "none"], { env }));
    for (let round = 0; round < 2; round += 1) {
      assertSucceeded(await second.run(["sh", script], { env }));
      assert.deepEqual(await inventoryOf(second), await inventoryOf(first));
    }
  });

  it("writes a template that the real az deploys, and `postern apply`, to a cloud that has the registrations only", async () => {
    const third = await startCloud();
    try {
      const template = join(third.workDir, "cloud.json");
      await writeFile(template, assertSucceeded(await first.postern("export", "--format", "arm")).stdout);
      assertSucceeded(await third.postern("ad", "sp", "create-for-rbac", "--name", "robot"));
      assertSucceeded(
        await third.postern("ad", "group", "create", "--display-name", "Readers", "--mail-nickname", "readers"),
      );
      const [robot] = await third.posternJson<{ id: string }[]>("ad", "sp", "list", "--display-name", "robot");
      const readers = await third.posternJson<{ id: string }>("ad", "group", "show", "--group", "Readers");
      const parameters = [`applicationRobotObjectId=${robot!.id}`, `groupReadersObjectId=${readers.id}`];
      const env = { PATH: `${az274.path}:${process.env.PATH}` };
      const az = [
        "az",
        "deployment",
        "sub",
        "create",
        "--location",
        "westeurope",
        "--template-file",
        template,
        "--parameters",
        ...parameters,
      ];
      assertSucceeded(await third.run([...az, "--output", "none"], { env }));
      const same = ["groups", "accounts", "identities", "roles", "assignments"];
      const [theirs, ours] = [await inventoryOf(third), await inventoryOf(first)];
      for (const kind of same) assert.deepEqual(theirs[kind], ours[kind], kind);
      assertSucceeded(await third.postern("apply", template, "--parameters", ...parameters));
      for (const kind of same) assert.deepEqual((await inventoryOf(third))[kind], ours[kind], kind);
    } finally {
      await third.stop();
    }
  });

  it("imports what az lists: groups, accounts, roles and, for who is known there, assignments", async () => {
    const fourth = await startCloud();
    try {
      const env = { PATH: `${az274.path}:${process.env.PATH}` };
      const lists = [
        ["group", "list"],
        ["storage", "account", "list"],
        ["identity", "list"],
        ["role", "definition", "list", "--custom-role-only"],
      ];
      for (const [index, words] of lists.entries()) {
        const file = join(fourth.workDir, `list-${index}.json`);
        await writeFile(file, assertSucceeded(await first.run(["az", ...words, "--output", "json"], { env })).stdout);
        assertSucceeded(await fourth.postern("import", file));
      }
      const [theirs, ours] = [await inventoryOf(fourth), await inventoryOf(first)];
      for (const kind of ["groups", "accounts", "identities", "roles"])
        assert.deepEqual(theirs[kind], ours[kind], kind);
    } finally {
      await fourth.stop();
    }
  });

  it("writes a Terraform configuration in which every reference names a block that is there", async () => {
    const text = assertSucceeded(await first.postern("export", "--format", "terraform")).stdout;
    const { resource, data } = JSON.parse(text) as Record<string, Record<string, Record<string, unknown>>>;
    const references = [...text.matchAll(/(?<!\$)\$\{(data\.)?(\w+)\.(\w+)\.\w+\}/g)];
    assert.ok(references.length > 5);
    for (const [whole, isData, type, label] of references) {
      assert.ok((isData === undefined ? resource : data)![type!]?.[label!] !== undefined, whole);
    }
    assert.equal(Object.keys(resource!.azurerm_role_assignment!).length, 4);
  });

  it("writes a Terraform configuration that makes the same cloud when each block is done by its provider's documentation", async () => {
    const fifth = await startCloud();
    try {
      const configuration = JSON.parse(assertSucceeded(await first.postern("export", "--format", "terraform")).stdout);
      // A PATCH is answered by nothing.
      const run = async (...words: string[]) =>
        JSON.parse(assertSucceeded(await fifth.postern(...words)).stdout || "{}") as Record<string, unknown>;
      assert.equal(await applyTerraform(configuration, fifth.status.subscriptionId, run), 22);
      assert.deepEqual(await inventoryOf(fifth), await inventoryOf(first));
    } finally {
      await fifth.stop();
    }
  });

  it("writes Bicep that compiles to the very template that was deployed, texts, expressions and nested templates alike", async () => {
    const template = await first.posternJson<Record<string, unknown>>("export", "--format", "arm");
    const compiled = compileBicep(assertSucceeded(await first.postern("export", "--format", "bicep")).stdout);
    assert.equal(compiled.scope, "subscription");
    assert.deepEqual(compiled.metadata, template.metadata);
    assert.match(
      String((template.metadata as Record<string, unknown>).description),
      /app registrations.*web app.*; groups Readers/,
    );
    assert.deepEqual(compiled.parameters, template.parameters);
    assert.deepEqual(compiled.resources, withoutEmpty(template.resources));
  });
});

/** In Bicep a resource that depends on nothing says nothing of it. */
function withoutEmpty(resources: unknown): unknown {
  return (resources as Record<string, unknown>[]).map(({ dependsOn, ...rest }) => ({
    ...rest,
    ...(Array.isArray(dependsOn) && dependsOn.length > 0 ? { dependsOn } : {}),
  }));
}
