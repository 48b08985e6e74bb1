/** Self-signed certificates with their private keys, for tests. */
import "reflect-metadata"; // @peculiar/x509 looks for it while it loads
import { createHash, KeyObject, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

export type SampleCertificate = {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** base64 of the DER. */
  readonly key: string;
  readonly pem: string;
  /** Upper-case hex SHA-1. */
  readonly thumbprint: string;
  /** base64url SHA-1 and SHA-256 of the DER. */
  readonly x5t: string;
  readonly x5tS256: string;
};

const rsa = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
} as const;

export async function makeSampleCertificate(
  options: {
    readonly name?: string;
    readonly notBefore?: Date;
    readonly notAfter?: Date;
    readonly curve?: "P-256";
    readonly modulusLength?: number;
    /** A DNS name, for a server's certificate. */
    readonly altName?: string;
  } = {},
): Promise<SampleCertificate> {
  const { name = "CN=notes", curve, modulusLength = 2048 } = options;
  const algorithm = curve === undefined ? { ...rsa, modulusLength } : { name: "ECDSA", namedCurve: curve };
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name,
    notBefore: options.notBefore ?? new Date("2026-01-01T00:00:00Z"),
    notAfter: options.notAfter ?? new Date("2027-01-01T00:00:00Z"),
    signingAlgorithm: curve === undefined ? rsa : { name: "ECDSA", hash: "SHA-256" },
    keys,
    ...(options.altName === undefined
      ? {}
      : { extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: options.altName }])] }),
  });
  const der = Buffer.from(certificate.rawData);
  const digest = (algorithm: string) => createHash(algorithm).update(der).digest();
  return {
    privateKey: KeyObject.from(keys.privateKey),
    publicKey: KeyObject.from(keys.publicKey),
    key: der.toString("base64"),
    pem: certificate.toString("pem"),
    thumbprint: digest("sha1").toString("hex").toUpperCase(),
    x5t: digest("sha1").toString("base64url"),
    x5tS256: digest("sha256").toString("base64url"),
  };
}
