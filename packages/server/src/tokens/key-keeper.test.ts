import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openKeyKeeper } from "./key-keeper.ts";
import { publishKeys } from "./key-set.ts";
import { type RefreshGrant, RefreshTokens } from "./refresh-token.ts";
import { ids, SamplePorts, withStateFolder } from "./sample-directory.ts";
import { openSealer } from "./sealer.ts";

const ports = new SamplePorts();

test("a key ring is made once, private, and is the same after a restart", () =>
  withStateFolder(async (stateDir) => {
    const first = (await openKeyKeeper({ stateDir, ports })).ring;
    const file = join(stateDir, "keys", "signing-keys.json");
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.equal((await stat(join(stateDir, "keys"))).mode & 0o777, 0o700);
    assert.deepEqual(await readdir(join(stateDir, "keys")), ["signing-keys.json"], "no temporary file is left");
    const content = await readFile(file, "utf8");
    const second = (await openKeyKeeper({ stateDir, ports })).ring;
    assert.equal(second.current.kid, first.current.kid);
    assert.equal(second.current.modulus, first.current.modulus);
    assert.equal(await readFile(file, "utf8"), content, "a good file is not written again");
  }));

test("a key file that others may read is closed to them at the next start", () =>
  withStateFolder(async (stateDir) => {
    await openKeyKeeper({ stateDir, ports });
    const file = join(stateDir, "keys", "signing-keys.json");
    await chmod(file, 0o644);
    await openKeyKeeper({ stateDir, ports });
    assert.equal((await stat(file)).mode & 0o777, 0o600);
  }));

test("a damaged key file stops the start, is kept, and is not quoted", () =>
  withStateFolder(async (stateDir) => {
    await openKeyKeeper({ stateDir, ports });
    const file = join(stateDir, "keys", "signing-keys.json");
    const good = JSON.parse(await readFile(file, "utf8"));
    const [key] = good.keys;
    const damaged: Record<string, string> = {
      "cut short": JSON.stringify(good).slice(0, 500),
      "no keys": JSON.stringify({ format: 1, keys: [] }),
      "another format": JSON.stringify({ ...good, format: 2 }),
      "another key id": JSON.stringify({ format: 1, keys: [{ ...key, kid: "AAAA" }] }),
      "no certificate": JSON.stringify({ format: 1, keys: [{ ...key, certificate: "AAAA" }] }),
    };
    for (const [name, content] of Object.entries(damaged)) {
      await writeFile(file, content);
      await assert.rejects(openKeyKeeper({ stateDir, ports }), (error: Error) => {
        assert.match(error.message, /signing-keys\.json cannot be read/, name);
        assert.ok(!error.message.includes(key.privateKey.d) && error.cause === undefined, name);
        return true;
      });
      assert.equal(await readFile(file, "utf8"), content);
    }
  }));

test("the published set holds the public half only, named by its certificate's thumbprint", () =>
  withStateFolder(async (stateDir) => {
    const ring = (await openKeyKeeper({ stateDir, ports })).ring;
    const [key] = publishKeys(ring);
    assert.deepEqual(Object.keys(key!).sort(), ["e", "kid", "kty", "n", "use", "x5c", "x5t"]);
    const certificate = new X509Certificate(Buffer.from(key!.x5c[0]!, "base64"));
    assert.equal(key!.kid, createHash("sha1").update(certificate.raw).digest("base64url"));
    assert.equal(key!.x5t, key!.kid);
    assert.equal(certificate.subject, "CN=accounts.accesscontrol.windows.net");
    assert.equal((certificate.publicKey.export({ format: "jwk" }) as { n: string }).n, key!.n);
    assert.ok(certificate.verify(certificate.publicKey));
  }));

test("a refresh token opens after a restart, and not when a bit of it, or the folder, is another", () =>
  withStateFolder(async (stateDir) => {
    const openRefreshTokens = (folder: string) => new RefreshTokens(openSealer(folder, ports));
    const who = {
      userId: ids.user,
      clientId: ids.app,
      familyId: ports.guid(),
      platform: "native",
      origin: "",
    } as const;
    const grant: RefreshGrant = { ...who, issuedAtMs: 1234, signedInAtMs: 1000, generation: 3 };
    const token = openRefreshTokens(stateDir).seal(grant);
    assert.ok(!Buffer.from(token.slice(2), "base64url").includes(ids.user), "sealed, not only encoded");
    assert.equal((await stat(join(stateDir, "keys", "refresh-token-keys.json"))).mode & 0o777, 0o600);
    const reopened = openRefreshTokens(stateDir);
    assert.deepEqual(reopened.open(token), grant);
    for (let index = 0; index < token.length; index++) {
      const changed = token.slice(0, index) + (token[index] === "A" ? "B" : "A") + token.slice(index + 1);
      assert.equal(reopened.open(changed), undefined, `character ${index}`);
    }
    for (const bad of ["", "1.", `${token}=`, `${token}A`, token.slice(0, -1), `1.${"A".repeat(5000)}`]) {
      assert.equal(reopened.open(bad), undefined);
    }
    await withStateFolder(async (other) => assert.equal(openRefreshTokens(other).open(token), undefined));
  }));
