/** A token forged in each way we can think of is refused by every surface that takes tokens. */
import assert from "node:assert/strict";
import { createHmac, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { createAccount, planeHosts } from "../support/plane-client.ts";

type Part = Record<string, unknown>;
type Plane = "graph" | "arm" | "blob";

const account = "forgeddata";
const planes: Readonly<Record<Plane, { host: string; target: string; headers: Record<string, string> }>> = {
  graph: { host: planeHosts.graph, target: "/v1.0/applications", headers: {} },
  arm: { host: planeHosts.arm, target: "/subscriptions?api-version=2022-12-01", headers: {} },
  blob: { host: `${account}.blob.core.windows.net`, target: "/?comp=list", headers: { "x-ms-version": "2023-11-03" } },
};

const encode = (part: Part): string => Buffer.from(JSON.stringify(part)).toString("base64url");
const decode = (part: string): Part => JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
const attacker = generateKeyPairSync("rsa", { modulusLength: 2048 });
const otherTenant = "99999999-9999-4999-8999-999999999999";

let cloud: TestCloud;
const genuine = {} as Record<Plane, string>;
let publishedKey: { kty: string; n: string; e: string; kid: string };

before(async () => {
  cloud = await startTestCloud();
  await createAccount(cloud.client, "forged", account);
  for (const plane of ["graph", "arm", "blob"] as const) genuine[plane] = await cloud.client.operatorToken(plane);
  const keys = await cloud.client.send(planeHosts.entra, "GET", `/${cloud.client.status.tenantId}/discovery/v2.0/keys`);
  publishedKey = JSON.parse(keys.text).keys[0];
});
after(() => cloud.dispose());

async function present(plane: Plane, token: string) {
  const { host, target, headers } = planes[plane];
  return cloud.client.send(host, "GET", target, { headers: { ...headers, authorization: `Bearer ${token}` } });
}

/** Header and payload of the plane's genuine token, changed and signed again by `by`. */
function forge(plane: Plane, header: Part, payload: Part, by: (input: string) => Buffer | string): string {
  const [head, body] = genuine[plane].split(".") as [string, string];
  const input = `${encode({ ...decode(head), ...header })}.${encode({ ...decode(body), ...payload })}`;
  return `${input}.${Buffer.from(by(input)).toString("base64url")}`;
}

const byAttacker = (input: string): Buffer => sign("sha256", Buffer.from(input), attacker.privateKey);
/** Claims are judged behind the signature, so these are signed with the real key, as if the token service itself had erred. */
const byUs = (input: string): Buffer => sign("sha256", Buffer.from(input), cloud.keyRing.current.privateKey);
const pem = (): string =>
  createPublicKey({ key: publishedKey, format: "jwk" }).export({ type: "spki", format: "pem" }) as string;
const now = (): number => Math.floor(Date.now() / 1000);
const hour = 3600;

const forgeries: Readonly<Record<string, (plane: Plane) => string>> = {
  "unsigned (alg none)": (plane) => forge(plane, { alg: "none" }, {}, () => ""),
  "unsigned (alg NONE, signature kept)": (plane) =>
    forge(plane, { alg: "NONE" }, {}, () => Buffer.from(genuine[plane].split(".")[2]!, "base64url")),
  "signature cut off": (plane) => `${genuine[plane].split(".").slice(0, 2).join(".")}.`,
  "two parts": (plane) => genuine[plane].split(".").slice(0, 2).join("."),
  "HS256 with the public key as PEM": (plane) =>
    forge(plane, { alg: "HS256" }, {}, (input) => createHmac("sha256", pem()).update(input).digest()),
  "HS256 with the public modulus": (plane) =>
    forge(plane, { alg: "HS256" }, {}, (input) =>
      createHmac("sha256", Buffer.from(publishedKey.n, "base64url")).update(input).digest(),
    ),
  "signed by another key under our kid": (plane) => forge(plane, {}, {}, byAttacker),
  "signed by another key under its own kid": (plane) =>
    forge(plane, { kid: "attacker", x5t: "attacker" }, {}, byAttacker),
  "another key handed along as jwk": (plane) =>
    forge(plane, { jwk: attacker.publicKey.export({ format: "jwk" }) }, {}, byAttacker),
  "another key by jku": (plane) => forge(plane, { kid: "attacker", jku: "https://localhost/keys" }, {}, byAttacker),
  "kid that walks the file system": (plane) => forge(plane, { kid: "../../../../dev/null" }, {}, () => ""),
  "RS512 by our key": (plane) =>
    forge(plane, { alg: "RS512" }, {}, (input) => sign("sha512", Buffer.from(input), cloud.keyRing.current.privateKey)),
  "unknown critical header": (plane) => forge(plane, { crit: ["b64"], b64: false }, {}, byUs),
  "payload changed": (plane) => {
    const [head, body, signature] = genuine[plane].split(".") as [string, string, string];
    return `${head}.${encode({ ...decode(body), oid: otherTenant })}.${signature}`;
  },
  "wrong issuer": (plane) => forge(plane, {}, { iss: "https://sts.example.org/" }, byUs),
  "another tenant's issuer": (plane) => forge(plane, {}, { iss: `https://sts.windows.net/${otherTenant}/` }, byUs),
  "another tenant's id under our issuer": (plane) => forge(plane, {}, { tid: otherTenant }, byUs),
  "wholly another tenant's": (plane) =>
    forge(plane, {}, { iss: `https://sts.windows.net/${otherTenant}/`, tid: otherTenant }, byUs),
  "wrong audience": (plane) => forge(plane, {}, { aud: "https://vault.azure.net" }, byUs),
  "audience with ours as a prefix": (plane) =>
    forge(plane, {}, { aud: `${decode(genuine[plane].split(".")[1]!).aud}.example.org` }, byUs),
  "audience missing": (plane) => forge(plane, {}, { aud: undefined }, byUs),
  "audience as a list": (plane) => forge(plane, {}, { aud: [decode(genuine[plane].split(".")[1]!).aud] }, byUs),
  expired: (plane) => forge(plane, {}, { iat: now() - 3 * hour, nbf: now() - 3 * hour, exp: now() - hour }, byUs),
  "not yet valid": (plane) => forge(plane, {}, { iat: now() + hour, nbf: now() + hour, exp: now() + 2 * hour }, byUs),
  "no expiry": (plane) => forge(plane, {}, { exp: undefined }, byUs),
  "expiry as text": (plane) => forge(plane, {}, { exp: "9999999999" }, byUs),
  "no object id": (plane) => forge(plane, {}, { oid: undefined }, byUs),
  "a principal that is not in the directory": (plane) => forge(plane, {}, { oid: otherTenant, sub: otherTenant }, byUs),
  "padding added": (plane) => `${genuine[plane]}=`,
  "a fourth part": (plane) => `${genuine[plane]}.e30`,
};

describe("tokens", () => {
  for (const plane of ["graph", "arm", "blob"] as const) {
    test(`${plane} takes the genuine one`, async () => {
      const answer = await present(plane, genuine[plane]);
      // The operator is Owner: Graph and ARM let it in, a blob service lists containers for it.
      assert.equal(answer.status, 200, answer.text);
    });
    test(`${plane} takes our own signature over the genuine claims, so the forgeries below fail for what they change`, async () => {
      assert.equal((await present(plane, forge(plane, {}, {}, byUs))).status, 200);
    });
    for (const [name, make] of Object.entries(forgeries)) {
      test(`${plane} refuses: ${name}`, async () => {
        const answer = await present(plane, make(plane));
        const expected = plane === "blob" ? [400, 401] : [401];
        assert.ok(expected.includes(answer.status), `${answer.status} ${answer.text}`);
        assert.doesNotMatch(answer.text, /\bat .*\.(ts|js):\d+/, "a stack trace");
      });
    }
    test(`${plane} refuses the other planes' tokens`, async () => {
      for (const other of (["graph", "arm", "blob"] as const).filter((name) => name !== plane)) {
        assert.equal((await present(plane, genuine[other])).status, 401);
      }
    });
  }
});
