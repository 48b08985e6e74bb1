import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { reuseGraceSeconds } from "../directory/refresh-token-family.ts";
import { firstPartyAppIds } from "../state/first-party.ts";
import { ids, sampleTime } from "../tokens/sample-directory.ts";
import { impersonationConsent } from "./sample-consent.ts";
import { password, type SampleServer, secrets, startSampleServer } from "./sample-server.ts";

const token = "/organizations/oauth2/v2.0/token";
const cli = { client_id: firstPartyAppIds.azureCli };
const app = { client_id: ids.app, client_secret: secrets.ofApplication };
const scope = "https://graph.microsoft.com/.default offline_access";

let server: SampleServer;
before(async () => {
  server = await startSampleServer();
  await server.change(...impersonationConsent(ids.appPrincipal, "arm"));
});
after(() => server.close());
beforeEach(() => {
  server.ports.time = sampleTime;
});

const laterBy = (seconds: number) => {
  server.ports.time = new Date(sampleTime.getTime() + seconds * 1000);
};
const signIn = async (client: Record<string, string> = cli): Promise<string> => {
  const form = { grant_type: "password", ...client, username: "ada@contoso.test", password, scope };
  return (await server.post(token, form)).body.refresh_token;
};
const renew = async (refresh_token: string, client: Record<string, string> = cli) =>
  (await server.post(token, { grant_type: "refresh_token", ...client, refresh_token, scope })).body;

test("an old token that comes back after the grace ends the sign-in: the thief's tokens and the owner's", async () => {
  const first = await signIn();
  laterBy(100);
  const { refresh_token: second } = await renew(first);
  laterBy(100 + reuseGraceSeconds);
  assert.equal((await renew(first)).error, undefined, "an answer that got lost is asked for again");
  laterBy(101 + reuseGraceSeconds);
  assert.deepEqual((await renew(first)).error_codes, [700007]);
  assert.deepEqual((await renew(second)).error_codes, [700007]);
  assert.ok((await renew(await signIn())).refresh_token, "another sign-in of the same person is not touched");
});

test("two processes that renew the same token at once both go on, and so do their next ones", async () => {
  const first = await signIn();
  const [left, right] = await Promise.all([renew(first), renew(first)]);
  laterBy(10);
  const [next, other] = await Promise.all([renew(left.refresh_token), renew(right.refresh_token)]);
  assert.deepEqual([next.error, other.error], [undefined, undefined]);
});

test("a client with a secret may keep its first token; without the secret it is nothing", async () => {
  const first = await signIn(app);
  for (const seconds of [0, 1000, 100_000]) {
    laterBy(seconds);
    assert.equal((await renew(first, app)).error, undefined);
  }
  assert.deepEqual((await renew(first, { client_id: ids.app })).error_codes, [7000218]);
  assert.deepEqual((await renew(first, { client_id: ids.app, client_secret: "wrong" })).error_codes, [7000215]);
});

test("a token whose family the store does not know is refused", async () => {
  const first = await signIn();
  for (const { familyId } of [...server.cloud.model.refreshTokenFamilies.values()]) {
    await server.change({ kind: "refreshTokenFamily", op: "delete", key: familyId });
  }
  assert.deepEqual((await renew(first)).error_codes, [70000]);
});

test("one sign-in is one row, however often it is renewed", async () => {
  const rows = server.cloud.model.refreshTokenFamilies.size;
  let current = await signIn();
  for (let index = 1; index <= 20; index++) {
    laterBy(index * 1000);
    current = (await renew(current)).refresh_token;
  }
  assert.equal(server.cloud.model.refreshTokenFamilies.size, rows + 1);
});
