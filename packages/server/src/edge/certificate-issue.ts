/**
 * Makes the local CA's certificate and the leaves it signs.
 *
 * Owns: what stands in each certificate. May use: @peculiar/x509, WebCrypto, the table of hosts. Loaded only when there
 * is something to issue, so that an ordinary start does not pay for the library.
 * Spec: RFC 5280 sections 4.2 and 6.1; the extensions are those that Python 3.13 (VERIFY_X509_STRICT) insists on.
 */
import "reflect-metadata"; // @peculiar/x509 looks for it while it loads
import { randomBytes, webcrypto, X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { certificateAddresses, certificateDnsNames } from "./hosts.ts";
import { nameConstraintsDer, nameConstraintsOid } from "./name-constraints.ts";

/** A certificate and its private key (PKCS #8), both PEM. */
export type KeyPair = { readonly certificatePem: string; readonly keyPem: string };

/** ECDSA on P-256: taken by OpenSSL, Go, Node, Python and browsers; issued in a millisecond. */
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

const dayMs = 24 * 60 * 60 * 1000;
/** Ten years: the CA's file is what users point their programs at, so it should outlive them. Our choice. */
const caLifetimeDays = 3650;
/** 397 days: what browsers and Apple's platforms take at most. @see https://support.apple.com/en-us/102028 */
const leafLifetimeDays = 397;
/** Certificates begin an hour back, for machines (containers, virtual machines) whose clock is behind. Our choice. */
const backdateMs = 60 * 60 * 1000;

/** Makes a new CA: a new key and a self-signed certificate, constrained to the names of the table. */
export async function issueAuthority(now: Date): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const subjectKey = await x509.SubjectKeyIdentifierExtension.create(keys.publicKey);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: makeSerialNumber(),
    // The key's own mark is in the name: two state folders' CAs in one bundle must not be taken for each other.
    name: `CN=Postern local CA ${subjectKey.keyId.slice(0, 8)}, O=Postern`,
    notBefore: new Date(now.getTime() - backdateMs),
    notAfter: new Date(now.getTime() + caLifetimeDays * dayMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      // On a CA this holds for what it signs: TLS servers, never mail, code or clients.
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.Extension(nameConstraintsOid, true, nameConstraintsDer()),
      subjectKey,
    ],
  });
  return { certificatePem: endWithNewline(certificate.toString("pem")), keyPem: await exportKey(keys.privateKey) };
}

/**
 * What a leaf is good for: `names`, for clients that say which name they want; `any`, for those that do not, with this machine's addresses.
 * BoringSSL (Bun) knows no constraints for addresses, and refuses a chain whose CA has some as soon as the leaf holds an address.
 */
export type LeafKind = "names" | "any";

/** Makes a new leaf key and its certificate for every name of the table, signed by the CA and not outliving it. */
export async function issueLeaf(authority: KeyPair, kind: LeafKind, now: Date): Promise<KeyPair> {
  const issuer = new x509.X509Certificate(authority.certificatePem);
  const signingKey = await importKey(authority.keyPem);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const notAfterMs = Math.min(now.getTime() + leafLifetimeDays * dayMs - backdateMs, issuer.notAfter.getTime());
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: makeSerialNumber(),
    subject: "CN=localhost, O=Postern",
    issuer: issuer.subjectName,
    notBefore: new Date(now.getTime() - backdateMs),
    notAfter: new Date(notAfterMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...certificateDnsNames.map((value) => ({ type: "dns", value }) as const),
        ...(kind === "any" ? certificateAddresses : []).map((value) => ({ type: "ip", value }) as const),
      ]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  const certificatePem = endWithNewline(certificate.toString("pem"));
  // A wrong signature would show only in the client, as an unexplained refusal.
  if (!new X509Certificate(certificatePem).verify(new X509Certificate(authority.certificatePem).publicKey)) {
    throw new Error("the leaf certificate does not verify against its own CA");
  }
  return { certificatePem, keyPem: await exportKey(keys.privateKey) };
}

/** 16 random bytes, as hexadecimal, positive and without a leading zero byte (RFC 5280 section 4.1.2.2). */
function makeSerialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes.toString("hex");
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key));
  return endWithNewline(x509.PemConverter.encode(der, "PRIVATE KEY"));
}

async function importKey(keyPem: string): Promise<webcrypto.CryptoKey> {
  const der = x509.PemConverter.decodeFirst(keyPem);
  return webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
}

function endWithNewline(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}
