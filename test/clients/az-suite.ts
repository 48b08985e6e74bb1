/**
 * What every az must be able to do, unmodified, signed in as the operator by the launcher. The suites of the two versions call
 * these and add what is theirs. May use: az.ts, cloud.ts, seed.ts.
 */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { it } from "node:test";
import { type Az, freshAz } from "./az.ts";
import type { Cloud } from "./cloud.ts";
import type { AzInstallation } from "./installed.ts";
import { assignRole, BLOB_CONTRIBUTOR, createPlace, type Registration } from "./seed.ts";

export const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A suite's cloud and az; a getter, because both exist only once the suite's `before` has run. */
export interface AzContext {
  readonly cloud: Cloud;
  readonly az: Az;
}

interface Named {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
}

function names(items: readonly Named[]): string[] {
  return items.map(({ name }) => name);
}

/** Login, tenant and subscription; and the operator as a user. */
export function testSignIn(context: () => AzContext, installation: AzInstallation): void {
  it("is signed in as the operator", async () => {
    const { az, cloud } = context();
    const account = await az.json<{ id: string; tenantId: string }>("account", "show");
    assert.equal(account.id, cloud.status.subscriptionId);
    assert.equal(account.tenantId, cloud.status.tenantId);
  });

  it("signs the operator in as a user, by name and password", async () => {
    const { cloud } = context();
    const operator = await cloud.credentials("operator");
    const az = await freshAz(cloud, installation);
    await az.text("login", "-u", operator.username!, "-p", operator.password!);
    const me = await az.json<{ userPrincipalName: string }>("ad", "signed-in-user", "show");
    assert.equal(me.userPrincipalName, operator.username);
    assert.equal(await az.text("account", "show", "--query", "user.type", "-o", "tsv"), "user");
    await az.refused(/AADSTS50126/, "login", "-u", operator.username!, "-p", "not-the-password");
  });
}

/** Step 1 of the walkthrough, twice: the same name again means a new secret for the same app. */
export function testRegistration(context: () => AzContext): void {
  it("registers an app: create-for-rbac prints all four fields", async () => {
    const { az, cloud } = context();
    const first = await az.json<Registration>("ad", "sp", "create-for-rbac", "--name", "az-made-app");
    assert.deepEqual(Object.keys(first).sort(), ["appId", "displayName", "password", "tenant"]);
    assert.match(first.appId, GUID);
    assert.equal(first.displayName, "az-made-app");
    assert.equal(first.tenant, cloud.status.tenantId);
    assert.equal(first.password.length, 40);

    const second = await az.json<Registration>("ad", "sp", "create-for-rbac", "--name", "az-made-app");
    assert.equal(second.appId, first.appId);
    assert.notEqual(second.password, first.password);
  });
}

/** Resource groups and storage accounts: made, listed, shown, deleted. */
export function testResources(context: () => AzContext): void {
  it("makes, lists, shows and deletes resource groups", async () => {
    const { az } = context();
    for (const name of ["az-one", "az-two"]) {
      const made = await az.json<Named>("group", "create", "--name", name, "--location", "westeurope");
      assert.equal(made.name, name);
    }
    assert.deepEqual(names(await az.json<Named[]>("group", "list")).sort(), ["az-one", "az-two"]);
    const shown = await az.json<{ location: string }>("group", "show", "--name", "AZ-one");
    assert.equal(shown.location, "westeurope");
    await az.text("group", "delete", "--name", "az-two", "--yes");
    await az.refused(/ResourceGroupNotFound/, "group", "show", "--name", "az-two");
  });

  it("makes and lists storage accounts", async () => {
    const { az } = context();
    const args = ["--name", "azmadedata", "--resource-group", "az-one", "--location", "westeurope"];
    const made = await az.json<Named & { primaryEndpoints: { blob: string } }>("storage", "account", "create", ...args);
    assert.equal(made.primaryEndpoints.blob, "https://azmadedata.blob.core.windows.net/");
    assert.deepEqual(names(await az.json<Named[]>("storage", "account", "list")), ["azmadedata"]);
    await az.text("storage", "account", "delete", "--name", "azmadedata", "--resource-group", "az-one", "--yes");
    assert.deepEqual(await az.json("storage", "account", "list", "-g", "az-one"), []);
  });
}

/** Containers and blobs with --auth-mode login. */
export function testBlobs(context: () => AzContext): void {
  it("uploads, lists, shows, downloads and deletes blobs as the operator, once the role is there", async () => {
    const { az, cloud } = context();
    const place = await createPlace(cloud, "az-blobs", "azblobsdata");
    const login = ["--account-name", place.account, "--auth-mode", "login"];
    const { AZURE_CLIENT_ID: operator } = await cloud.credentials("operator");
    // Making a container is an action, which an Owner has; what is in a blob takes a data action, which an Owner has not.
    assert.deepEqual(await az.json("storage", "container", "create", "--name", "box", ...login), { created: true });
    assert.deepEqual(await az.json("storage", "container", "create", "--name", "box", ...login), { created: false });
    const file = join(cloud.workDir, "up.bin");
    const content = Buffer.from("bytes from az \u0000\u00ff");
    await writeFile(file, content);
    const blob = ["--container-name", "box", "--name", "folder/a name.bin", ...login];
    await az.refused(/required permissions/, "storage", "blob", "upload", "--file", file, ...blob);
    await assignRole(cloud, operator, BLOB_CONTRIBUTOR, place.scope);
    await az.text("storage", "blob", "upload", "--file", file, ...blob);
    await az.refused(/BlobAlreadyExists|already exists/, "storage", "blob", "upload", "--file", file, ...blob);
    const listed = await az.json<Named[]>("storage", "blob", "list", "--container-name", "box", ...login);
    assert.deepEqual(names(listed), ["folder/a name.bin"]);
    const size = await az.text("storage", "blob", "show", ...blob, "--query", "properties.contentLength", "-o", "tsv");
    assert.equal(size, String(content.length));
    const down = join(cloud.workDir, "down.bin");
    await az.text("storage", "blob", "download", "--file", down, ...blob);
    assert.deepEqual(await readFile(down), content);
    await az.text("storage", "blob", "delete", ...blob);
    assert.deepEqual(await az.json("storage", "blob", "list", "--container-name", "box", ...login), []);
    await az.text("storage", "container", "delete", "--name", "box", ...login);
  });
}

/** Applications, service principals, users and groups of the directory. */
export function testDirectory(context: () => AzContext): void {
  it("makes, finds, shows and deletes apps and service principals", async () => {
    const { az } = context();
    const made = await az.json<{ appId: string; id: string }>("ad", "app", "create", "--display-name", "az-plain-app");
    const principal = await az.json<{ id: string }>("ad", "sp", "create", "--id", made.appId);
    for (const [kind, id] of [
      ["app", made.id],
      ["sp", principal.id],
    ] as const) {
      const listed = await az.json<{ appId: string }[]>("ad", kind, "list", "--display-name", "az-plain");
      assert.deepEqual(
        listed.map(({ appId }) => appId),
        [made.appId],
      );
      assert.equal((await az.json<Named>("ad", kind, "show", "--id", made.appId)).id, id);
    }
    const reset = await az.json<Registration>("ad", "app", "credential", "reset", "--id", made.appId, "--append");
    assert.equal(reset.appId, made.appId);
    const kept = await az.json<{ keyId: string; hint: string }[]>(
      "ad",
      "app",
      "credential",
      "list",
      "--id",
      made.appId,
    );
    assert.deepEqual(
      kept.map(({ hint }) => hint),
      [reset.password.slice(0, 3)],
    );
    await az.text("ad", "app", "credential", "delete", "--id", made.appId, "--key-id", kept[0]!.keyId);
    await az.text("ad", "sp", "delete", "--id", made.appId);
    await az.text("ad", "app", "delete", "--id", made.appId);
    await az.refused(/does not exist|not found/i, "ad", "app", "show", "--id", made.appId);
  });

  it("makes users and groups, and counts members", async () => {
    const { az, cloud } = context();
    const domain = (await cloud.credentials("operator")).username!.split("@")[1];
    const upn = `ada@${domain}`;
    const user = await az.json<Named>(
      ...[
        "ad",
        "user",
        "create",
        "--display-name",
        "Ada",
        "--user-principal-name",
        upn,
        "--password",
        "Corr3ct-Horse-7",
      ],
    );
    assert.equal((await az.json<Named>("ad", "user", "show", "--id", upn)).id, user.id);
    const group = await az.json<Named>("ad", "group", "create", "--display-name", "Notes", "--mail-nickname", "notes");
    await az.text("ad", "group", "member", "add", "--group", "Notes", "--member-id", user.id);
    const members = await az.json<Named[]>("ad", "group", "member", "list", "--group", group.id);
    assert.deepEqual(
      members.map(({ id }) => id),
      [user.id],
    );
    const check = ["ad", "group", "member", "check", "--group", "Notes", "--member-id", user.id];
    assert.deepEqual(await az.json(...check), { value: true });
    await az.text("ad", "group", "member", "remove", "--group", "Notes", "--member-id", user.id);
    assert.deepEqual(await az.json(...check), { value: false });
    await az.text("ad", "group", "delete", "--group", "Notes");
    await az.text("ad", "user", "delete", "--id", upn);
    assert.deepEqual(await az.json("ad", "group", "list", "--display-name", "Notes"), []);
  });
}
