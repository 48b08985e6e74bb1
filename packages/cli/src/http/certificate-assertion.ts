/**
 * Signing in with a certificate: the file, and the assertion made with its key. May use: node:crypto, node:fs, faults.ts.
 * @see https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
import { createHash, createPrivateKey, randomUUID, sign, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { failure } from "../faults.ts";
import type { StoredCredential } from "./stored-credential.ts";

/** Entra takes assertions that live up to a day; azure-identity's live ten minutes. */
const ASSERTION_LIFETIME_SECONDS = 600;

/** The certificate of a PEM file that also holds its key. @throws CliFault (failure) when it holds not both. */
export function readCertificateFile(file: string): {
  readonly key: string;
  readonly chain: readonly X509Certificate[];
} {
  let pem: string;
  try {
    pem = readFileSync(file, "utf8");
  } catch {
    throw failure(`The certificate file '${file}' cannot be read.`);
  }
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  const key = /-----BEGIN (?:RSA |EC )?PRIVATE KEY-----[\s\S]+?-----END (?:RSA |EC )?PRIVATE KEY-----/.exec(pem)?.[0];
  if (certificates.length === 0 || key === undefined) {
    throw failure(`The certificate file '${file}' does not hold a certificate and its private key in PEM form.`);
  }
  return { key, chain: certificates.map((text) => new X509Certificate(text)) };
}

/** The assertion that stands for the key of a certificate file. @throws CliFault (failure) when the file cannot be read. */
export function signAssertion(
  { file, isSni, clientId }: StoredCredential & { kind: "certificate" },
  endpoint: string,
  nowMs: number,
): string {
  const { key, chain } = readCertificateFile(file);
  const thumbprint = createHash("sha256").update(chain[0]!.raw).digest("base64url");
  const header = {
    alg: "PS256",
    typ: "JWT",
    "x5t#S256": thumbprint,
    ...(isSni && { x5c: chain.map(({ raw }) => raw.toString("base64")) }),
  };
  const seconds = Math.floor(nowMs / 1000);
  const claims = {
    aud: endpoint,
    iss: clientId,
    sub: clientId,
    jti: randomUUID(),
    nbf: seconds,
    exp: seconds + ASSERTION_LIFETIME_SECONDS,
  };
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  // RSA_PKCS1_PSS_PADDING with a salt as long as the digest, as RFC 7518 has it.
  const signature = sign("sha256", Buffer.from(text), { key: createPrivateKey(key), padding: 6, saltLength: 32 });
  return `${text}.${signature.toString("base64url")}`;
}
