/**
 * Certificates as an app's credential: made here, or given as PEM or DER text. May use: this folder, state/.
 * @see https://learn.microsoft.com/graph/api/resources/keycredential
 */
import { randomBytes, X509Certificate } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";

import { failure } from "../faults.ts";
import type { Json } from "../http/service-client.ts";
import { writePrivateFile } from "../state/private-file.ts";
import type { Lifetime } from "./applications.ts";
import { keyCredential } from "./graph-body.ts";
import { makeSelfSignedCertificate } from "./self-signed-certificate.ts";

export interface CertificateArguments {
  readonly createCert: boolean;
  readonly cert?: string | undefined;
  readonly keyvault?: string | undefined;
}

export interface CertificateCredential {
  /** base64 DER. */
  readonly certificate: string;
  readonly lifetime: Lifetime;
  /** The PEM file with certificate and key, when it was made here. */
  readonly file: string | undefined;
}

const SECOND_MS = 1000;

/** The certificate as a member of Graph's `keyCredentials`. */
export function certificateKey(
  { certificate, lifetime }: CertificateCredential,
  displayName?: string | undefined,
): Json {
  return keyCredential({
    keyValue: certificate,
    keyDisplayName: displayName,
    startDate: lifetime.start.toISOString(),
    endDate: lifetime.end.toISOString(),
  });
}

/** Tells whether a certificate is wanted, and refuses what cannot be. @throws CliFault (failure) in az's words. */
export function wantsCertificate({ createCert, cert, keyvault }: CertificateArguments): boolean {
  if (keyvault !== undefined) {
    throw failure("Certificates in a key vault are not served: leave out --keyvault to have one in a file.");
  }
  if (createCert && cert !== undefined) {
    throw failure(
      "Usage error: --cert STRING | --create-cert [--keyvault VAULT --cert NAME] | --password STRING | --keyvault VAULT --cert NAME",
    );
  }
  if (cert !== undefined) readCertificate(cert);
  return createCert || cert !== undefined;
}

/** Makes or reads the certificate; a credential never outlives it. @param warn says where a lifetime was made shorter. */
export async function prepareCertificate(
  { cert }: CertificateArguments,
  wanted: Lifetime,
  warn: (text: string) => void,
): Promise<CertificateCredential> {
  if (cert === undefined) {
    const from = new Date(wanted.start.getTime() - SECOND_MS);
    const made = makeSelfSignedCertificate("CLI-Login", from, new Date(wanted.end.getTime() + SECOND_MS));
    const file = join(homedir(), `tmp${randomBytes(6).toString("hex")}.pem`);
    await writePrivateFile(file, made.pem);
    return { certificate: made.certificate, lifetime: wanted, file };
  }
  const certificate = readCertificate(cert);
  const [from, until] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  let { start, end } = wanted;
  if (from > start) {
    warn(`Certificate is not valid until ${toPythonText(from)}. Adjusting key credential start date to match.`);
    start = new Date(from.getTime() + SECOND_MS);
  }
  if (until < end) {
    warn(`Certificate expires ${toPythonText(until)}. Adjusting key credential end date to match.`);
    end = new Date(until.getTime() - SECOND_MS);
  }
  return { certificate: certificate.raw.toString("base64"), lifetime: { start, end }, file: undefined };
}

/** PEM, PEM without its first and last line, or DER in base64. */
function readCertificate(text: string): X509Certificate {
  const body = text.replace(/-----(?:BEGIN|END) CERTIFICATE-----/g, "").replace(/\s/g, "");
  try {
    return new X509Certificate(Buffer.from(body, "base64"));
  } catch {
    throw failure("usage error: --cert STRING | --cert NAME --keyvault VAULT");
  }
}

function toPythonText(time: Date): string {
  return time
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, "+00:00");
}
