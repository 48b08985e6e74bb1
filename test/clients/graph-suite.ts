/**
 * Microsoft Graph by the real az: `az ad user` and `az ad group` whole, and `az rest` for what az has no command for: batches, deltas,
 * searches, directory roles, the logs. The suites of the two versions call it. May use: az.ts, cloud.ts, seed.ts.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Az, freshAz, loginArguments, operatorAz } from "./az.ts";
import { GUID } from "./az-suite.ts";
import { type Cloud, startCloud } from "./cloud.ts";
import type { AzInstallation } from "./installed.ts";
import { createApp } from "./seed.ts";

interface Entity {
  readonly id: string;
  readonly displayName: string;
  readonly userPrincipalName?: string;
}

const ids = (entities: readonly Entity[]) => entities.map(({ id }) => id).sort();
const GRAPH = "https://graph.microsoft.com/v1.0";
const APPLICATION_ADMINISTRATOR = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3";

/** What every az must get out of Graph, each suite on a cloud of its own. */
export function testGraph(installation: AzInstallation): void {
  describe(`Graph by ${installation.name}`, { skip: installation.skip }, () => {
    let cloud: Cloud;
    let az: Az;
    let domain: string;
    before(async () => {
      cloud = await startCloud();
      az = operatorAz(cloud, installation);
      domain = (await cloud.credentials("operator")).username!.split("@")[1]!;
    });
    after(() => cloud?.stop());

    const rest = <T>(method: string, path: string, ...more: string[]) =>
      az.json<T>("rest", "--method", method, "--url", `${GRAPH}${path}`, ...more);
    const createUser = (name: string) =>
      az.json<Entity>(
        ...["ad", "user", "create", "--display-name", name, "--user-principal-name", `${name}@${domain}`],
        ...["--password", "Corr3ct-Horse-7"],
      );
    const createGroup = (name: string) =>
      az.json<Entity>("ad", "group", "create", "--display-name", name, "--mail-nickname", name);

    it("makes, changes, finds and deletes users", async () => {
      const made = await createUser("grace");
      assert.match(made.id, GUID);
      assert.equal(made.userPrincipalName, `grace@${domain}`);
      await az.text(
        ...["ad", "user", "update", "--id", made.id, "--display-name", "Grace Hopper", "--mail-nickname", "amazing"],
        ...[
          "--password",
          "An0ther-Horse-8",
          "--force-change-password-next-sign-in",
          "false",
          "--account-enabled",
          "true",
        ],
      );
      const shown = await az.json<Entity>("ad", "user", "show", "--id", `grace@${domain}`);
      assert.deepEqual([shown.id, shown.displayName], [made.id, "Grace Hopper"]);
      const listed = (...more: string[]) => az.json<Entity[]>("ad", "user", "list", ...more);
      assert.deepEqual(ids(await listed("--display-name", "grace")), [made.id]);
      assert.deepEqual(ids(await listed("--upn", `grace@${domain}`)), [made.id]);
      assert.deepEqual(ids(await listed("--filter", "accountEnabled eq true and startswith(mailNickname,'ama')")), [
        made.id,
      ]);
      await az.refused(
        /already exists/,
        "ad",
        "user",
        "create",
        "--display-name",
        "x",
        "--user-principal-name",
        `grace@${domain}`,
        "--password",
        "Corr3ct-Horse-7",
      );
      await az.refused(
        /complexity/,
        "ad",
        "user",
        "create",
        "--display-name",
        "x",
        "--user-principal-name",
        `x@${domain}`,
        "--password",
        "password",
      );
      await az.text("ad", "user", "delete", "--id", made.id);
      await az.refused(/does not exist/, "ad", "user", "show", "--id", made.id);
    });

    it("signs a user in with the password that an administrator reset", async () => {
      const made = await createUser("reset");
      await az.text("ad", "user", "update", "--id", made.id, "--password", "An0ther-Horse-8");
      const own = await freshAz(cloud, installation);
      const login = ["login", "--allow-no-subscriptions", "-u", `reset@${domain}`, "-p"];
      await own.refused(/AADSTS50126/, ...login, "Corr3ct-Horse-7");
      await own.text(...login, "An0ther-Horse-8");
      assert.equal((await own.json<Entity>("ad", "signed-in-user", "show")).id, made.id);
      assert.deepEqual(await own.json("ad", "signed-in-user", "list-owned-objects"), []);
      const group = await own.json<Entity>("ad", "group", "create", "--display-name", "own", "--mail-nickname", "own");
      assert.deepEqual(ids(await own.json<Entity[]>("ad", "signed-in-user", "list-owned-objects")), [group.id]);
      await own.refused(/Insufficient privileges/, "ad", "user", "delete", "--id", made.id);
    });

    it("makes groups, nests them, and tells who is in which", async () => {
      const [outer, inner] = [await createGroup("outer"), await createGroup("inner")];
      const user = await createUser("nested");
      const member = (verb: string, group: string, ...more: string[]) =>
        az.run("ad", "group", "member", verb, "--group", group, ...more, "--output", "json");
      for (const [group, id] of [
        ["outer", inner.id],
        [inner.id, user.id],
      ] as const)
        assert.equal((await member("add", group, "--member-id", id)).code, 0);
      assert.notEqual((await member("add", "inner", "--member-id", user.id)).code, 0, "is there already");
      assert.deepEqual(ids(JSON.parse((await member("list", "outer")).stdout)), [inner.id]);
      assert.deepEqual(JSON.parse((await member("check", "outer", "--member-id", user.id)).stdout), { value: true });
      const ofUser = await az.json<Entity[]>("ad", "user", "get-member-groups", "--id", `nested@${domain}`);
      assert.deepEqual(ids(ofUser), [outer.id, inner.id].sort());
      // For groups az prints the ids alone.
      assert.deepEqual(await az.json("ad", "group", "get-member-groups", "--group", "inner"), [outer.id]);
      assert.equal((await member("remove", "inner", "--member-id", user.id)).code, 0);
      assert.deepEqual(JSON.parse((await member("check", "outer", "--member-id", user.id)).stdout), { value: false });
      assert.equal((await az.json<Entity>("ad", "group", "show", "--group", "outer")).id, outer.id);
      assert.deepEqual(ids(await az.json<Entity[]>("ad", "group", "list", "--display-name", "inn")), [inner.id]);
      assert.deepEqual(
        ids(
          await az.json<Entity[]>(
            "ad",
            "group",
            "list",
            "--filter",
            "securityEnabled eq true and displayName in ('outer')",
          ),
        ),
        [outer.id],
      );
    });

    it("gives groups owners, and keeps the last", async () => {
      const group = await createGroup("owned");
      const [one, two] = [await createUser("owner-one"), await createUser("owner-two")];
      const owner = (verb: string, ...more: string[]) => ["ad", "group", "owner", verb, "--group", group.id, ...more];
      for (const { id } of [one, two]) await az.text(...owner("add", "--owner-object-id", id));
      await az.text(...owner("add", "--owner-object-id", one.id));
      assert.deepEqual(ids(await az.json<Entity[]>(...owner("list"))), ids([one, two]));
      await az.text(...owner("remove", "--owner-object-id", one.id));
      await az.refused(/at least one owner/, ...owner("remove", "--owner-object-id", two.id));
      await az.text("ad", "group", "delete", "--group", "owned");
      await az.refused(/does not exist/, "ad", "group", "show", "--group", group.id);
    });

    it("asks several things at once by $batch", async () => {
      const requests = [
        { id: "1", method: "GET", url: "/organization?$select=id" },
        {
          id: "2",
          method: "POST",
          url: "/groups",
          headers: { "Content-Type": "application/json" },
          body: { displayName: "batched", mailNickname: "batched", mailEnabled: false, securityEnabled: true },
        },
        { id: "3", method: "GET", url: "/users/nobody@nowhere.test" },
      ];
      const { responses } = await rest<{ responses: { id: string; status: number; body: { value: Entity[] } }[] }>(
        "post",
        "/$batch",
        "--body",
        JSON.stringify({ requests }),
      );
      assert.deepEqual(
        responses.map(({ id, status }) => [id, status]),
        [
          ["1", 200],
          ["2", 201],
          ["3", 404],
        ],
      );
      assert.equal(responses[0]!.body.value[0]!.id, cloud.status.tenantId);
    });

    it("follows the changes of applications by delta", async () => {
      type Delta = { value: (Entity & { "@removed"?: object })[]; "@odata.deltaLink": string };
      const first = await rest<Delta>("get", "/applications/delta?$select=displayName");
      const { appId } = await createApp(cloud, "delta-app");
      const next = () => az.json<Delta>("rest", "--method", "get", "--url", first["@odata.deltaLink"]);
      const [made] = (await next()).value;
      assert.equal(made!.displayName, "delta-app");
      await az.text("ad", "app", "delete", "--id", appId);
      const [gone] = (await next()).value;
      assert.deepEqual([gone!.id, gone!["@removed"]], [made!.id, { reason: "changed" }]);
    });

    it("searches, counts and expands", async () => {
      const group = await createGroup("SearchableTeam");
      const user = await createUser("searched");
      await az.text("ad", "group", "member", "add", "--group", group.id, "--member-id", user.id);
      const eventual = ["--headers", "ConsistencyLevel=eventual"];
      const found = await rest<{ value: Entity[] }>(
        "get",
        '/groups?$search="displayName:team"&$select=id',
        ...eventual,
      );
      assert.deepEqual(ids(found.value), [group.id]);
      const counted = await rest<{ "@odata.count": number }>(
        "get",
        "/users?$filter=endsWith(userPrincipalName,'.com')&$count=true",
        ...eventual,
      );
      assert.ok(counted["@odata.count"] > 0);
      const expanded = await rest<{ members: Entity[] }>("get", `/groups/${group.id}?$expand=members($select=id)`);
      assert.deepEqual(ids(expanded.members), [user.id]);
      const cast = await rest<{ value: Entity[] }>("get", `/groups/${group.id}/members/microsoft.graph.user`);
      assert.deepEqual(ids(cast.value), [user.id]);
      await az.refused(/ConsistencyLevel/, "rest", "--url", `${GRAPH}/groups?$search="displayName:team"`);
    });

    it("lets an app do what its directory role allows, from the moment it has it", async () => {
      const app = await createApp(cloud, "administrator-app");
      const { id: principalId } = await az.json<Entity>("ad", "sp", "show", "--id", app.appId);
      const own = await freshAz(cloud, installation);
      await own.text(...loginArguments(app.appId, app.password, app.tenant));
      const create = ["ad", "app", "create", "--display-name", "made-by-the-app"];
      await own.refused(/Insufficient privileges/, ...create);
      const body = { principalId, roleDefinitionId: APPLICATION_ADMINISTRATOR, directoryScopeId: "/" };
      const assignments = "/roleManagement/directory/roleAssignments";
      const made = await rest<Entity>("post", assignments, "--body", JSON.stringify(body));
      assert.match((await own.json<{ appId: string }>(...create)).appId, GUID);
      await own.refused(
        /Insufficient privileges/,
        "rest",
        "--method",
        "post",
        "--url",
        `${GRAPH}${assignments}`,
        "--body",
        JSON.stringify(body),
      );
      await az.text("rest", "--method", "delete", "--url", `${GRAPH}${assignments}/${made.id}`);
      await own.refused(/Insufficient privileges/, ...create);
    });

    it("shows who signed in and who changed what", async () => {
      const app = await createApp(cloud, "logged-app");
      const own = await freshAz(cloud, installation);
      await own.refused(/AADSTS7000215/, ...loginArguments(app.appId, "not-the-secret", app.tenant));
      const failed = await rest<{ value: { appDisplayName: string; status: { errorCode: number } }[] }>(
        "get",
        `/auditLogs/signIns?$filter=appId eq '${app.appId}' and status/errorCode eq 7000215`,
      );
      assert.equal(failed.value[0]?.appDisplayName, "logged-app");
      const audits = await rest<{ value: { activityDisplayName: string; targetResources: Entity[] }[] }>(
        "get",
        "/auditLogs/directoryAudits?$filter=activityDisplayName eq 'Create application'&$top=1",
      );
      assert.equal(audits.value[0]?.targetResources[0]?.displayName, "logged-app");
    });
  });
}
