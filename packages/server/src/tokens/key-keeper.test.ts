import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { maxKeys, openKeyKeeper } from "./key-keeper.ts";
import { overlapSeconds, type SigningKey } from "./key-ring.ts";
import { publishKeys } from "./key-set.ts";
import { type RefreshGrant, RefreshTokens } from "./refresh-token.ts";
import { ids, SamplePorts, sampleTime, withStateFolder } from "./sample-directory.ts";
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

const dayMs = 86_400_000;

/** A keeper with a clock of its own. */
async function openAt(stateDir: string, time: Date) {
  const clock = new SamplePorts();
  clock.time = time;
  return { clock, keeper: await openKeyKeeper({ stateDir, ports: clock }) };
}

function kidOf(outcome: SigningKey | string): string {
  assert.ok(typeof outcome !== "string", String(outcome));
  return outcome.kid;
}

test("a scheduled rotation is on disk at once, takes effect a day later, and a restart in between changes nothing", () =>
  withStateFolder(async (stateDir) => {
    const { keeper } = await openAt(stateDir, sampleTime);
    const old = keeper.ring.current.kid;
    const next = kidOf(await keeper.rotate("scheduled"));
    assert.equal(keeper.ring.current.kid, old);
    assert.deepEqual(
      publishKeys(keeper.ring).map(({ kid }) => kid),
      [old, next],
    );
    assert.equal(await keeper.rotate("scheduled"), "rotation-under-way");
    const restarted = await openAt(stateDir, new Date(sampleTime.getTime() + dayMs - 1));
    assert.equal(restarted.keeper.ring.current.kid, old);
    restarted.clock.time = new Date(sampleTime.getTime() + dayMs);
    assert.equal(restarted.keeper.ring.current.kid, next);
    assert.equal(restarted.keeper.ring.find(old)?.kid, old);
  }));

test("a key whose last token has expired goes from the disk, and a new one can take its place", () =>
  withStateFolder(async (stateDir) => {
    const { keeper, clock } = await openAt(stateDir, sampleTime);
    const old = keeper.ring.current.kid;
    const next = kidOf(await keeper.rotate("now"));
    const file = join(stateDir, "keys", "signing-keys.json");
    assert.equal(await keeper.sweep(), 0);
    clock.time = new Date(sampleTime.getTime() + overlapSeconds * 1000);
    assert.equal(await keeper.sweep(), 1);
    const content = await readFile(file, "utf8");
    assert.ok(!content.includes(old) && content.includes(next));
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(join(stateDir, "keys")), ["signing-keys.json"]);
  }));

test("'now' brings a published key forward and makes no third one", () =>
  withStateFolder(async (stateDir) => {
    const { keeper } = await openAt(stateDir, sampleTime);
    const next = kidOf(await keeper.rotate("scheduled"));
    assert.equal(kidOf(await keeper.rotate("now")), next);
    assert.equal(keeper.ring.current.kid, next);
    assert.equal(keeper.ring.size, 2);
    assert.equal((await openAt(stateDir, sampleTime)).keeper.ring.current.kid, next);
  }));

test("'compromised' leaves the new key alone, also on disk", () =>
  withStateFolder(async (stateDir) => {
    const { keeper } = await openAt(stateDir, sampleTime);
    const old = keeper.ring.current.kid;
    await keeper.rotate("scheduled");
    const made = kidOf(await keeper.rotate("compromised"));
    assert.equal(keeper.ring.find(old), undefined);
    assert.deepEqual(
      keeper.ring.keys.map(({ kid }) => kid),
      [made],
    );
    assert.ok(!(await readFile(join(stateDir, "keys", "signing-keys.json"), "utf8")).includes(old));
  }));

test("rotations asked for at once come one after the other, and their number is bounded", () =>
  withStateFolder(async (stateDir) => {
    const { keeper } = await openAt(stateDir, sampleTime);
    const outcomes = await Promise.all(Array.from({ length: maxKeys }, () => keeper.rotate("now")));
    const made = outcomes.filter((outcome) => typeof outcome !== "string");
    assert.equal(made.length, maxKeys - 1);
    assert.equal(outcomes.at(-1), "too-many-keys");
    const kept = JSON.parse(await readFile(join(stateDir, "keys", "signing-keys.json"), "utf8")).keys;
    assert.equal(new Set(kept.map(({ kid }: { kid: string }) => kid)).size, maxKeys);
    assert.equal(typeof (await keeper.rotate("compromised")), "object", "a leak is always answered");
  }));

test("a file of before there was rotation opens as it was", () =>
  withStateFolder(async (stateDir) => {
    const { keeper } = await openAt(stateDir, sampleTime);
    const file = join(stateDir, "keys", "signing-keys.json");
    const stored = JSON.parse(await readFile(file, "utf8"));
    delete stored.keys[0].signsFrom;
    await writeFile(file, JSON.stringify(stored));
    const reopened = (await openAt(stateDir, sampleTime)).keeper.ring;
    assert.equal(reopened.current.kid, keeper.ring.current.kid);
    stored.keys[0].signsFrom = "soon";
    await writeFile(file, JSON.stringify(stored));
    await assert.rejects(openAt(stateDir, sampleTime), /signing-keys\.json cannot be read/);
  }));
