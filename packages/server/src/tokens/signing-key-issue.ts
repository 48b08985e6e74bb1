/**
 * Makes the certificate that a signing key is published under.
 *
 * Owns: what stands in it. May use: @peculiar/x509. Loaded only when a key must be made, so that an ordinary start does not pay
 * for the library. Spec: RFC 5280; the form is that of the certificates in Entra's key sets (`x5c`): self-issued, five years.
 */
import "reflect-metadata"; // @peculiar/x509 looks for it while it loads
import type { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { Ports } from "../state/ports.ts";

/** The name Entra's own signing certificates bear. */
const subject = "CN=accounts.accesscontrol.windows.net";
/** Validity of Entra's signing certificates, in days; nobody checks it, a key is trusted because it is in the set. */
const lifetimeDays = 5 * 365;
const dayMs = 24 * 60 * 60 * 1000;
const serialBytes = 16;

/**
 * Issues the self-signed certificate of one key pair.
 * @returns the certificate, DER.
 */
export async function issueSigningCertificate(
  keys: webcrypto.CryptoKeyPair,
  ports: Pick<Ports, "now" | "randomBytes">,
): Promise<Buffer> {
  const serial = ports.randomBytes(serialBytes);
  serial[0] = (serial[0]! & 0x3f) | 0x40; // positive, no leading zero byte (RFC 5280 section 4.1.2.2)
  const notBefore = ports.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial.toString("hex"),
    name: subject,
    notBefore,
    notAfter: new Date(notBefore.getTime() + lifetimeDays * dayMs),
    signingAlgorithm: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
    keys,
  });
  return Buffer.from(certificate.rawData);
}
