/**
 * Reads a certificate that somebody sends as an application's credential: what it says, and whether it will do. Pure.
 *
 * Nothing of it is trusted (anyone can make one): it only carries a public key, and the dates between which that is to count.
 * @see https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
import { createHash, X509Certificate } from "node:crypto";
import { maxCertificateChars, minCertificateKeyBits } from "./limits.ts";

export type ReadCertificate = {
  /** base64 of the DER. */
  readonly certificate: string;
  /** SHA-1 of the DER, upper-case hex: a name, not a safeguard. */
  readonly thumbprint: string;
  /** As Windows writes it: `CN=notes, O=Contoso`, the most particular part first. */
  readonly subject: string;
  readonly validFrom: Date;
  readonly validTo: Date;
};

/**
 * @param text base64 of DER or of PEM, with or without line breaks; az sends the body of a PEM.
 * @returns undefined for anything that is not one X.509 certificate of an RSA key of 2048 bits or more.
 */
export function readCertificate(text: string): ReadCertificate | undefined {
  const base64 = text.replace(/\s+/g, "");
  if (base64.length > maxCertificateChars || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(base64)) return undefined;
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(Buffer.from(base64, "base64"));
    const { asymmetricKeyType, asymmetricKeyDetails } = parsed.publicKey;
    if (asymmetricKeyType !== "rsa" || (asymmetricKeyDetails?.modulusLength ?? 0) < minCertificateKeyBits)
      return undefined;
  } catch {
    return undefined; // not a certificate, or of a key OpenSSL does not know
  }
  const { validFromDate, validToDate, raw } = parsed;
  if (Number.isNaN(validFromDate.getTime()) || Number.isNaN(validToDate.getTime())) return undefined;
  return {
    certificate: raw.toString("base64"),
    thumbprint: createHash("sha1").update(raw).digest("hex").toUpperCase(),
    subject: parsed.subject.split("\n").reverse().join(", "),
    validFrom: validFromDate,
    validTo: validToDate,
  };
}
