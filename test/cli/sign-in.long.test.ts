/**
 * `postern login` as each kind of somebody, against the cloud on this machine: a person by code and by browser, a managed identity. The person is
 * a program that reads the pages and sends their forms.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Cloud, startCloud } from "../clients/cloud.ts";
import { assertRefused, assertSucceeded } from "../clients/execution.ts";
import { makeBrowser, type Person, personVariables, runWithCode } from "../clients/person.ts";

interface Account {
  readonly id: string;
  readonly tenantId: string;
  readonly cloudName?: string;
  readonly isDefault: boolean;
  readonly user: { readonly name: string; readonly type: string; readonly assignedIdentityInfo?: string };
}

describe("postern login", () => {
  let cloud: Cloud;
  let person: Person;
  before(async () => {
    cloud = await startCloud();
    const { username, password } = await cloud.credentials("operator");
    person = { name: username!, password: password! };
  });
  after(() => cloud?.stop());

  /** What each sign-in has to be good for, Resource Manager and Graph alike; and that it can be given back. */
  async function assertPersonIsIn(): Promise<void> {
    const account = await cloud.posternJson<Account>("account", "show");
    assert.deepEqual([account.user.name, account.user.type], [person.name, "user"]);
    const { tenantId, subscriptionId } = cloud.status;
    assert.deepEqual([account.tenantId, account.id, account.isDefault], [tenantId, subscriptionId, true]);
    const me = await cloud.posternJson<{ userPrincipalName: string }>("ad", "signed-in-user", "show");
    assert.equal(me.userPrincipalName, person.name);
    assert.ok(Array.isArray(await cloud.posternJson("group", "list")));
    assertSucceeded(await cloud.postern("logout"));
    assertRefused(await cloud.postern("ad", "signed-in-user", "show"), /delegated|signed|\/me/i);
  }

  it("--use-device-code: a code is shown, entered by a person, and the command ends signed in", async () => {
    const { outcome, seen } = await runWithCode(cloud, cloud.words("login", "--use-device-code"), person);
    const [account] = JSON.parse(assertSucceeded(outcome).stdout) as Account[];
    assert.equal(account?.user.name, person.name);
    assert.deepEqual(seen.titles.slice(0, 1), ["Enter the code"]);
    assert.ok(!outcome.stdout.includes(person.password) && !outcome.stderr.includes(person.password));
    await assertPersonIsIn();
  });

  it("by the browser that BROWSER names: the page comes back to a port of loopback with a code", async () => {
    const browser = await makeBrowser(cloud, "login");
    const env = {
      ...personVariables(person),
      BROWSER: `${browser.path} %s`,
      NODE_EXTRA_CA_CERTS: cloud.status.caBundle,
    };
    const outcome = await cloud.run(cloud.words("login"), { env });
    const [account] = JSON.parse(assertSucceeded(outcome).stdout) as Account[];
    assert.equal(account?.user.name, person.name);
    const [seen] = await browser.seen();
    assert.deepEqual(seen?.titles.slice(0, 2), ["Sign in", "Enter your password"]);
    assert.match(seen!.end, /^http:\/\/localhost:\d+$/);
    await assertPersonIsIn();
  });

  it("--identity: under `run --identity` as that managed identity, which may do what its role says; without one it is refused", async () => {
    const group = ["--resource-group", "machines"];
    assertSucceeded(await cloud.postern("group", "create", "--name", "machines", "--location", "westeurope"));
    const made = await cloud.posternJson<{ clientId: string; principalId: string }>(
      ...["identity", "create", "--name", "worker", ...group],
    );
    const scope = `/subscriptions/${cloud.status.subscriptionId}/resourceGroups/machines`;
    assertSucceeded(
      await cloud.postern(
        ...["role", "assignment", "create", "--assignee-object-id", made.principalId, "--role", "Reader"],
        ...["--assignee-principal-type", "ServicePrincipal", "--scope", scope],
      ),
    );
    const login = cloud.words("login", "--identity", "--client-id", made.clientId);
    assertRefused(await cloud.run(login), /managed identity/i);
    const show = cloud.words("group", "show", "--name", "machines", "--query", "name", "--output", "tsv");
    const create = cloud.words("group", "create", "--name", "other", "--location", "westeurope");
    // One program on one machine: whoever is signed in meanwhile may not lend the identity to another.
    const script = [[...login, "--output", "json"], show, create]
      .map((words) => words.map((word) => `'${word}'`).join(" "))
      .join(" && echo --- && ");
    const outcome = await cloud.run(["sh", "-c", script], { identity: "worker" });
    assertRefused(outcome, /AuthorizationFailed/);
    const [signedIn, shown] = outcome.stdout.split("---\n");
    const [account] = JSON.parse(signedIn!) as Account[];
    assert.deepEqual(account?.user, {
      assignedIdentityInfo: `MSIClient-${made.clientId}`,
      name: "userAssignedIdentity",
      type: "servicePrincipal",
    });
    assert.equal(shown, "machines\n");
    assertSucceeded(await cloud.postern("logout"));
  });
});
