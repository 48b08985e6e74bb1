/**
 * Judges a token that an application signed with the key of one of its certificates: which certificate, whether it counts now, and whether
 * the signature is its key's. What the token says is for the caller to judge.
 *
 * The header names the certificate: by `x5t#S256` or `x5t` (RFC 7515 sections 4.1.7 and 4.1.8), or by a `kid` that is the thumbprint in hex or
 * base64url. The whole thumbprint counts, and where the header carries two names both must be the same certificate's.
 * @see https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
import { createHash, type KeyObject, X509Certificate } from "node:crypto";
import type { KeyCredential } from "../state/entities.ts";
import type { Guid } from "../state/identifiers.ts";
import { type ForeignJws, hasSignatureOf, isSupportedAlgorithm } from "./foreign-jws.ts";

export type CertificateProof =
  | { readonly kind: "valid"; readonly keyId: Guid }
  | { readonly kind: "algorithm" }
  /** No registered certificate has the name; `presented` is one the token brought itself and was really signed with. */
  | {
      readonly kind: "key-unknown";
      readonly thumbprint: string;
      readonly presented: X509Certificate | undefined;
    }
  /** No registered certificate has the name, and what the token brought along (`x5c`) is none. */
  | { readonly kind: "chain" }
  | { readonly kind: "key-expired" | "key-not-yet-valid" | "signature"; readonly thumbprint: string };

type LoadedCertificate = {
  readonly publicKey: KeyObject;
  /** base64url of the digests of the DER. */
  readonly sha1: string;
  readonly sha256: string;
  /** Upper-case hex SHA-1. */
  readonly thumbprint: string;
};

/** Loaded once for each row; a row that changes is a new object. */
const loaded = new WeakMap<KeyCredential, LoadedCertificate>();

/** Certificates of a chain looked at: only the first can be the signer's. */
const maxCertificateChars = 16_384;

export function judgeCertificateProof(
  jws: ForeignJws,
  credentials: readonly KeyCredential[],
  now: Date,
): CertificateProof {
  if (!isSupportedAlgorithm(jws.algorithm)) return { kind: "algorithm" };
  const candidates = credentials.filter((credential) => isNamed(jws.header, load(credential)));
  const thumbprint = candidates[0] === undefined ? namedThumbprint(jws.header) : load(candidates[0]).thumbprint;
  if (candidates.length === 0) {
    const presented = presentedCertificate(jws);
    if (presented === "malformed") return { kind: "chain" };
    // One that the token is not signed with shows nothing of who asks.
    const isSigner = presented !== undefined && hasSignatureOf(jws, presented.publicKey);
    return { kind: "key-unknown", thumbprint, presented: isSigner ? presented : undefined };
  }
  // One certificate may be registered twice with different dates: any that counts now will do.
  const current = candidates.find((one) => now >= new Date(one.startDateTime) && now < new Date(one.endDateTime));
  if (current === undefined) {
    const isExpired = candidates.some((one) => now >= new Date(one.endDateTime));
    return { kind: isExpired ? "key-expired" : "key-not-yet-valid", thumbprint };
  }
  if (!hasSignatureOf(jws, load(current).publicKey)) return { kind: "signature", thumbprint };
  return { kind: "valid", keyId: current.keyId };
}

function isNamed(header: Readonly<Record<string, unknown>>, certificate: LoadedCertificate): boolean {
  const { x5t, kid } = header;
  const x5tS256 = header["x5t#S256"];
  if (x5t !== undefined || x5tS256 !== undefined) {
    const isSha1 = x5t === undefined || trimPadding(x5t) === certificate.sha1;
    return isSha1 && (x5tS256 === undefined || trimPadding(x5tS256) === certificate.sha256);
  }
  if (typeof kid !== "string") return false;
  return kid.toUpperCase() === certificate.thumbprint || trimPadding(kid) === certificate.sha1;
}

/** Python's MSAL leaves the padding on. */
function trimPadding(name: unknown): string | undefined {
  return typeof name === "string" ? name.replace(/=+$/, "") : undefined;
}

/** The name in the header as messages show it: upper-case hex where it is a digest. */
function namedThumbprint(header: Readonly<Record<string, unknown>>): string {
  const name = trimPadding(header.x5t ?? header["x5t#S256"] ?? header.kid);
  if (name === undefined) return "";
  const isDigest = header.x5t !== undefined || header["x5t#S256"] !== undefined;
  return isDigest ? Buffer.from(name, "base64url").toString("hex").toUpperCase() : name;
}

function load(credential: KeyCredential): LoadedCertificate {
  let certificate = loaded.get(credential);
  if (certificate === undefined) {
    certificate = describe(new X509Certificate(Buffer.from(credential.certificate, "base64")));
    loaded.set(credential, certificate);
  }
  return certificate;
}

function describe({ raw, publicKey }: X509Certificate): LoadedCertificate {
  const sha1 = createHash("sha1").update(raw).digest();
  const sha256 = createHash("sha256").update(raw).digest("base64url");
  return { publicKey, sha1: sha1.toString("base64url"), sha256, thumbprint: sha1.toString("hex").toUpperCase() };
}

/** The certificate at the head of `x5c`: it shows who asks, and gives no right. */
function presentedCertificate({ header: { x5c } }: ForeignJws): X509Certificate | undefined | "malformed" {
  if (x5c === undefined) return undefined;
  const first: unknown = Array.isArray(x5c) ? x5c[0] : x5c;
  if (typeof first !== "string" || first.length > maxCertificateChars) return "malformed";
  try {
    const certificate = new X509Certificate(Buffer.from(first, "base64"));
    // Its key is read only when it is asked for, and may be one that cannot be: then it is no certificate to us.
    return certificate.publicKey.type === "public" ? certificate : "malformed";
  } catch {
    return "malformed";
  }
}
