/** An application that was registered and never used: the first person to consent makes its service principal, and nobody before. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { put, remove } from "../../state/change.ts";
import { ids } from "../../tokens/sample-directory.ts";
import { SamplePerson } from "../sample-person.ts";
import { secrets } from "../sample-server.ts";
import { appRequest, codeOf, SampleClient, uris } from "./sample-client.ts";

let client: SampleClient;
let person: SamplePerson;
before(async () => {
  client = await SampleClient.start();
});
after(() => client.server.close());
beforeEach(async () => {
  person = client.beginAnew();
  const made = principal();
  if (made !== undefined) await client.server.change(remove("servicePrincipal", made.id));
});

const principal = () => client.server.cloud.model.servicePrincipals.findOne("appId", ids.app);
const refusal = () => codeOf(person.response.get("error_description"));

test("the first consent makes the service principal, and the sign-in goes on", async () => {
  await client.ask(appRequest);
  await person.signIn();
  assert.deepEqual([person.title, principal()], ["Permissions requested", undefined]);
  await person.press("Accept");
  const code = person.response.get("code")!;
  assert.deepEqual([principal()?.displayName, principal()?.accountEnabled], ["Notes", true]);
  const form = { client_id: ids.app, client_secret: secrets.ofApplication, code, redirect_uri: uris.web };
  assert.equal((await client.redeem(form)).status, 200);
});

test("so does a consent to a program that has no browser", async () => {
  const scope = "openid User.Read";
  const { body } = await client.server.post(`/${ids.tenant}/oauth2/v2.0/devicecode`, { client_id: ids.app, scope });
  const grant_type = "urn:ietf:params:oauth:grant-type:device_code";
  const form = { client_id: ids.app, client_secret: secrets.ofApplication, device_code: body.device_code, grant_type };
  assert.equal((await client.redeem(form)).body.error, "authorization_pending");
  await person.open("/common/oauth2/deviceauth");
  await person.press("Next", { user_code: body.user_code });
  await person.signIn();
  await person.press("Continue");
  await person.press("Accept");
  assert.deepEqual([person.title, principal()?.displayName], ["You have signed in", "Notes"]);
  assert.equal((await client.redeem(form)).status, 200);
});

test("two who consent at once make one", async () => {
  await client.ask(appRequest);
  await person.signIn();
  const [form] = person.forms();
  const accept = { ...form!.fields, step: "consent", answer: "accept" };
  const tab = new SamplePerson(client.server);
  tab.cookies = person.cookies;
  await Promise.all([person.post(form!.action, accept), tab.post(form!.action, accept)]);
  assert.ok(person.response.has("code") && tab.response.has("code"));
  const all = [...client.server.cloud.model.servicePrincipals.values()].filter(({ appId }) => appId === ids.app);
  assert.equal(all.length, 1);
});

test("who declines, may not, or is asked for nothing makes none", async () => {
  await client.ask(appRequest);
  await person.signIn();
  await person.press("Cancel");
  assert.deepEqual([refusal(), principal()], [65004, undefined]);
  const role = [...client.server.cloud.model.directoryRoleAssignments.values()][0]!;
  await client.server.change(remove("directoryRoleAssignment", role.id));
  await client.ask(appRequest, { scope: "openid Group.ReadWrite.All" });
  assert.equal(person.title, "Need admin approval");
  const [form] = person.forms();
  await person.post(form!.action, { ...form!.fields, step: "consent", answer: "accept" });
  assert.deepEqual([refusal(), principal()], [90094, undefined], "a forged acceptance");
  await client.ask(appRequest, { scope: "openid User.Read" });
  const [plain] = person.forms();
  await person.post(plain!.action, { ...plain!.fields, step: "consent", answer: "accept", for_all: "yes" });
  assert.deepEqual([refusal(), principal()], [90094, undefined], "for everybody");
  await client.server.change(put("directoryRoleAssignment", role));
});
