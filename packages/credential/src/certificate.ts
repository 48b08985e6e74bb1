/** A certificate and its private key from PEM, and the assertions that are signed with them. Web Crypto only, but for encrypted keys. */
import { decryptPrivateKey } from "#host";
import { misconfigured } from "./errors.ts";

/** How long an assertion is good, in seconds: as MSAL has it. */
const ASSERTION_LIFE_SECONDS = 600;

export interface Certificate {
  readonly key: CryptoKey;
  /** Of the first certificate. */
  readonly sha256Thumbprint: string;
  /** The chain, base64 DER, the app's own first. */
  readonly chain: readonly string[];
}

export function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replace(/[+/=]/g, (sign) => ({ "+": "-", "/": "_", "=": "" })[sign]!);
}

const encodeJson = (value: object) => toBase64Url(new TextEncoder().encode(JSON.stringify(value)));

/** @throws CredentialError for what is no base64. */
function decodeBase64(credential: string, text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text.replace(/\s/g, "")), (character) => character.charCodeAt(0));
  } catch {
    throw misconfigured(credential, "The PEM holds something that is not base64.");
  }
}

/** A DER element of the tag around the content. */
function encodeDer(tag: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return new Uint8Array([tag, ...length, ...content]);
}

/** Version 0 and the algorithm rsaEncryption: what PKCS#8 puts before a PKCS#1 key (RFC 5208, RFC 8017). */
const RSA_PREFIX = [
  0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

async function readKey(
  credential: string,
  pem: string,
  password: string | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const block = /-----BEGIN ((?:RSA |ENCRYPTED )?PRIVATE KEY)-----((?:[^-]|-(?!----))+)-----END \1-----/.exec(pem);
  if (block === null) {
    throw misconfigured(credential, "There is no RSA private key.", "Key and certificate are both needed, as PEM.");
  }
  const [whole, label, body] = block as unknown as [string, string, string];
  if (label === "ENCRYPTED PRIVATE KEY" || body.includes("Proc-Type:")) {
    if (password === undefined) {
      throw misconfigured(
        credential,
        "The private key is encrypted.",
        "Set AZURE_CLIENT_CERTIFICATE_PASSWORD or certificatePassword.",
      );
    }
    try {
      return await decryptPrivateKey(whole, password);
    } catch (error) {
      if (error instanceof Error && error.name === "CredentialUnavailableError") throw error;
      throw misconfigured(credential, "The private key cannot be decrypted by the password.");
    }
  }
  const der = decodeBase64(credential, body);
  return label === "PRIVATE KEY" ? der : encodeDer(0x30, new Uint8Array([...RSA_PREFIX, ...encodeDer(0x04, der)]));
}

/**
 * Reads a PEM text with one RSA private key and one certificate or more.
 * PFX is refused: no runtime reads it without a dependency (Node's own crypto loads it for TLS, but does not give the key out).
 */
export async function readCertificate(credential: string, pem: string, password?: string): Promise<Certificate> {
  const chain = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g)].map((found) =>
    found[1]!.replace(/\s/g, ""),
  );
  if (chain.length === 0) {
    throw misconfigured(
      credential,
      "The certificate is not PEM; PFX (PKCS#12) is not read.",
      "Convert it: openssl pkcs12 -in cert.pfx -out cert.pem -nodes.",
    );
  }
  const der = await readKey(credential, pem, password);
  let key: CryptoKey;
  try {
    key = await crypto.subtle.importKey("pkcs8", der, { name: "RSA-PSS", hash: "SHA-256" }, false, ["sign"]);
  } catch {
    throw misconfigured(credential, "The private key is not an RSA key.", "Entra ID takes RSA.");
  }
  const digest = await crypto.subtle.digest("SHA-256", decodeBase64(credential, chain[0]!));
  return { key, chain, sha256Thumbprint: toBase64Url(new Uint8Array(digest)) };
}

/**
 * @param now seconds since 1970 by the server's clock. @param hasChain whether the chain is sent, for subject name and issuer trust.
 * @returns a signed assertion. @see https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
export async function signAssertion(
  { key, chain, sha256Thumbprint }: Certificate,
  { clientId, audience, now, hasChain }: { clientId: string; audience: string; now: number; hasChain: boolean },
): Promise<string> {
  const header = { alg: "PS256", typ: "JWT", "x5t#S256": sha256Thumbprint, ...(hasChain ? { x5c: chain } : {}) };
  const claims = {
    aud: audience,
    iss: clientId,
    sub: clientId,
    jti: crypto.randomUUID(),
    nbf: now,
    exp: now + ASSERTION_LIFE_SECONDS,
  };
  const text = `${encodeJson(header)}.${encodeJson(claims)}`;
  const signature = await crypto.subtle.sign({ name: "RSA-PSS", saltLength: 32 }, key, new TextEncoder().encode(text));
  return `${text}.${toBase64Url(new Uint8Array(signature))}`;
}
