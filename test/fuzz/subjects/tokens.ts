/** Signed tokens: our own, read and verified; others', read and judged by a certificate; and the `claims` parameter. */
import { sign } from "node:crypto";
import { readClaimsRequest } from "../../../packages/server/src/entra/claims-request.ts";
import { EntraRefusal } from "../../../packages/server/src/entra/fault.ts";
import type { KeyCredential } from "../../../packages/server/src/state/entities.ts";
import { judgeCertificateProof } from "../../../packages/server/src/tokens/certificate-proof.ts";
import { maxTokenChars } from "../../../packages/server/src/tokens/compact-jws.ts";
import {
  audiencesOf,
  instantOf,
  maxForeignTokenChars,
  parseForeignJws,
} from "../../../packages/server/src/tokens/foreign-jws.ts";
import { openKeyKeeper } from "../../../packages/server/src/tokens/key-keeper.ts";
import { KeyRing, type SigningKey } from "../../../packages/server/src/tokens/key-ring.ts";
import {
  makeSampleCertificate,
  type SampleCertificate,
} from "../../../packages/server/src/tokens/sample-certificate.ts";
import {
  ids,
  makeSampleModel,
  SamplePorts,
  sampleTime,
  withStateFolder,
} from "../../../packages/server/src/tokens/sample-directory.ts";
import { TokenRefusal, type TokenVerifier } from "../../../packages/server/src/tokens/token.ts";
import { createTokenVerifier } from "../../../packages/server/src/tokens/verifier.ts";
import type { Draw } from "../draw.ts";
import { accepted, mustHold, refusalsOf, refused, type Subject } from "../subject.ts";

const audience = "https://management.azure.com";
const seconds = sampleTime.getTime() / 1000;

const encode = (text: string): string => Buffer.from(text, "latin1").toString("base64url");

/** JSON of objects, arrays and the rest, mostly right. */
export function drawJson(draw: Draw, depth = 0): string {
  if (depth > 3) return draw.pick(["1", '"a"', "null", "true", "[]", "{}"]);
  return draw.one(
    () => JSON.stringify(draw.text()),
    () => draw.pick(["0", "-0", "1e3", "1.5", "null", "true", "false", "99999999999999999999"]),
    () => `[${draw.many(() => drawJson(draw, depth + 1)).join(",")}]`,
    () => `{${draw.many(() => `${JSON.stringify(draw.word())}:${drawJson(draw, depth + 1)}`).join(",")}}`,
  );
}

/** One of a claim's values, mostly the one that is taken. */
function member(draw: Draw, name: string, value: unknown): string {
  const written = draw.chance(0.93) ? JSON.stringify(value) : drawJson(draw);
  return `${JSON.stringify(name)}:${written}`;
}

function drawObject(draw: Draw, members: Readonly<Record<string, unknown>>): string {
  const written = Object.entries(members)
    .filter(() => draw.chance(0.97))
    .map(([name, value]) => member(draw, name, value));
  if (draw.chance(0.1)) written.push(member(draw, draw.word(), draw.text()));
  if (draw.chance(0.03)) written.push(draw.pick(written.length > 0 ? written : ['"a":1']));
  return `{${written.join(",")}}`;
}

let key: SigningKey;
let verifier: TokenVerifier;
/** Signed contents are few, so that a run of a million is not one of a million signatures. */
const signatures = new Map<string, string>();
const maxSignatures = 2000;

function signed(content: string): string {
  let signature = signatures.get(content);
  if (signature === undefined) {
    if (signatures.size >= maxSignatures) return "AAAA";
    signature = sign("RSA-SHA256", Buffer.from(content), key.privateKey).toString("base64url");
    signatures.set(content, signature);
  }
  return signature;
}

const ownWords = [
  ".",
  "..",
  "=",
  "-",
  "_",
  "eyJ",
  "e30",
  "bnVsbA",
  "W10",
  encode('{"alg":"none"}'),
  encode('{"alg":"HS256","typ":"JWT"}'),
];

export const jwt: Subject = {
  name: "jwt",
  files: ["packages/server/src/tokens/compact-jws.ts", "packages/server/src/tokens/verifier.ts"],
  maxChars: maxTokenChars + 10,
  words: ownWords,
  pumps: [
    ["", "A", ""],
    ["", ".", ""],
    ["e30.", "e30.", ""],
    [`${encode('{"a":[')}`, encode("[[["), ".e30.AA"],
  ],
  open: async () => {
    key = await withStateFolder(
      async (stateDir) => (await openKeyKeeper({ stateDir, ports: new SamplePorts() })).ring.current,
    );
    const ports = new SamplePorts();
    verifier = createTokenVerifier({ keyRing: new KeyRing([key], ports), model: makeSampleModel(), ports });
  },
  generate: (draw) => {
    const header = drawObject(draw, { typ: "JWT", alg: "RS256", kid: key.kid, x5t: key.kid });
    const claims = drawObject(draw, {
      ...{
        aud: audience,
        iss: `https://sts.windows.net/${ids.tenant}/`,
        iat: seconds,
        nbf: seconds,
        exp: seconds + 3600,
      },
      ...{ appid: ids.app, idtyp: "app", oid: ids.appPrincipal, sub: ids.appPrincipal, tid: ids.tenant, ver: "1.0" },
    });
    const content = `${encode(header)}.${encode(claims)}`;
    return `${content}.${draw.chance(0.5) ? signed(content) : encode(draw.text(300))}`;
  },
  read: (input) => {
    const { principalId, audience: heard, kind } = verifier.verify(input, (one) => one === audience);
    mustHold(principalId === ids.appPrincipal && heard === audience, "a token was taken that says something else");
    return accepted(kind);
  },
  isRefusal: refusalsOf(TokenRefusal),
};

let sample: SampleCertificate;
let credential: KeyCredential;
const contents = new Map<string, string>();

export const foreignJwt: Subject = {
  name: "foreign-jwt",
  files: ["packages/server/src/tokens/foreign-jws.ts", "packages/server/src/tokens/certificate-proof.ts"],
  maxChars: maxForeignTokenChars + 10,
  words: [...ownWords, encode('{"alg":"RS256","x5c":["'), encode('"x5t":"')],
  pumps: [
    ["", "A", ".e30.AA"],
    ["", ".", ""],
    [encode("{"), encode("   "), ".e30.AA"],
  ],
  open: async () => {
    sample = await makeSampleCertificate();
    credential = {
      keyId: "11111111-2222-4333-8444-555555555555",
      certificate: sample.key,
      startDateTime: "2026-01-01T00:00:00.000Z",
      endDateTime: "2027-01-01T00:00:00.000Z",
    } as unknown as KeyCredential;
  },
  generate: (draw) => {
    const names = draw.one<Record<string, unknown>>(
      () => ({ x5t: sample.x5t }),
      () => ({ "x5t#S256": sample.x5tS256 }),
      () => ({ kid: sample.thumbprint }),
      () => ({ x5t: sample.x5t, "x5t#S256": sample.x5tS256, x5c: [sample.key] }),
      () => ({
        x5c: draw.many(() =>
          draw.one(
            () => sample.key,
            () => sample.key.slice(draw.int(20)),
            () => draw.text(),
          ),
        ),
      }),
      () => ({ [draw.pick(["crit", "b64", "jwk", "jku"])]: draw.pick([true, [], ["b64"], "x"]) }),
    );
    const alg = draw.pick(["RS256", "RS256", "PS256", "RS512", "none", "ES256", "HS256"]);
    const header = drawObject(draw, { alg, typ: "JWT", ...names });
    const claims = drawObject(draw, {
      aud: draw.pick<unknown>(["x", ["x", "y"], 1]),
      iss: "a",
      sub: "a",
      exp: seconds,
    });
    const content = `${encode(header)}.${encode(claims)}`;
    let signature = contents.get(content);
    if (signature === undefined && contents.size < maxSignatures) {
      signature = sign("RSA-SHA256", Buffer.from(content), sample.privateKey).toString("base64url");
      contents.set(content, signature);
    }
    return `${content}.${signature ?? encode(draw.text(300))}`;
  },
  read: (input) => {
    const jws = parseForeignJws(input);
    if (jws === undefined) return refused("no token");
    audiencesOf(jws.claims.aud);
    instantOf(jws.claims.exp);
    const proof = judgeCertificateProof(jws, [credential], sampleTime);
    if (proof.kind !== "valid") return refused(proof.kind);
    mustHold(proof.keyId === credential.keyId, "another key was proved");
    return accepted(jws.algorithm);
  },
  isRefusal: () => undefined,
};

export const claimsRequest: Subject = {
  name: "claims-request",
  files: ["packages/server/src/entra/claims-request.ts"],
  maxChars: 65_536,
  words: [
    '"access_token"',
    '"xms_cc"',
    '"nbf"',
    '"values"',
    '"value"',
    '"essential"',
    "null",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '"cp1"',
  ],
  pumps: [
    ["", "[", ""],
    ['{"access_token":{"nbf":{"value":"', "1", '"}}}'],
    ['{"access_token":{"xms_cc":{"values":[', '"a",', '"b"]}}}'],
  ],
  generate: (draw) =>
    draw.chance(0.3)
      ? drawJson(draw)
      : `{"access_token":{${member(draw, "xms_cc", { values: draw.many(() => draw.pick(["cp1", "CP1", "x"])) })},${member(draw, "nbf", { essential: true, value: draw.digits(12) })}}}`,
  read: (input) => {
    const { canHandleChallenge, notBefore } = readClaimsRequest(input, sampleTime);
    return accepted(`${canHandleChallenge} ${typeof notBefore}`);
  },
  isRefusal: refusalsOf(EntraRefusal),
};
