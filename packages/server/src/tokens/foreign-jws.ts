/**
 * Reads signed tokens that others made (client assertions, tokens of outside issuers), and checks their signatures with a key we chose.
 *
 * Owns: the grammar, as strict as other people's libraries allow, and the closed list of algorithms. The key is never taken from the token:
 * its header only names which of the keys we know is meant. Spec: RFC 7515, RFC 7518 section 3, RFC 8725.
 */
import { constants, type KeyObject, verify } from "node:crypto";

/** Longest token looked at, in characters: room for a chain of certificates in the header. Our choice; the form around it is bounded, too. */
export const maxForeignTokenChars = 32_768;

export type ForeignJws = {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly algorithm: string;
  readonly signedContent: string;
  readonly signature: Buffer;
};

/** Algorithms of signatures taken; all of RSA keys, so that no key can be read as one of another kind. */
const algorithms: ReadonlyMap<
  string,
  { readonly digest: string; readonly isPss: boolean; readonly saltBytes: number }
> = new Map([
  ["RS256", { digest: "sha256", isPss: false, saltBytes: 0 }],
  ["RS384", { digest: "sha384", isPss: false, saltBytes: 0 }],
  ["RS512", { digest: "sha512", isPss: false, saltBytes: 0 }],
  ["PS256", { digest: "sha256", isPss: true, saltBytes: 32 }],
]);

/** As messages list them. */
export const supportedAlgorithms = [...algorithms.keys()].join(",");

export function isSupportedAlgorithm(algorithm: string): boolean {
  return algorithms.has(algorithm);
}

/** @returns undefined for anything but three parts of base64url, the first two JSON objects, without critical extensions. */
export function parseForeignJws(token: string): ForeignJws | undefined {
  if (token.length > maxForeignTokenChars) return undefined;
  const parts = token.split(".", 4);
  if (parts.length !== 3) return undefined;
  const [headerPart, claimsPart, signaturePart] = parts as [string, string, string];
  const header = decodeObject(headerPart);
  const claims = decodeObject(claimsPart);
  const signature = decode(signaturePart);
  if (header === undefined || claims === undefined || signature === undefined) return undefined;
  // An extension that must be understood is not (RFC 7515 section 4.1.11); an unencoded payload is one.
  if (Object.hasOwn(header, "crit") || Object.hasOwn(header, "b64")) return undefined;
  if (typeof header.alg !== "string") return undefined;
  return { header, claims, algorithm: header.alg, signedContent: `${headerPart}.${claimsPart}`, signature };
}

/** Whether the signature is that of the key, by the token's own algorithm, which must be one of the list. */
export function hasSignatureOf({ algorithm, signedContent, signature }: ForeignJws, key: KeyObject): boolean {
  const known = algorithms.get(algorithm);
  if (known === undefined || key.asymmetricKeyType !== "rsa") return false;
  const padding = known.isPss ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  const options = known.isPss ? { key, padding, saltLength: known.saltBytes } : { key, padding };
  return verify(known.digest, Buffer.from(signedContent), options, signature);
}

/** A claim that holds an instant, in seconds since 1970; undefined for anything else. Fractions are cut off. */
export function instantOf(claim: unknown): number | undefined {
  return typeof claim === "number" && Number.isFinite(claim) && Math.abs(claim) < 1e11 ? Math.floor(claim) : undefined;
}

/** `aud` as a list, however it is written. */
export function audiencesOf(claim: unknown): readonly string[] {
  const list = Array.isArray(claim) ? claim : [claim];
  return list.filter((audience) => typeof audience === "string");
}

function decodeObject(part: string): Readonly<Record<string, unknown>> | undefined {
  const bytes = decode(part);
  if (bytes === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // not UTF-8, not JSON, or nested too deep for the engine
  }
}

/** Decoding alone forgives foreign characters and stray bits at the end; encoding again shows them. */
function decode(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, "base64url");
  return bytes.toString("base64url") === part ? bytes : undefined;
}
