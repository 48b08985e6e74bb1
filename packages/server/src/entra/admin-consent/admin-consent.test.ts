/** Admin consent in the browser: what is asked, what is written, what the application is told, and what no link can bring about. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { graphAppRoles, graphScopes } from "../../directory/microsoft-graph.ts";
import { hashPassword } from "../../directory/passwords.ts";
import { put, remove } from "../../state/change.ts";
import type { Application } from "../../state/entities.ts";
import { directoryRoleTemplateIds, firstPartyAppIds } from "../../state/first-party.ts";
import type { Guid, UserObjectId } from "../../state/identifiers.ts";
import { ids, user } from "../../tokens/sample-directory.ts";
import { cli, codeOf, type Parameters, SampleClient, uris } from "../authorize/sample-client.ts";
import type { SamplePerson } from "../sample-person.ts";
import { password } from "../sample-server.ts";

const graphPrincipal = "eeeeeeee-0000-4000-8000-000000000003";
const title = "Permissions requested for your organization";
const directoryRead = graphAppRoles.find(({ value }) => value === "Directory.Read.All")!;
const groupRead = graphScopes.find(({ value }) => value === "Group.Read.All")!;
const userRead = graphScopes.find(({ value }) => value === "User.Read")!;

let client: SampleClient;
let person: SamplePerson;
let application: Application;
before(async () => {
  client = await SampleClient.start();
  application = client.server.cloud.model.applications.get(ids.appObject)!;
  await addPerson("bob", directoryRoleTemplateIds.cloudApplicationAdministrator, 2);
  await addPerson("eve", undefined, 3);
});
after(() => client.server.close());
beforeEach(async () => {
  person = client.beginAnew();
  await list([directoryRead.id, "Role"], [groupRead.id, "Scope"], [userRead.id, "Scope"]);
  const { oauth2PermissionGrants, appRoleAssignments } = client.server.cloud.model;
  const grants = [...oauth2PermissionGrants.values()].map(({ id }) => remove("oauth2PermissionGrant", id));
  const roles = [...appRoleAssignments.values()].map(({ id }) => remove("appRoleAssignment", id));
  await client.server.change(...grants, ...roles);
});

async function addPerson(name: string, role: Guid | undefined, number: number): Promise<void> {
  const id = `bbbbbbbb-0000-4000-8000-00000000000${number}` as UserObjectId;
  const passwordHash = await hashPassword(password, client.server.ports);
  const userPrincipalName = `${name}@contoso.test`;
  await client.server.change(
    put("user", { ...user, id, userPrincipalName, displayName: name, mailNickname: name, mail: null, passwordHash }),
    ...(role === undefined
      ? []
      : [put("directoryRoleAssignment", { id: id as string as Guid, principalId: id, roleTemplateId: role })]),
  );
}

/** What the registration asks of Graph. */
const list = (...access: readonly (readonly [id: string, type: "Role" | "Scope"])[]) =>
  client.server.change(
    put("application", {
      ...application,
      requiredResourceAccess:
        access.length === 0
          ? []
          : [
              {
                resourceAppId: firstPartyAppIds.microsoftGraph,
                resourceAccess: access.map(([id, type]) => ({ id, type })),
              },
            ],
    }),
  );

const v1: Parameters = { client_id: ids.app, redirect_uri: uris.web, state: "st at&e=" };
const v2: Parameters = { ...v1, scope: "https://graph.microsoft.com/.default" };

function ask(parameters: Parameters, version = "", tenant: string = ids.tenant): Promise<SamplePerson> {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return person.open(`/${tenant}/${version}adminconsent?${new URLSearchParams(given)}`);
}

const told = () => Object.fromEntries(person.response);
/** What was written, in words. */
function written(): unknown[] {
  const { oauth2PermissionGrants, appRoleAssignments } = client.server.cloud.model;
  return [
    ...[...oauth2PermissionGrants.values()].map(({ consentType, principalId, resourceId, scopes }) => [
      consentType,
      principalId,
      resourceId,
      [...scopes].sort().join(" "),
    ]),
    ...[...appRoleAssignments.values()].map(({ principalType, principalId, resourceId, appRoleId }) => [
      principalType,
      principalId,
      resourceId,
      appRoleId,
    ]),
  ];
}
const granted = ["AllPrincipals", null, graphPrincipal, "Group.Read.All User.Read"];
const assigned = ["ServicePrincipal", ids.appPrincipal, graphPrincipal, directoryRead.id];

describe("admin consent", () => {
  test("v1: an administrator reads what the registration lists, accepts, and it is theirs for everyone", async () => {
    await ask(v1);
    await person.signIn();
    assert.equal(person.title, title);
    for (const text of ["Notes", ids.app, "Contoso", "Ada@contoso.test", directoryRead.displayName, groupRead.value])
      assert.ok(person.page.includes(text), text);
    assert.deepEqual(written(), [], "nothing before the button");
    await person.press("Accept");
    assert.equal(person.answer?.status, 303);
    assert.ok(person.location.href.startsWith(uris.web));
    assert.deepEqual(told(), { admin_consent: "True", tenant: ids.tenant, state: v1.state });
    assert.deepEqual(written(), [granted, assigned]);
    // Everyone has it now: another person is not asked.
    const answer = await client.server.post(`/${ids.tenant}/oauth2/v2.0/token`, {
      grant_type: "client_credentials",
      client_id: ids.app,
      client_secret: "good-secret.1",
      scope: "https://graph.microsoft.com/.default",
    });
    const claims = JSON.parse(Buffer.from(answer.body.access_token.split(".")[1], "base64url").toString());
    assert.deepEqual(claims.roles, ["Directory.Read.All"]);
  });

  test("v2: .default is the registration's list, and the answer names what was given", async () => {
    await ask(v2, "v2.0/");
    await person.signIn();
    await person.press("Accept");
    const graph = "https://graph.microsoft.com";
    assert.deepEqual(told(), {
      admin_consent: "True",
      tenant: ids.tenant,
      scope: `${graph}/Group.Read.All ${graph}/User.Read ${graph}/.default`,
      state: v1.state,
    });
    assert.deepEqual(written(), [granted, assigned]);
  });

  test("v2: delegated permissions by name, listed or not; application permissions are not among them", async () => {
    await ask({ ...v2, scope: "openid RoleManagement.Read.Directory" }, "v2.0/");
    await person.signIn();
    assert.ok(!person.page.includes("By itself"));
    await person.press("Accept");
    assert.equal(told().scope, "openid https://graph.microsoft.com/RoleManagement.Read.Directory");
    assert.deepEqual(written(), [["AllPrincipals", null, graphPrincipal, "RoleManagement.Read.Directory openid"]]);
  });

  test("again: what is there stays, what is new is added; the page asks each time", async () => {
    await ask(v1);
    await person.signIn();
    await person.press("Accept");
    await list([directoryRead.id, "Role"], [graphAppRoles[0]!.id, "Role"]);
    await ask(v1);
    assert.equal(person.title, "Pick an account");
    await person.press(/Ada/);
    assert.equal(person.title, title);
    await person.press("Accept");
    assert.deepEqual(written(), [granted, assigned, [...assigned.slice(0, 3), graphAppRoles[0]!.id]]);
  });

  test("an application that nobody has used gets its service principal", async () => {
    const principal = client.server.cloud.model.servicePrincipals.get(ids.appPrincipal)!;
    await client.server.change(remove("servicePrincipal", ids.appPrincipal));
    await ask(v1);
    await person.signIn();
    await person.press("Accept");
    const made = client.server.cloud.model.servicePrincipals.findOne("appId", ids.app)!;
    assert.deepEqual(written()[1], [assigned[0], made.id, ...assigned.slice(2)]);
    await client.server.change(remove("servicePrincipal", made.id), put("servicePrincipal", principal));
  });

  test("Cancel, on any page, is told to the application as a refusal, and nothing is written", async () => {
    for (const version of ["", "v2.0/"]) {
      person = client.beginAnew();
      await ask(v2, version);
      await person.signIn();
      await person.press("Cancel");
      const { error_description, ...rest } = told();
      assert.equal(codeOf(error_description ?? null), 65004);
      const error_uri = "https://login.microsoftonline.com/error?code=65004";
      assert.deepEqual(rest, { admin_consent: "True", error: "access_denied", error_uri, state: v1.state });
      await ask(v2, version);
      await person.press(/Ada/);
      person = client.beginAnew();
      await ask(v2, version);
      await person.press("Cancel");
      assert.deepEqual([told().error, told().admin_consent], ["access_denied", "True"]);
    }
    assert.deepEqual(written(), []);
  });

  test("who may not: a member is refused all, an application administrator Graph's own application permissions", async () => {
    await ask(v1);
    await person.signIn("eve@contoso.test");
    assert.deepEqual([person.answer?.status, person.title, codeOf(person.page)], [400, "Sign-in error", 90094]);
    assert.equal(person.forms().length, 0);
    person = client.beginAnew();
    await ask(v1);
    await person.signIn("bob@contoso.test");
    assert.equal(codeOf(person.page), 90094);
    await list([groupRead.id, "Scope"]);
    person = client.beginAnew();
    await ask(v1);
    await person.signIn("bob@contoso.test");
    await person.press("Accept");
    assert.equal(told().admin_consent, "True");
    assert.deepEqual(written(), [["AllPrincipals", null, graphPrincipal, "Group.Read.All"]]);
  });

  test("what is wrong with the request is told to the application", async () => {
    const codeFor = async (parameters: Parameters, version = "", tenant?: string) => {
      await ask(parameters, version, tenant);
      assert.equal(person.response.get("admin_consent"), "True");
      assert.equal(person.response.get("state"), v1.state);
      return codeOf(person.response.get("error_description"));
    };
    assert.equal(await codeFor(v1, "v2.0/"), 900144, "v2 needs its scope");
    assert.equal(await codeFor({ ...v2, scope: "No.Such" }, "v2.0/"), 70011);
    assert.equal(await codeFor({ ...v2, scope: "https://nobody.test/.default" }, "v2.0/"), 500011);
    assert.equal(await codeFor(v1, "", "common"), 50194, "an application of one tenant");
    assert.equal(await codeFor({ ...v1, client_id: cli, redirect_uri: "http://localhost:8400" }), 65001);
    await list();
    assert.equal(await codeFor(v1), 650056, "nothing is listed");
  });
});

describe("attack: admin consent", () => {
  test("no answer goes to an address that is not registered, whatever is wrong or right with the rest", async () => {
    const { revision } = client.server.cloud.model;
    for (const version of ["", "v2.0/"])
      for (const redirect_uri of [
        "https://evil.test/signed-in",
        "https://notes.test/signed-in/",
        "https://notes.test/SIGNED-IN",
        "https://notes.test@evil.test/signed-in",
        "https://notes.test/signed-in?next=https://evil.test",
        "https://notes.test/signed-in#x",
        "//notes.test/signed-in",
      ]) {
        await ask({ ...v2, redirect_uri }, version);
        assert.deepEqual([person.answer?.status, codeOf(person.page)], [400, 50011], redirect_uri);
        assert.equal(person.answer?.headers.location, undefined);
        assert.equal(person.forms().length, 0);
      }
    await ask({ ...v2, response_mode: "form_post" });
    await person.press("Cancel");
    assert.ok(person.location.href.startsWith(`${uris.web}?`), "a link does not choose how the answer is sent");
    assert.equal(client.server.cloud.model.revision, revision);
  });

  test("an application of a foreign tenant gets no page here; ours none by another tenant's address", async () => {
    const foreign = "dddddddd-0000-4000-8000-00000000dead";
    for (const tenant of [ids.tenant, "organizations", "common"]) {
      await ask({ ...v1, client_id: foreign, redirect_uri: "https://evil.test/" }, "", tenant);
      assert.deepEqual([person.answer?.status, codeOf(person.page), person.forms().length], [400, 700016, 0], tenant);
    }
    await ask(v1, "", ids.otherTenant);
    assert.deepEqual([person.answer?.status, codeOf(person.page)], [400, 90002]);
    await ask(v1, "", "consumers");
    assert.deepEqual([person.answer?.status, codeOf(person.page)], [400, 700016]);
  });

  test("a registration that asks for more after the page was shown gets none of it: the list is shown again", async () => {
    await list([userRead.id, "Scope"]);
    await ask(v1);
    await person.signIn();
    await list([userRead.id, "Scope"], [directoryRead.id, "Role"]);
    await person.press("Accept");
    assert.equal(person.title, title);
    assert.match(person.page, /role="alert">The application has changed what it asks for/);
    assert.ok(person.page.includes(directoryRead.displayName));
    assert.deepEqual(written(), []);
    await person.press("Accept");
    assert.equal(told().admin_consent, "True");
  });

  test("a role that was taken away before the button was pressed gives nothing", async () => {
    await ask(v1);
    await person.signIn();
    const role = client.server.cloud.model.directoryRoleAssignments.find("principalId", ids.user)[0]!;
    await client.server.change(remove("directoryRoleAssignment", role.id));
    await person.press("Accept");
    assert.equal(codeOf(person.page), 90094);
    assert.deepEqual(written(), []);
    await client.server.change(put("directoryRoleAssignment", role));
  });

  test("the button counts only on its own page, of this browser, from this origin", async () => {
    await ask(v1);
    await person.signIn();
    const form = person.forms()[0]!;
    await person.post(form.action, { ...form.fields, answer: "accept" }, { origin: "https://evil.test" });
    assert.equal(person.answer?.status, 403);
    const other = client.beginAnew();
    await other.post(form.action, { ...form.fields, answer: "accept" });
    assert.deepEqual([other.answer?.status, other.title], [400, "Sign-in error"]);
    // The first page's flow, with the step of the last: nobody has seen a list.
    person = other;
    await ask(v1);
    const first = other.forms()[0]!;
    await other.post(first.action, { flow: first.fields.flow!, step: "admin-consent", answer: "accept" });
    assert.equal(other.title, "Sign in");
    await other.post(first.action, { flow: first.fields.flow!, step: "consent", answer: "accept", for_all: "yes" });
    assert.equal(other.title, "Sign in");
    assert.deepEqual(written(), []);
  });
});
