/** For tests of the verifier: genuine tokens, and the tools to forge them. */
import assert from "node:assert/strict";
import { sign } from "node:crypto";
import { findResource, type Resource } from "./audiences.ts";
import { openKeyKeeper } from "./key-keeper.ts";
import { KeyRing, type SigningKey } from "./key-ring.ts";
import { makeSampleModel, SamplePorts, servicePrincipal, withStateFolder } from "./sample-directory.ts";
import { openSealer } from "./sealer.ts";
import { createTokenService } from "./service.ts";
import { type TokenFault, TokenRefusal } from "./token.ts";
import { createTokenVerifier } from "./verifier.ts";

export const armName = "https://management.azure.com";

/** Two rings of real keys: ours, and one of someone who is not us. Made once, keys are slow to make. */
export const [key, strangersKey] = await Promise.all([makeKey(), makeKey()]);

function makeKey(): Promise<SigningKey> {
  return withStateFolder(
    async (stateDir) => (await openKeyKeeper({ stateDir, ports: new SamplePorts() })).ring.current,
  );
}

/** A service and a verifier over one directory and one key, and a token of theirs. */
export async function makeWorld() {
  const ports = new SamplePorts();
  const model = makeSampleModel();
  const keyRing = new KeyRing([key], ports);
  const sealer = await withStateFolder(async (stateDir) => openSealer(stateDir, ports));
  const service = createTokenService({ keyRing, sealer, model, ports });
  const verifier = createTokenVerifier({ keyRing, model, ports });
  const resource = findResource(model, armName, []) as Resource;
  const { token } = await service.issueAppToken({ servicePrincipal, resource, proof: "1" });
  const verify = (text: string, headKey?: object) => verifier.verify(text, (audience) => audience === armName, headKey);
  return { ports, model, service, resource, token, verify };
}

/** Why a token was refused: it must be. */
export function faultOf(action: () => unknown): TokenFault {
  try {
    action();
  } catch (cause) {
    assert.ok(cause instanceof TokenRefusal, String(cause));
    return cause.fault;
  }
  return assert.fail("the token was taken");
}

/** What a part of a token says. */
export function decode(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, "base64url").toString());
}

/** A part of a token, of a value or of JSON text. */
export function encode(value: unknown): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
}

/** Signs any header and payload, given as values or as JSON text. */
export function forge(header: unknown, payload: unknown, by: SigningKey = key): string {
  const content = `${encode(header)}.${encode(payload)}`;
  return `${content}.${sign("RSA-SHA256", Buffer.from(content), by.privateKey).toString("base64url")}`;
}

/** A token's parts, and what they say. */
export function takeApart(token: string) {
  const [headerPart, payloadPart, signaturePart] = token.split(".") as [string, string, string];
  return { token, headerPart, payloadPart, signaturePart, header: decode(headerPart), claims: decode(payloadPart) };
}
