import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { put } from "../../state/change.ts";
import { firstPartyAppIds } from "../../state/first-party.ts";
import { ids, SamplePorts, sampleTime } from "../../tokens/sample-directory.ts";
import { SamplePerson } from "../sample-person.ts";
import { password, type SampleServer, startSampleServer } from "../sample-server.ts";
import { DeviceCodes, deviceCodeLifetimeSeconds, userCodeChars } from "./device-codes.ts";

const cli = firstPartyAppIds.azureCli;
const scope = "https://management.core.windows.net//.default openid profile offline_access";
const v2 = "/organizations/oauth2/v2.0";
const page = "/common/oauth2/deviceauth";

let server: SampleServer;
let person: SamplePerson;
before(async () => {
  server = await startSampleServer();
});
after(() => server.close());
beforeEach(() => {
  person = new SamplePerson(server);
  server.ports.time = sampleTime;
});

const begin = async (form: Record<string, string> = { client_id: cli, scope }) =>
  (await server.post(`${v2}/devicecode`, form)).body;
const poll = (device_code: string, more: Record<string, string> = {}) =>
  server.post(`${v2}/token`, {
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    client_id: cli,
    device_code,
    ...more,
  });
const enter = async (user_code: string) => {
  await person.open(page);
  return person.press("Next", { user_code });
};
const laterBy = (seconds: number) => {
  server.ports.time = new Date(sampleTime.getTime() + seconds * 1000);
};

test("a program gets a code, a person allows it in the browser, the program gets its tokens, once", async () => {
  const begun = await begin();
  assert.deepEqual(Object.keys(begun).sort(), [
    "device_code",
    "expires_in",
    "interval",
    "message",
    "user_code",
    "verification_uri",
  ]);
  assert.deepEqual(
    [begun.expires_in, begun.interval, begun.verification_uri],
    [900, 5, `https://localhost:8443${page}`],
  );
  assert.match(begun.user_code, /^[BCDFGHJKLMNPQRSTVWXYZ2-9]{9}$/);
  assert.ok(begun.message.includes(begun.user_code) && begun.message.includes(begun.verification_uri));
  const pending = await poll(begun.device_code);
  assert.deepEqual(
    [pending.status, pending.body.error, pending.body.error_codes],
    [400, "authorization_pending", [70016]],
  );
  await enter(begun.user_code.toLowerCase().replace(/^(...)/, "$1-"));
  await person.signIn();
  assert.equal(person.title, "Confirm the sign-in");
  assert.ok(person.page.includes("Microsoft Azure CLI") && person.page.includes(cli));
  assert.equal((await poll(begun.device_code)).body.error, "authorization_pending", "not before it is confirmed");
  await person.press("Continue");
  assert.equal(person.title, "You have signed in");
  const { status, body } = await poll(begun.device_code, { code: begun.device_code });
  assert.equal(status, 200);
  assert.ok(body.access_token && body.refresh_token && body.id_token && body.foci === "1");
  const again = await poll(begun.device_code);
  assert.deepEqual([again.body.error, again.body.error_codes], ["invalid_grant", [70000]]);
  await enter(begun.user_code);
  assert.deepEqual(
    [person.title, /AADSTS90120: The request was already authorized or declined/.test(person.page)],
    ["Enter the code", true],
  );
});

test("of many that ask at once for an allowed code, one is served", async () => {
  const { device_code, user_code } = await begin();
  await enter(user_code);
  await person.signIn();
  await person.press("Continue");
  const answers = await Promise.all(Array.from({ length: 20 }, () => poll(device_code)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
});

test("who is signed in to the browser is picked and confirms; Cancel is told to the program", async () => {
  const first = await begin();
  await enter(first.user_code);
  await person.signIn();
  await person.press("Continue");
  const { device_code, user_code } = await begin();
  await enter(user_code);
  assert.equal(person.title, "Pick an account");
  await person.press(/Ada/);
  await person.press("Cancel");
  assert.equal(person.title, "The sign-in was cancelled");
  assert.equal((await poll(device_code)).body.error, "authorization_declined");
  await enter(user_code);
  assert.match(person.page, /AADSTS90120: The request was already authorized or declined/);
});

test("a code that is none, empty, or too old", async () => {
  await enter("AAAAAAAAA");
  assert.match(person.page, /role="alert"[^>]*>That code is not right/);
  await enter("");
  assert.match(person.page, /role="alert"[^>]*>AADSTS90119: The user code is null or empty/);
  const { device_code, user_code } = await begin();
  laterBy(deviceCodeLifetimeSeconds);
  const { body } = await poll(device_code);
  assert.deepEqual([body.error, body.error_codes], ["expired_token", [70020]]);
  await enter(user_code);
  assert.match(person.page, /role="alert"[^>]*>AADSTS70019: Verification code expired/);
  const unknown = await poll("no-such-code");
  assert.deepEqual(
    [unknown.status, unknown.body.error, unknown.body.error_codes],
    [400, "bad_verification_code", [70018]],
  );
  assert.deepEqual((await poll("")).body.error_codes, [900144]);
});

test("a code that ran out while the person was on the page", async () => {
  const { user_code } = await begin();
  await enter(user_code);
  await person.signIn();
  laterBy(deviceCodeLifetimeSeconds);
  await person.press("Continue");
  assert.deepEqual([person.answer?.status, person.title], [400, "Sign-in error"]);
  assert.match(person.page, /AADSTS70019/);
});

test("an allowed code is the client's that asked for it, and dead with its person", async () => {
  const { device_code, user_code } = await begin();
  await enter(user_code);
  await person.signIn();
  await person.press("Continue");
  assert.deepEqual(
    (await poll(device_code, { client_id: firstPartyAppIds.azurePowerShell })).body.error_codes,
    [70018],
  );
  assert.deepEqual((await poll(device_code, { client_id: ids.app })).body.error_codes, [7000218]);
  const row = server.cloud.model.users.get(ids.user)!;
  await server.change(put("user", { ...row, accountEnabled: false }));
  assert.deepEqual((await poll(device_code)).body.error_codes, [50057]);
  const revoked = new Date(server.ports.time.getTime() + 1000).toISOString();
  await server.change(put("user", { ...row, signInSessionsValidFromDateTime: revoked }));
  assert.deepEqual((await poll(device_code)).body.error_codes, [50173], "allowed before the sessions were revoked");
  await server.change(put("user", row));
  assert.equal((await poll(device_code)).status, 200);
});

test("v1 has strings, and a resource", async () => {
  const resource = "https://management.core.windows.net/";
  const { body } = await server.post("/common/oauth2/devicecode", { client_id: cli, resource });
  assert.deepEqual(
    [body.expires_in, body.interval, body.verification_url],
    ["900", "5", `https://localhost:8443${page}`],
  );
  await enter(body.user_code);
  await person.signIn();
  await person.press("Continue");
  const form = { grant_type: "device_code", client_id: cli, code: body.device_code };
  const { status, body: tokens } = await server.post("/common/oauth2/token", form);
  assert.deepEqual([status, tokens.resource], [200, resource]);
});

test("requests that are refused", async () => {
  const codes = async (form: Record<string, string>, path = `${v2}/devicecode`) =>
    (await server.post(path, form)).body.error_codes;
  assert.deepEqual(await codes({ scope }), [900144]);
  assert.deepEqual(await codes({ client_id: cli }), [900144]);
  assert.deepEqual(await codes({ client_id: "dddddddd-0000-4000-8000-00000000dead", scope }), [700016]);
  assert.deepEqual(await codes({ client_id: ids.app, scope: "openid" }), [50194]);
  assert.deepEqual(await codes({ client_id: cli, scope: "https://graph.microsoft.com/Mail.Send" }), [65001]);
  assert.deepEqual(await codes({ client_id: cli, scope, resource: "x" }), [901002]);
  assert.deepEqual(await codes({ client_id: cli, scope }, "/consumers/oauth2/v2.0/devicecode"), [700016]);
});

describe("attack: user codes", () => {
  test("no code is taken from a link: who sends one cannot make the person skip typing it", async () => {
    const { user_code } = await begin();
    for (const name of ["otc", "user_code", "code"]) {
      await person.open(`${page}?${name}=${user_code}`);
      assert.equal(person.title, "Enter the code");
      assert.ok(!person.page.includes(user_code));
    }
  });

  test("guessing is bounded, also with the right code among the guesses, and the bound passes", async () => {
    laterBy(100_000);
    const { user_code } = await begin();
    for (let index = 0; index < 19; index++) await enter("AAAAAAAAA");
    await enter("EEEEEEEEE");
    await enter(user_code);
    assert.match(person.page, /Too many wrong codes/);
    laterBy(100_031);
    await enter(user_code);
    assert.equal(person.title, "Sign in");
  });

  test("codes are of nine letters and digits, evenly, and never twice", () => {
    const codes = new DeviceCodes({
      randomBytes: (size) => Buffer.from(Array.from({ length: size }, () => Math.floor(Math.random() * 256))),
    });
    const seen = new Set<string>();
    for (let index = 0; index < 2000; index++) {
      const { request, deviceCode } = codes.issue({ clientId: cli, dialect: "v2", scope, resource: null }, sampleTime);
      assert.match(request.userCode, new RegExp(`^[BCDFGHJKLMNPQRSTVWXYZ2-9]{${userCodeChars}}$`));
      assert.equal(codes.findByDeviceCode(deviceCode)?.userCode, request.userCode);
      seen.add(request.userCode);
    }
    assert.equal(seen.size, 2000);
    const counts = new Map<string, number>();
    for (const character of [...seen].join("")) counts.set(character, (counts.get(character) ?? 0) + 1);
    const [least, most] = [Math.min(...counts.values()), Math.max(...counts.values())];
    assert.ok(counts.size === 29 && most / least < 1.6, `${least} to ${most}`);
  });

  test("a program that asks for codes without end pushes out only the oldest", () => {
    const codes = new DeviceCodes(
      new (class extends SamplePorts {
        #count = 0;
        override randomBytes(size: number): Buffer {
          const bytes = Buffer.alloc(size);
          bytes.writeUInt32BE(++this.#count, size - 4);
          for (let index = 0, rest = this.#count; index < 4; index++, rest = Math.floor(rest / 29))
            bytes[index] = rest % 29;
          return bytes;
        }
      })(),
    );
    const issue = () => codes.issue({ clientId: cli, dialect: "v2", scope, resource: null }, sampleTime);
    const first = issue();
    for (let index = 0; index < 10_000; index++) issue();
    const last = issue();
    assert.equal(codes.findByDeviceCode(first.deviceCode), undefined);
    assert.ok(codes.findByDeviceCode(last.deviceCode));
  });
});

test("the sample password is the one the pages were given", () => assert.ok(password.length > 0));
