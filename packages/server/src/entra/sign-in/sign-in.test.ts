import assert from "node:assert/strict";
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { after, before, beforeEach, describe, mock, test } from "node:test";
import fc from "fast-check";
import { put } from "../../state/change.ts";
import { firstPartyAppIds } from "../../state/first-party.ts";
import { ids, sampleTime } from "../../tokens/sample-directory.ts";
import { localOrigin, SamplePerson } from "../sample-person.ts";
import { password, type SampleServer, startSampleServer } from "../sample-server.ts";
import { escapeHtml, html } from "./html.ts";
import { style, styleHash } from "./style.ts";

const cli = firstPartyAppIds.azureCli;
const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const request = {
  client_id: cli,
  response_type: "code",
  redirect_uri: "http://localhost:8400",
  scope: "openid",
  code_challenge: challenge,
  code_challenge_method: "S256",
};
const authorize = `/organizations/oauth2/v2.0/authorize?${new URLSearchParams(request)}`;
const cookieName = "__Host-postern";

let server: SampleServer;
let person: SamplePerson;
before(async () => {
  server = await startSampleServer();
});
after(() => server.close());
beforeEach(async () => {
  server.ports.time = sampleTime;
  person = await new SamplePerson(server).open(authorize);
});

const newCookie = () => String(person.answer?.headers["set-cookie"] ?? "");

describe("the pages", () => {
  test("load nothing, run nothing, stand in no frame, are kept by no cache, and answer no other site's script", async () => {
    const { headers } = person.answer!;
    assert.equal(
      headers["content-security-policy"],
      `default-src 'none'; style-src ${styleHash}; form-action 'self' http://localhost:8400; frame-ancestors 'none'; base-uri 'none'`,
    );
    assert.equal(headers["x-frame-options"], "DENY");
    assert.equal(headers["referrer-policy"], "same-origin");
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["cache-control"], "no-store, no-cache");
    assert.equal(headers["access-control-allow-origin"], undefined);
    assert.ok(!/<script|javascript:|\son\w+=/i.test(person.page));
    const hash = crypto
      .createHash("sha256")
      .update(/<style>([\s\S]*?)<\/style>/.exec(person.page)![1]!)
      .digest("base64");
    assert.equal(styleHash, `'sha256-${hash}'`, "the browser would refuse the style otherwise");
    assert.ok(!/@import|url\(/.test(style));
  });

  test("name every field, say what is wrong where a screen reader hears it, and need no script", async () => {
    await person.signIn("ada@contoso.test", "wrong");
    const fields = [...person.page.matchAll(/<input type="(?:text|email|password)"[^>]* id="(\w+)"/g)].map(
      ([, id]) => id!,
    );
    for (const id of fields) assert.ok(person.page.includes(`<label for="${id}">`), id);
    assert.deepEqual(fields, ["password"]);
    assert.match(person.page, /<p class="alert" role="alert" id="problem">/);
    assert.match(person.page, /aria-invalid="true" aria-describedby="problem"/);
    assert.match(person.page, /<html lang="en">/);
    assert.match(person.page, /width=device-width/);
    assert.match(style, /prefers-color-scheme: dark/);
    assert.ok(!/min-width: [4-9]\d\dpx/.test(style), "nothing is wider than a small phone");
  });

  test("escape whatever is put into them", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const escaped = escapeHtml(text);
        assert.ok(!/[<>"']/.test(escaped));
        assert.ok(!/&(?!(?:amp|lt|gt|quot|#39);)/.test(escaped));
        assert.equal(html`<p title="${text}">${text}</p>`.text, `<p title="${escaped}">${escaped}</p>`);
      }),
    );
    assert.equal(escapeHtml("a\u202eb\u0000c"), "abc");
    assert.equal(html`<ul>${[html`<li>`, html`${"<li>"}`]}${undefined}</ul>`.text, "<ul><li>&lt;li&gt;</ul>");
  });
});

describe("attack: forged forms (CSRF)", () => {
  test("a form from another site is refused: by its origin, or for having none", async () => {
    const [form] = person.forms();
    const fields = { ...form!.fields, username: "ada@contoso.test" };
    const foreign = [
      "https://evil.test",
      "null",
      "http://localhost:8443",
      "https://localhost",
      "https://localhost:8443.evil.test",
    ];
    for (const origin of foreign) {
      await person.post("/common/login", fields, { origin });
      assert.equal(person.answer?.status, 403, origin);
    }
    const bare = await server.post("/common/login", fields, {
      origin: localOrigin,
      headers: { cookie: `${cookieName}=${person.cookies.get(cookieName)}` },
    });
    assert.equal(bare.status, 403, "no origin at all");
    await person.post("/common/login", fields, { "sec-fetch-site": "cross-site" });
    assert.equal(person.answer?.status, 403);
    await person.post("/common/login", fields, { "sec-fetch-site": "same-origin" });
    assert.equal(person.title, "Enter your password");
  });

  test("a flow of one browser is nothing in another's form (log-in CSRF)", async () => {
    const [form] = person.forms();
    const victim = await new SamplePerson(server).open(authorize);
    await victim.post("/common/login", { ...form!.fields, username: "ada@contoso.test" });
    assert.deepEqual([victim.answer?.status, victim.title], [400, "Sign-in error"]);
    victim.cookies.clear();
    await victim.post("/common/login", { ...form!.fields, username: "ada@contoso.test" });
    assert.equal(victim.answer?.status, 400, "a browser that keeps no cookies");
  });

  test("a flow that was changed, is too old, or is another kind of sealed text is refused", async () => {
    const [form] = person.forms();
    const flow = form!.fields.flow!;
    const code = server.cloud.tokens.refreshTokens.seal({
      userId: ids.user,
      clientId: cli,
      familyId: ids.user,
      issuedAtMs: 1,
      signedInAtMs: 1,
      generation: 0,
      platform: "native",
      origin: "",
    });
    for (const bad of ["", "p.", `${flow}A`, flow.slice(0, -1), `p.${code.slice(2)}`, code]) {
      await person.post("/common/login", { ...form!.fields, flow: bad });
      assert.equal(person.answer?.status, 400, bad.slice(0, 20));
    }
    await person.post("/common/login", { ...form!.fields, step: "constructor" });
    assert.equal(person.answer?.status, 400);
    server.ports.time = new Date(sampleTime.getTime() + 3_600_000);
    await person.post("/common/login", { ...form!.fields, username: "ada@contoso.test" });
    assert.match(person.page, /out of date/);
  });

  test("the pages' forms cannot skip who the person is", async () => {
    const [form] = person.forms();
    for (const fields of [
      { step: "account", account: ids.user },
      { step: "consent", answer: "accept" },
      { step: "device", answer: "accept" },
      { step: "password", password: "" },
    ]) {
      await person.post("/common/login", { ...form!.fields, ...fields });
      assert.ok(person.answer?.headers.location === undefined, JSON.stringify(fields));
      assert.equal(person.title, "Sign in");
    }
    assert.equal(server.cloud.model.oauth2PermissionGrants.size, 0);
  });
});

describe("attack: sessions", () => {
  test("the cookie is the host's alone, unseen by scripts, not sent with other sites' forms", () => {
    assert.match(
      newCookie(),
      new RegExp(`^${cookieName}=[\\w-]{43}\\.[\\w-]{43}; Path=/; Secure; HttpOnly; SameSite=Lax$`),
    );
  });

  test("session fixation: the session's name is another after the sign-in, and the old one is nobody's", async () => {
    const before = person.cookies.get(cookieName)!;
    await person.signIn();
    const after = person.cookies.get(cookieName)!;
    assert.equal(before.split(".")[0], after.split(".")[0], "the browser is the same");
    assert.notEqual(before.split(".")[1], after.split(".")[1]);
    const attacker = new SamplePerson(server);
    attacker.cookies.set(cookieName, before);
    assert.equal((await attacker.open(authorize)).title, "Sign in");
    attacker.cookies.set(cookieName, after);
    assert.ok((await attacker.open(authorize)).response.get("code"), "it is the name that counts");
  });

  test("a second sign-in voids the name of the first", async () => {
    await person.signIn();
    const first = person.cookies.get(cookieName)!;
    await person.open(`${authorize}&prompt=login`);
    server.ports.time = new Date(sampleTime.getTime() + 1000);
    await person.signIn();
    const attacker = new SamplePerson(server);
    attacker.cookies.set(cookieName, first);
    assert.equal((await attacker.open(authorize)).title, "Sign in");
  });

  test("a session ends: after a day, with a new password, a disabled account, or 90 days when it is kept", async () => {
    const isSignedIn = async () => (await person.open(authorize)).answer?.status === 302;
    await person.signIn();
    assert.ok(!newCookie().includes("Max-Age"));
    assert.equal(await isSignedIn(), true);
    const row = server.cloud.model.users.get(ids.user)!;
    await server.change(put("user", { ...row, accountEnabled: false }));
    assert.equal(await isSignedIn(), false);
    await server.change(
      put("user", { ...row, signInSessionsValidFromDateTime: new Date(sampleTime.getTime() + 1).toISOString() }),
    );
    assert.equal(await isSignedIn(), false);
    await server.change(put("user", row));
    assert.equal(await isSignedIn(), true);
    server.ports.time = new Date(sampleTime.getTime() + 86_400_000);
    assert.equal(await isSignedIn(), false);
    await person.signIn(undefined, undefined, { stay: "yes" });
    assert.match(newCookie(), /; Max-Age=7776000$/);
    server.ports.time = new Date(sampleTime.getTime() + 90 * 86_400_000);
    assert.equal(await isSignedIn(), true);
    server.ports.time = new Date(sampleTime.getTime() + 91 * 86_400_000);
    assert.equal(await isSignedIn(), false);
  });

  test("a cookie that is not of the form is none", async () => {
    for (const value of [
      "",
      "x",
      "a.b",
      `${"a".repeat(43)}.${"b".repeat(42)}`,
      `${"a".repeat(43)}.${"b".repeat(43)}x`,
    ]) {
      person.cookies.set(cookieName, value);
      await person.open(authorize);
      assert.match(newCookie(), new RegExp(`^${cookieName}=`), value);
    }
  });
});

test("attack: timing of password comparison: the same slow hash for an unknown name as for a wrong password, once each", async () => {
  const costs: unknown[] = [];
  const real = crypto.scrypt;
  mock.method(crypto, "scrypt", (...args: Parameters<typeof real>) => {
    costs.push([args[2], args[3]]);
    return real(...args);
  });
  syncBuiltinESMExports();
  try {
    const form = { grant_type: "password", client_id: cli, scope: "openid" };
    const ask = async (username: string, secret: string) =>
      (await server.post("/organizations/oauth2/v2.0/token", { ...form, username, password: secret })).body
        .error_codes[0];
    assert.deepEqual(
      [await ask("ada@contoso.test", "wrong-1"), await ask("nobody@contoso.test", "wrong-1")],
      [50126, 50034],
    );
  } finally {
    mock.restoreAll();
    syncBuiltinESMExports();
  }
  assert.equal(costs.length, 2);
  assert.deepEqual(costs[0], costs[1]);
  assert.ok(password.length > 0);
});
