/**
 * A self-signed certificate with its key, for an app to sign in with: the few lines of DER it takes. May use: node:crypto.
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1
 */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

export interface MadeCertificate {
  /** PKCS #8 key and certificate, one after the other, as azure-identity and az read them. */
  readonly pem: string;
  /** The certificate's DER, base64 in one line: Graph's `key`. */
  readonly certificate: string;
}

/** Entra takes RSA keys from 2048 bits on. */
const KEY_BITS = 2048;
const SERIAL_BYTES = 16;
/** sha256WithRSAEncryption, 1.2.840.113549.1.1.11. */
const signatureOid = Buffer.from("2a864886f70d01010b", "hex");
/** commonName, 2.5.4.3. */
const commonNameOid = Buffer.from("550403", "hex");

const tag = {
  integer: 0x02,
  bitString: 0x03,
  null: 0x05,
  oid: 0x06,
  utf8: 0x0c,
  time: 0x18,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
};

/** Makes a key and a certificate of it. @param commonName is all of its subject. */
export function makeSelfSignedCertificate(commonName: string, from: Date, until: Date): MadeCertificate {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: KEY_BITS });
  const name = sequence(
    der(tag.set, sequence(der(tag.oid, commonNameOid), der(tag.utf8, Buffer.from(commonName, "utf8")))),
  );
  const algorithm = sequence(der(tag.oid, signatureOid), der(tag.null, Buffer.alloc(0)));
  const version = der(0xa0, der(tag.integer, Buffer.from([2])));
  const body = sequence(
    version,
    der(tag.integer, positive(randomBytes(SERIAL_BYTES))),
    algorithm,
    name,
    sequence(time(from), time(until)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = sign("sha256", body, privateKey);
  const certificate = sequence(body, algorithm, der(tag.bitString, Buffer.concat([Buffer.from([0]), signature])));
  const key = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  return { pem: `${key}${armour(certificate)}`, certificate: certificate.toString("base64") };
}

function armour(certificate: Buffer): string {
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(tag.sequence, Buffer.concat(parts));
}

function der(kind: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([kind]), lengthOf(content.length), content]);
}

function lengthOf(count: number): Buffer {
  if (count < 0x80) return Buffer.from([count]);
  const bytes = Buffer.from(count.toString(16).padStart(count < 0x100 ? 2 : 4, "0"), "hex");
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

/** DER integers are signed: the first bit of a positive one is 0. */
function positive(bytes: Buffer): Buffer {
  bytes[0] = (bytes[0]! & 0x7f) | 0x01;
  return bytes;
}

/** UTCTime through 2049, GeneralizedTime from then on. @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5 */
function time(at: Date): Buffer {
  const text = `${at.toISOString().slice(0, 19).replace(/[-T:]/g, "")}Z`;
  return at.getUTCFullYear() < 2050 ? der(tag.utcTime, Buffer.from(text.slice(2))) : der(tag.time, Buffer.from(text));
}
