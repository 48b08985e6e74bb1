/**
 * The local CA on disk: `<stateDir>/ca/` with ca.key, ca.pem, two leaves (leaf.key, leaf.pem; names.key, names.pem) and bundle.pem.
 *
 * Owns: when a certificate is still good and when it is made anew, and the bundle that clients are pointed at. May use:
 * the state folder's file functions, node:crypto, certificate-issue.ts (on demand). The CA's key is read here to sign and goes nowhere else.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmod, mkdir, readFile, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { clearFiles, type SecretFiles } from "../secret-files.ts";
import { readIfThere, writeSecretFile } from "../state-folder.ts";
import type { KeyPair, LeafKind } from "./certificate-issue.ts";
import { certificateAddresses, certificateDnsNames } from "./hosts.ts";
import { nameConstraintsDer } from "./name-constraints.ts";

const dayMs = 24 * 60 * 60 * 1000;
/** A certificate with less than this to live is made anew. Our choice: a month of daily looks. */
const renewBeforeMs = 30 * dayMs;

/** One of each kind, and each with a key of its own. */
export type Leaves = { readonly [Kind in LeafKind]: KeyPair };

/** What the TLS server needs, all PEM, and the paths clients are given. */
export type ServerCertificate = {
  readonly leaves: Leaves;
  /** The CA alone. */
  readonly caPath: string;
  /** The system's roots and the CA. */
  readonly bundlePath: string;
  /** True when this call made a new leaf of either kind. */
  readonly isRenewed: boolean;
};

export type CertificateOptions = {
  readonly stateDir: string;
  /** Bundles of system roots, best first; the first that exists and holds a certificate is used, else Node's own roots. */
  readonly systemCaFiles: readonly string[];
  readonly now: Date;
  /** How private keys are kept; left out: in the clear. */
  readonly files?: SecretFiles | undefined;
};

/**
 * Makes sure of a CA, leaves with at least 30 days to live that name every host of the table, and a bundle, and reads them.
 * Whatever is missing, unreadable, expired or made for another table is made anew; a good file is left as it is.
 * @throws the file system's own errors (no permission, disk full).
 */
export async function ensureCertificates(options: CertificateOptions): Promise<ServerCertificate> {
  const folder = join(options.stateDir, "ca");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await withdrawAccessOfOthers(folder, 0o700);
  const { files = clearFiles(options.stateDir) } = options;
  const ca = { keyPath: join(folder, "ca.key"), certificatePath: join(folder, "ca.pem"), files };

  let authority = await readKeyPair(ca);
  if (!authority || !isGoodAuthority(authority, options.now)) {
    const { issueAuthority } = await import("./certificate-issue.ts");
    authority = await issueAuthority(options.now);
    writeKeyPair(ca, authority);
  }
  const any = await ensureLeaf({ folder, files }, authority, "any", options.now);
  const names = await ensureLeaf({ folder, files }, authority, "names", options.now);
  const bundlePath = join(folder, "bundle.pem");
  await ensureBundle(bundlePath, authority.certificatePem, options.systemCaFiles);
  return {
    leaves: { any: any.leaf, names: names.leaf },
    caPath: ca.certificatePath,
    bundlePath,
    isRenewed: any.isRenewed || names.isRenewed,
  };
}

const leafFileNames: Readonly<Record<LeafKind, string>> = { any: "leaf", names: "names" };

async function ensureLeaf(
  { folder, files }: { readonly folder: string; readonly files: SecretFiles },
  authority: KeyPair,
  kind: LeafKind,
  now: Date,
): Promise<{ readonly leaf: KeyPair; readonly isRenewed: boolean }> {
  const path = join(folder, leafFileNames[kind]);
  const place = { keyPath: `${path}.key`, certificatePath: `${path}.pem`, files };
  const present = await readKeyPair(place);
  if (present && isGoodLeaf(present, authority, kind, now)) return { leaf: present, isRenewed: false };
  const { issueLeaf } = await import("./certificate-issue.ts");
  const leaf = await issueLeaf(authority, kind, now);
  writeKeyPair(place, leaf);
  return { leaf, isRenewed: true };
}

type KeyPairPlace = { readonly keyPath: string; readonly certificatePath: string; readonly files: SecretFiles };

/** @returns undefined when either file is missing or the two do not belong together (a crash between the two writes). */
async function readKeyPair(place: KeyPairPlace): Promise<KeyPair | undefined> {
  const keyPem = place.files.read(place.keyPath);
  const certificatePem = readIfThere(place.certificatePath);
  if (keyPem === undefined || certificatePem === undefined) return undefined;
  try {
    const certificate = new X509Certificate(certificatePem);
    return certificate.checkPrivateKey(createPrivateKey(keyPem)) ? { certificatePem, keyPem } : undefined;
  } catch {
    return undefined; // not PEM, cut short: made anew
  }
}

/** The key first: a certificate without its key would look whole to a reader that checks one file. */
function writeKeyPair(place: KeyPairPlace, pair: KeyPair): void {
  place.files.write(place.keyPath, pair.keyPem);
  writeSecretFile(place.certificatePath, pair.certificatePem);
}

/** A restored backup or a careless copy may have opened it to others. */
async function withdrawAccessOfOthers(path: string, mode: number): Promise<void> {
  if (process.platform === "win32") return;
  if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, mode);
}

/** The constraints are compared as bytes: a release that adds a host to the table needs a new CA. */
function isGoodAuthority(authority: KeyPair, now: Date): boolean {
  const certificate = new X509Certificate(authority.certificatePem);
  return certificate.ca && hasTimeLeft(certificate, now) && certificate.raw.includes(nameConstraintsDer());
}

function isGoodLeaf(leaf: KeyPair, authority: KeyPair, kind: LeafKind, now: Date): boolean {
  const certificate = new X509Certificate(leaf.certificatePem);
  const issuer = new X509Certificate(authority.certificatePem);
  return (
    hasTimeLeft(certificate, now) &&
    certificate.checkIssued(issuer) &&
    certificate.verify(issuer.publicKey) &&
    certificateAddresses.every((address) => (certificate.checkIP(address) !== undefined) === (kind === "any")) &&
    certificateDnsNames.every((name) => certificate.checkHost(name.replace(/^\*/, "account")) !== undefined)
  );
}

function hasTimeLeft(certificate: X509Certificate, now: Date): boolean {
  const begins = Date.parse(certificate.validFrom);
  const ends = Date.parse(certificate.validTo);
  return begins <= now.getTime() && ends - now.getTime() >= renewBeforeMs;
}

/** Clients' CA variables replace the system's roots instead of adding to them, so the bundle carries both. */
async function ensureBundle(bundlePath: string, caPem: string, systemCaFiles: readonly string[]): Promise<void> {
  const bundle = `${await readSystemRoots(systemCaFiles, bundlePath)}\n${caPem}`;
  if (readIfThere(bundlePath) !== bundle) writeSecretFile(bundlePath, bundle);
}

async function readSystemRoots(systemCaFiles: readonly string[], bundlePath: string): Promise<string> {
  const ownPath = await realpath(bundlePath).catch(() => bundlePath);
  for (const file of systemCaFiles) {
    // Started from inside a program we launched, the environment names our own bundle: it would contain itself.
    if ((await realpath(file).catch(() => file)) === ownPath) continue;
    const roots = await readFile(file, "utf8").catch(() => "");
    if (roots.includes("-----BEGIN CERTIFICATE-----")) return roots.trimEnd();
  }
  return rootCertificates.join("\n");
}
