/** Tokens of apps from a stand-in for Entra ID: what is sent, kept, renewed, retried, refused and said. */
import assert from "node:assert/strict";
import { constants, generateKeyPairSync, verify } from "node:crypto";
import { type TestContext, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  AuthenticationError,
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  CredentialError,
  OnBehalfOfCredential,
} from "@postern/credential";
import { entraError, failure, granted, type Script, standIn } from "./stand-in.ts";

const scope = "https://storage.azure.com/.default";
const retryOptions = { retryDelayInMs: 1 };

async function appAt(context: TestContext, script: Script, secret = "s3cret-value", options = {}) {
  const entra = await standIn(context, script);
  const make = (given = secret) =>
    new ClientSecretCredential("t1", "app", given, { authorityHost: entra.url, retryOptions, ...options });
  return { ...entra, make, credential: make() };
}

test("a secret is sent as documented, once, with no discovery, and the token is kept", async (context) => {
  const { credential, asked, make } = await appAt(context, () => granted("one"));
  const before = Date.now();
  const token = await credential.getToken(scope);
  assert.equal(token.token, "one");
  assert.equal(token.tokenType, "Bearer");
  assert.ok(token.expiresOnTimestamp >= before + 3599_000 && token.expiresOnTimestamp <= Date.now() + 3599_000);
  assert.equal(await credential.getToken([scope]), token);
  assert.equal(await make().getToken(scope), token, "another credential of the same identity shares it");
  assert.deepEqual(
    asked.map(({ method, url, form }) => [method, url.pathname, form]),
    [
      [
        "POST",
        "/t1/oauth2/v2.0/token",
        { client_id: "app", scope, grant_type: "client_credentials", client_secret: "s3cret-value" },
      ],
    ],
  );
});

test("who has another secret gets no token from the cache", async (context) => {
  const { credential, make } = await appAt(context, ({ form }) =>
    form.client_secret === "s3cret-value" ? granted("one") : entraError(7000215, "invalid_client", "Invalid", 401),
  );
  await credential.getToken(scope);
  const error = await failure(make("guess-of-another").getToken(scope));
  assert.ok(error instanceof CredentialError);
  assert.equal(error.aadsts, 7000215);
});

test("callers at the same time share one request, and one who leaves does not end it", async (context) => {
  let answer = () => {};
  const wait = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const { credential, asked } = await appAt(context, () => wait.then(() => granted("one")));
  const controller = new AbortController();
  const leaving = failure(credential.getToken(scope, { abortSignal: controller.signal }));
  const staying = [1, 2, 3].map(() => credential.getToken(scope));
  controller.abort();
  assert.equal((await leaving).name, "AbortError");
  answer();
  assert.deepEqual(
    (await Promise.all(staying)).map(({ token }) => token),
    ["one", "one", "one"],
  );
  assert.equal(asked.length, 1);
});

test("a token that is due is renewed while the old one serves; one in its last moments is not given out", async (context) => {
  let end: () => void = () => {};
  const renewed = new Promise<void>((resolve) => {
    end = resolve;
  });
  const { credential, asked } = await appAt(context, (_, index) => {
    if (index === 1) end();
    return granted(`token-${index}`, 3600, { refresh_in: 1800 });
  });
  context.mock.timers.enable({ apis: ["Date"], now: Date.now() });
  await credential.getToken(scope);
  context.mock.timers.tick(1000_000);
  assert.equal((await credential.getToken(scope)).token, "token-0");
  assert.equal(asked.length, 1, "not yet due");
  context.mock.timers.tick(900_000);
  assert.equal((await credential.getToken(scope)).token, "token-0", "the old one serves");
  await renewed;
  while ((await credential.getToken(scope)).token === "token-0") await nextTurn();
  assert.equal((await credential.getToken(scope)).token, "token-1");
  context.mock.timers.tick(3600_000);
  assert.match((await credential.getToken(scope)).token, /token-2/, "both are past their last moments");
});

test("a claims challenge is not answered from the cache, and what is fetched for it is kept", async (context) => {
  const { credential, asked } = await appAt(context, (_, index) => granted(`token-${index}`));
  await credential.getToken(scope, { enableCae: true });
  const claims = '{"access_token":{"nbf":{"essential":true}}}';
  assert.equal((await credential.getToken(scope, { enableCae: true, claims })).token, "token-1");
  assert.equal((await credential.getToken(scope, { enableCae: true })).token, "token-1");
  assert.equal((await credential.getToken(scope)).token, "token-2", "clients that cannot be challenged have their own");
  const capability = { xms_cc: { values: ["CP1"] } };
  assert.deepEqual(
    asked.map(({ form }) => form.claims && JSON.parse(form.claims)),
    [{ access_token: capability }, { access_token: { nbf: { essential: true }, ...capability } }, undefined],
  );
});

test("a busy server is asked again, as often as allowed, and Retry-After counts", async (context) => {
  const { credential, asked } = await appAt(context, (_, index) =>
    index < 2 ? { status: index === 0 ? 503 : 429, headers: { "retry-after": "0" } } : granted("third"),
  );
  assert.equal((await credential.getToken(scope)).token, "third");
  assert.equal(asked.length, 3);
  const always = await appAt(context, () => ({ status: 500 }));
  assert.equal((await failure(always.credential.getToken(scope))).name, "AuthenticationError");
  assert.equal(always.asked.length, 4);
  const far = await appAt(context, () => ({ status: 503, headers: { "retry-after": "3600" } }));
  await failure(far.credential.getToken(scope));
  assert.equal(far.asked.length, 1, "an hour is more than the whole may take");
});

test("the caller's signal ends the request and the pauses", async (context) => {
  const controller = new AbortController();
  const { credential } = await appAt(context, () => {
    controller.abort();
    return undefined;
  });
  const error = await failure(credential.getToken(scope, { abortSignal: controller.signal }));
  assert.deepEqual([error.name, (error as CredentialError).code], ["AbortError", "aborted"]);
});

test("an error says number, meaning and remedy, and holds no secret even when the server repeats it", async (context) => {
  const { credential } = await appAt(context, ({ form }) =>
    entraError(999999, "invalid_client", `Strange ${form.client_secret}.`, 401),
  );
  const unknown = await failure(credential.getToken(scope));
  assert.match(
    unknown.message,
    /^ClientSecretCredential: AADSTS999999: Strange \*\*\*\. \(invalid_client, trace ID 1\)$/,
  );
  assert.doesNotMatch(JSON.stringify({ ...unknown, stack: unknown.stack }), /s3cret-value/);

  const wrong = await appAt(context, () =>
    entraError(7000215, "invalid_client", "Invalid client secret provided.", 401),
  );
  const error = await failure(wrong.credential.getToken(scope));
  assert.ok(error instanceof CredentialError && error instanceof AuthenticationError);
  assert.deepEqual(
    [error.name, error.code, error.aadsts, error.statusCode, error.errorResponse?.error, error.meaning],
    ["AuthenticationError", "authentication_failed", 7000215, 401, "invalid_client", "The client secret is wrong."],
  );
});

test("authorities: https, or http on this machine; nothing else", () => {
  const make = (authorityHost: string) => new ClientSecretCredential("t", "a", "s", { authorityHost });
  for (const wrong of [
    "http://login.microsoftonline.com",
    "http://127.0.0.1.evil.example",
    "ftp://localhost",
    "http://x@evil/",
  ]) {
    assert.throws(() => make(wrong), { name: "CredentialConfigurationError" }, wrong);
  }
  for (const right of ["https://login.microsoftonline.us/", "http://localhost:1", "login.microsoftonline.com"])
    make(right);
});

test("tenants: the credential's own, and those that were allowed", async (context) => {
  const { credential, url, asked } = await appAt(context, () => granted("one"));
  const error = await failure(credential.getToken(scope, { tenantId: "t2" }));
  assert.equal(error.name, "CredentialUnavailableError");
  const options = { authorityHost: url, additionallyAllowedTenants: ["t2"] };
  await new ClientSecretCredential("t1", "app", "s", options).getToken(scope, { tenantId: "t2" });
  assert.deepEqual(
    asked.map(({ url }) => url.pathname),
    ["/t2/oauth2/v2.0/token"],
  );
  assert.throws(() => new ClientSecretCredential("../x", "app", "s"), { code: "misconfigured" });
  assert.throws(() => new ClientSecretCredential("t", "", "s"), /clientId is required/);
});

test("a certificate signs an assertion that its key verifies, by the server's clock when ours is wrong", async (context) => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const body = Buffer.from("a certificate").toString("base64");
  const certificatePem = `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
  const ahead = Date.now() + 7200_000;
  const { url, asked } = await standIn(context, (_, index) =>
    index === 0
      ? {
          ...entraError(700024, "invalid_client", "Not in time.", 401),
          headers: { date: new Date(ahead).toUTCString() },
        }
      : granted("one"),
  );
  for (const type of ["pkcs8", "pkcs1"] as const) {
    const certificate = `${privateKey.export({ type, format: "pem" })}${certificatePem}`;
    const options = { authorityHost: url, sendCertificateChain: true };
    await new ClientCertificateCredential("t1", "app", { certificate }, options).getToken(scope);
  }
  assert.equal(asked.length, 3);
  const times = asked.map(({ form }) => {
    const [header, claims, signature] = form.client_assertion!.split(".") as [string, string, string];
    const key = { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
    assert.ok(verify("sha256", Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, "base64url")));
    const read = JSON.parse(Buffer.from(claims, "base64url").toString());
    assert.deepEqual([read.iss, read.sub, read.aud], ["app", "app", `${url}/t1/oauth2/v2.0/token`]);
    assert.deepEqual(JSON.parse(Buffer.from(header, "base64url").toString()).x5c, [body]);
    return read.nbf as number;
  });
  assert.ok(times[1]! - times[0]! >= 7195, "the second try is by the server's clock");
});

test("an encrypted key needs its password; PFX is refused with the way to convert it", async (context) => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "open" });
  const certificate = `${key}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`;
  const { url } = await standIn(context, () => granted("one"));
  const make = (certificatePassword?: string, pem = certificate) => {
    const source = { certificate: pem, ...(certificatePassword ? { certificatePassword } : {}) };
    return new ClientCertificateCredential("t1", "app", source, { authorityHost: url }).getToken(scope);
  };
  assert.equal((await make("open")).token, "one");
  assert.match((await failure(make())).message, /encrypted\. Set AZURE_CLIENT_CERTIFICATE_PASSWORD/);
  assert.match((await failure(make("shut"))).message, /cannot be decrypted/);
  assert.match((await failure(make(undefined, "0\x82\x01binary"))).message, /PFX.*openssl pkcs12/);
});

test("an assertion and a user's token are passed on as documented", async (context) => {
  const { url, asked } = await standIn(context, () => granted("one"));
  const options = { authorityHost: url };
  await new ClientAssertionCredential("t1", "app", async () => "jwt", options).getToken(scope);
  const user = { tenantId: "t1", clientId: "app", userAssertionToken: "user-jwt", clientSecret: "s", ...options };
  await new OnBehalfOfCredential(user).getToken(scope);
  assert.deepEqual(
    asked.map(({ form }) => form),
    [
      {
        client_id: "app",
        scope,
        grant_type: "client_credentials",
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: "jwt",
      },
      {
        client_id: "app",
        scope,
        grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
        requested_token_use: "on_behalf_of",
        assertion: "user-jwt",
        client_secret: "s",
      },
    ],
  );
});
