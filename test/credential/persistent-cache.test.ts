/** Tokens on disk: who can read them, what protects them, and what happens to a cache that is damaged, open to others, or used by many. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import {
  ClientSecretCredential,
  type CredentialError,
  DeviceCodeCredential,
  useIdentityPlugin,
} from "@postern/credential";
import { cachePersistencePlugin, removePersistentCache } from "@postern/credential/persistent-cache";
import { entraError, failure, granted, type Script, setVariables, standIn } from "./stand-in.ts";

const scope = "https://storage.azure.com/.default";
const program = join(import.meta.dirname, "programs/persistent.mjs");
const modules = ["@postern/credential", "@postern/credential/persistent-cache"].map((name) =>
  import.meta.resolve(name),
);
const run = promisify(execFile);

/** Keeps one secret in a file; takes it on its input, as the real one does. Refuses a secret among its arguments. */
const secretTool = `case "$1" in
lookup) [ -f "$KEYS/key" ] || exit 1; cat "$KEYS/key" ;;
store) [ $# = 6 ] || exit 2; echo made >> "$KEYS/made"; cat > "$KEYS/key.$$"; mv "$KEYS/key.$$" "$KEYS/key" ;;
esac`;

interface Given {
  readonly secret?: string;
  readonly allowsPlain?: boolean;
  readonly claims?: string;
}
type Printed = { readonly token?: string; readonly code?: string; readonly message?: string };

/** A user's folders, a stand-in for Entra ID, and programs of that user. */
async function user(context: TestContext, script: Script, hasKeys = true) {
  const entra = await standIn(context, script);
  const home = await mkdtemp(join(tmpdir(), "postern-cache-"));
  context.after(() => rm(home, { recursive: true }));
  if (hasKeys) {
    await writeFile(join(home, "secret-tool"), `#!/bin/sh\n${secretTool}\n`);
    await chmod(join(home, "secret-tool"), 0o700);
  }
  const PATH = hasKeys ? `${home}:${process.env.PATH}` : "/nowhere";
  const variables = { PATH, KEYS: home, XDG_STATE_HOME: join(home, "state") };
  const ask = async (given: Given = {}): Promise<Printed> => {
    const GIVEN = JSON.stringify({ ...given, authorityHost: entra.url });
    const env = { ...variables, HOME: home, GIVEN };
    const { stdout } = await run(process.execPath, ["--conditions=postern-source", program, ...modules], { env });
    return JSON.parse(stdout);
  };
  return { ...entra, home, variables, ask, file: join(home, "state/postern-credential/test.cache") };
}

const permissions = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

test("the next program finds the token; the file is 0600, and holds neither it nor the secret", {
  skip: process.platform !== "linux",
}, async (context) => {
  const { ask, asked, file, home } = await user(context, (_, index) => granted(`token-${index}`));
  assert.deepEqual([await ask(), await ask()], [{ token: "token-0" }, { token: "token-0" }]);
  assert.equal(asked.length, 1);
  assert.deepEqual([await permissions(file), await permissions(dirname(file))], ["600", "700"]);
  const content = await readFile(file, "latin1");
  assert.match(content, /^postern-credential 1 aes-256-gcm\n/);
  assert.doesNotMatch(content, /token-0|s3cret-value|expiresOn/);
  assert.equal(Buffer.from(await readFile(join(home, "key"), "utf8"), "base64").length, 32);
  assert.deepEqual(await ask({ claims: '{"access_token":{}}' }), { token: "token-1" }, "a challenge is not met by it");
  assert.deepEqual(await ask(), { token: "token-1" });
  assert.deepEqual(await readdir(dirname(file)), ["test.cache"], "no lock and no half-written file is left");
});

test("who has another secret finds nothing", { skip: process.platform !== "linux" }, async (context) => {
  const { ask } = await user(context, ({ form }) =>
    form.client_secret === "s3cret-value" ? granted("one") : entraError(7000215, "invalid_client", "Invalid", 401),
  );
  await ask();
  assert.match((await ask({ secret: "guess" })).message ?? "", /AADSTS7000215: The client secret is wrong/);
});

test("a token that is due or near its end is fetched anew", { skip: process.platform !== "linux" }, async (context) => {
  const { ask, asked } = await user(context, (_, index) => granted(`token-${index}`, index === 0 ? 200 : 3600));
  assert.deepEqual([(await ask()).token, (await ask()).token, (await ask()).token], ["token-0", "token-1", "token-1"]);
  assert.equal(asked.length, 2);
});

test("a damaged file, one cut short and one of another key are filled anew", {
  skip: process.platform !== "linux",
}, async (context) => {
  const { ask, file, home } = await user(context, (_, index) => granted(`token-${index}`));
  await ask();
  const whole = await readFile(file);
  const changed = Buffer.from(whole);
  changed[changed.length - 20]! ^= 1;
  for (const [index, content] of [changed, whole.subarray(0, 40), Buffer.from("{"), Buffer.alloc(0)].entries()) {
    await writeFile(file, content);
    assert.deepEqual(await ask(), { token: `token-${index + 1}` });
    assert.deepEqual(await ask(), { token: `token-${index + 1}` });
  }
  await writeFile(join(home, "key"), Buffer.alloc(32, 7).toString("base64"));
  assert.deepEqual(await ask(), { token: "token-5" });
});

test("a file or folder that others may use, and a link, are refused and not used", {
  skip: process.platform !== "linux",
}, async (context) => {
  const { ask, asked, file } = await user(context, () => granted("one"));
  await ask();
  await chmod(file, 0o640);
  const open = await ask();
  assert.equal(open.code, "misconfigured");
  assert.match(open.message ?? "", /Others may use the token cache .+test\.cache \(mode 640\)\. Remove it\./);
  await chmod(file, 0o600);
  await rename(file, `${file}.moved`);
  await symlink(`${file}.moved`, file);
  assert.match((await ask()).message ?? "", /test\.cache is a link\. Remove it\./);
  await rm(file);
  await chmod(dirname(file), 0o777);
  assert.match((await ask()).message ?? "", /Others may use the token cache .+ \(mode 777\)/);
  assert.equal(asked.length, 2, "the last was asked for before its place was looked at");
});

test("without a store of keys nothing is kept, unless the app allows it in words", async (context) => {
  const { ask, file } = await user(context, () => granted("one"), false);
  const refused = await ask();
  assert.equal(refused.code, "misconfigured");
  assert.match(refused.message ?? "", /cannot be kept encrypted here: .+ Set unsafeAllowUnencryptedStorage/);
  await assert.rejects(stat(file), { code: "ENOENT" });
  assert.deepEqual([await ask({ allowsPlain: true }), await permissions(file)], [{ token: "one" }, "600"]);
  const content = await readFile(file, "utf8");
  assert.match(content, /^postern-credential 1 plain\n/);
  assert.doesNotMatch(content, /s3cret-value/, "the secret is not written even then");
});

test("programs that start together make one key and lose no entry", {
  skip: process.platform !== "linux",
}, async (context) => {
  const { ask, asked, home } = await user(context, ({ form }) => granted(`of-${form.client_secret}`));
  const secrets = ["a", "b", "c", "d", "e", "f"];
  const first = await Promise.all(secrets.map((secret) => ask({ secret })));
  const second = await Promise.all(secrets.map((secret) => ask({ secret })));
  assert.deepEqual(
    first,
    secrets.map((secret) => ({ token: `of-${secret}` })),
  );
  assert.deepEqual(second, first);
  assert.equal(asked.length, secrets.length, "nobody asked twice");
  assert.equal(await readFile(join(home, "made"), "utf8"), "made\n");
});

test("a lock that a program left behind is taken over", { skip: process.platform !== "linux" }, async (context) => {
  const { ask, file } = await user(context, () => granted("one"));
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.lock`, "");
  await utimes(`${file}.lock`, 1, 1);
  assert.deepEqual(await ask(), { token: "one" });
});

test("a person signs in once: the next program has the refresh token by the record, until the cache is removed", async (context) => {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const id_token = `.${encode({ oid: "o", tid: "t", preferred_username: "ada@example.org" })}.`;
  const { url, asked, variables } = await user(context, ({ url, form }) => {
    if (url.pathname.endsWith("/devicecode")) return { body: { device_code: "d", message: "go", interval: 0.001 } };
    return granted(form.refresh_token ?? "first", 3600, {
      id_token,
      refresh_token: `${form.grant_type?.slice(-7)}-next`,
    });
  });
  setVariables(context, variables);
  useIdentityPlugin(cachePersistencePlugin);
  const tokenCachePersistenceOptions = { enabled: true, name: "people", unsafeAllowUnencryptedStorage: true };
  const options = { tenantId: "t", clientId: "app", authorityHost: url, tokenCachePersistenceOptions };
  const prompts: string[] = [];
  const first = new DeviceCodeCredential({ ...options, userPromptCallback: ({ message }) => prompts.push(message) });
  const authenticationRecord = await first.authenticate(scope);
  const silent = { ...options, authenticationRecord: authenticationRecord!, disableAutomaticAuthentication: true };
  assert.equal((await new DeviceCodeCredential(silent).getToken(scope)).token, "ce_code-next");
  assert.equal((await new DeviceCodeCredential(silent).getToken(scope)).token, "h_token-next", "the newest is kept");
  assert.deepEqual(prompts, ["go"]);
  const before = asked.length;
  await removePersistentCache("people");
  const error = (await failure(new DeviceCodeCredential(silent).getToken(scope))) as CredentialError;
  assert.deepEqual([error.code, asked.length], ["interaction_required", before]);
});

test("a disk that takes nothing does not cost the token", { skip: process.platform !== "linux" }, async (context) => {
  const { ask, home } = await user(context, () => granted("one"));
  await writeFile(join(home, "state"), "a file where the folder would be");
  assert.deepEqual(await ask(), { token: "one" });
});

test("the name of a cache is no path", () => {
  useIdentityPlugin(cachePersistencePlugin);
  for (const name of ["../x", "a/b", "", ".hidden", "x".repeat(65)]) {
    const tokenCachePersistenceOptions = { enabled: true, name };
    assert.throws(() => new ClientSecretCredential("t", "a", "s", { tokenCachePersistenceOptions }), {
      code: "misconfigured",
    });
  }
});
