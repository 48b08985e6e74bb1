/**
 * Texts a client carries from one request to the next and must not make up: where a page goes on, how far a delta has come. Each is JSON with
 * a signature that binds it to its purpose.
 */
import { timingSafeEqual } from "node:crypto";
import type { SecretKeeper } from "../directory/secrets.ts";
import { maxSkipTokenLength } from "./limits.ts";

/** @param purpose keeps signatures of one kind from being taken for another, or for the hash of a client secret: no secret has a colon in it. */
export function signText(secrets: SecretKeeper, purpose: string, value: unknown): string {
  const payload = Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${payload}.${sign(secrets, purpose, payload)}`;
}

/** @returns what was signed; undefined for a text not made here for this purpose. */
export function openText(secrets: SecretKeeper, purpose: string, text: string): unknown {
  if (text.length > maxSkipTokenLength) return undefined;
  const [payload = "", signature = "", ...rest] = text.split(".");
  if (!/^[\w-]+$/.test(payload)) return undefined;
  const expected = Buffer.from(sign(secrets, purpose, payload));
  const given = Buffer.from(signature);
  const isGenuine = rest.length === 0 && given.length === expected.length && timingSafeEqual(given, expected);
  return isGenuine ? JSON.parse(Buffer.from(payload, "base64url").toString()) : undefined;
}

function sign(secrets: SecretKeeper, purpose: string, payload: string): string {
  return secrets.hash(`graph:${purpose}:${payload}`);
}
