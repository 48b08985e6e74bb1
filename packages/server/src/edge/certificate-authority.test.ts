import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createPrivateKey, webcrypto, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { connect, createServer, rootCertificates } from "node:tls";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { ensureCertificates } from "./certificate-authority.ts";
import { certificateAddresses, certificateDnsNames } from "./hosts.ts";

const dayMs = 24 * 60 * 60 * 1000;

function makeStateDir(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "postern-ca-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function ensure(stateDir: string, now = new Date(), systemCaFiles: readonly string[] = []) {
  return ensureCertificates({ stateDir, systemCaFiles, now });
}

const read = (stateDir: string, name: string) => readFileSync(join(stateDir, "ca", name), "utf8");

test("a first start makes a CA and a leaf that are what strict verifiers want", async (t) => {
  const stateDir = makeStateDir(t);
  const made = await ensure(stateDir);
  assert.equal(made.isRenewed, true);
  const ca = new X509Certificate(read(stateDir, "ca.pem"));
  const leaf = new X509Certificate(made.leaves.any.certificatePem);
  assert.ok(leaf.checkIssued(ca) && leaf.verify(ca.publicKey) && !leaf.ca && ca.ca);
  for (const name of certificateDnsNames) assert.ok(leaf.checkHost(name.replace("*", "acct")), name);
  for (const address of certificateAddresses) assert.ok(leaf.checkIP(address), address);
  assert.equal(leaf.checkHost("a.b.blob.core.windows.net"), undefined);
  const named = new X509Certificate(made.leaves.names.certificatePem);
  assert.ok(named.checkIssued(ca) && named.verify(ca.publicKey) && !named.ca);
  for (const name of certificateDnsNames) assert.ok(named.checkHost(name.replace("*", "acct")), name);
  assert.doesNotMatch(
    named.subjectAltName ?? "",
    /IP/,
    "BoringSSL refuses an address below a CA with address constraints",
  );
  assert.ok(Date.parse(leaf.validTo) - Date.parse(leaf.validFrom) <= 397 * dayMs);

  const details = new x509.X509Certificate(ca.toString());
  const constraints = details.getExtension(x509.BasicConstraintsExtension);
  assert.deepEqual([constraints?.critical, constraints?.ca, constraints?.pathLength], [true, true, 0]);
  const usage = details.getExtension(x509.KeyUsagesExtension);
  assert.deepEqual(
    [usage?.critical, usage?.usages],
    [true, x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign],
  );
  assert.equal(details.getExtension("2.5.29.30")?.critical, true);
  const leafDetails = new x509.X509Certificate(leaf.toString());
  assert.equal(
    leafDetails.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId,
    details.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId,
  );
  assert.ok(leafDetails.getExtension(x509.SubjectKeyIdentifierExtension));
});

test("keys are readable by their owner only, also after a careless copy, and nothing temporary stays", async (t) => {
  if (process.platform === "win32") return t.skip("no permission bits");
  const stateDir = makeStateDir(t);
  const folder = join(stateDir, "ca");
  await ensure(stateDir);
  assert.deepEqual(readdirSync(folder).sort(), [
    "bundle.pem",
    "ca.key",
    "ca.pem",
    "leaf.key",
    "leaf.pem",
    "names.key",
    "names.pem",
  ]);
  const modes = () =>
    [folder, join(folder, "ca.key"), join(folder, "leaf.key")].map((path) => statSync(path).mode & 0o777);
  assert.deepEqual(modes(), [0o700, 0o600, 0o600]);
  chmodSync(folder, 0o755);
  chmodSync(join(folder, "ca.key"), 0o644);
  chmodSync(join(folder, "leaf.key"), 0o660);
  await ensure(stateDir);
  assert.deepEqual(modes(), [0o700, 0o600, 0o600]);
});

test("a good set is left alone; the leaf is renewed in its last 30 days, by the same CA", async (t) => {
  const stateDir = makeStateDir(t);
  const start = new Date("2026-01-01T00:00:00Z");
  const first = await ensure(stateDir, start);
  const caPem = read(stateDir, "ca.pem");
  const later = await ensure(stateDir, new Date(start.getTime() + 366 * dayMs));
  assert.deepEqual([later.isRenewed, later.leaves.any.certificatePem], [false, first.leaves.any.certificatePem]);
  const last = await ensure(stateDir, new Date(start.getTime() + 368 * dayMs));
  assert.equal(last.isRenewed, true);
  assert.notEqual(last.leaves.any.keyPem, first.leaves.any.keyPem);
  assert.equal(read(stateDir, "ca.pem"), caPem);
  // A clock that was ahead when the leaf was made: it would not be valid yet.
  assert.equal((await ensure(stateDir, start)).isRenewed, true);
});

test("a leaf does not outlive its CA, and a CA near its end is made anew with its bundle", async (t) => {
  const stateDir = makeStateDir(t);
  const start = new Date("2026-01-01T00:00:00Z");
  await ensure(stateDir, start);
  const oldCa = new X509Certificate(read(stateDir, "ca.pem"));
  const late = await ensure(stateDir, new Date(start.getTime() + 3600 * dayMs));
  assert.equal(new X509Certificate(late.leaves.any.certificatePem).validTo, oldCa.validTo);
  const after = await ensure(stateDir, new Date(start.getTime() + 3640 * dayMs));
  const newCa = new X509Certificate(read(stateDir, "ca.pem"));
  assert.notEqual(newCa.fingerprint256, oldCa.fingerprint256);
  assert.ok(new X509Certificate(after.leaves.any.certificatePem).verify(newCa.publicKey));
  assert.ok(read(stateDir, "bundle.pem").endsWith(read(stateDir, "ca.pem")));
});

test("a torn or foreign set is mended", async (t) => {
  const stateDir = makeStateDir(t);
  const other = makeStateDir(t);
  await ensure(stateDir);
  await ensure(other);
  const damage: [string, (path: string) => void][] = [
    ["leaf.pem", (path) => rmSync(path)],
    ["leaf.key", (path) => writeFileSync(path, "not a key")],
    ["leaf.pem", (path) => writeFileSync(path, read(other, "leaf.pem"))],
    ["names.pem", (path) => rmSync(path)],
    ["names.pem", (path) => writeFileSync(path, read(other, "names.pem"))],
    ["ca.pem", (path) => writeFileSync(path, read(stateDir, "ca.pem").slice(0, 200))],
    ["ca.key", (path) => writeFileSync(path, read(other, "ca.key"))],
    ["ca.key", (path) => rmSync(path)],
  ];
  for (const [name, harm] of damage) {
    harm(join(stateDir, "ca", name));
    const mended = await ensure(stateDir);
    const ca = new X509Certificate(read(stateDir, "ca.pem"));
    const leaf = new X509Certificate(mended.leaves.any.certificatePem);
    assert.ok(mended.isRenewed && leaf.verify(ca.publicKey), name);
    assert.ok(ca.checkPrivateKey(createPrivateKey(read(stateDir, "ca.key"))), name);
    assert.ok(leaf.checkPrivateKey(createPrivateKey(mended.leaves.any.keyPem)), name);
    assert.equal((await ensure(stateDir)).isRenewed, false, name);
  }
});

test("a folder from before there were two leaves keeps its CA and its leaf, and gets the other", async (t) => {
  const stateDir = makeStateDir(t);
  await ensure(stateDir);
  const kept = ["ca.pem", "ca.key", "leaf.pem", "leaf.key", "bundle.pem"];
  const before = kept.map((name) => read(stateDir, name));
  for (const name of ["names.pem", "names.key"]) rmSync(join(stateDir, "ca", name));
  const { leaves, isRenewed } = await ensure(stateDir);
  assert.equal(isRenewed, true);
  assert.deepEqual(
    kept.map((name) => read(stateDir, name)),
    before,
  );
  assert.ok(
    new X509Certificate(leaves.names.certificatePem).checkIssued(new X509Certificate(read(stateDir, "ca.pem"))),
  );
  // A leaf with addresses is none for names.
  for (const ending of ["pem", "key"])
    writeFileSync(join(stateDir, `ca/names.${ending}`), read(stateDir, `leaf.${ending}`));
  assert.equal((await ensure(stateDir)).isRenewed, true);
});

test("the bundle is the first usable system file and the CA, and follows both", async (t) => {
  const stateDir = makeStateDir(t);
  const empty = join(stateDir, "empty.pem");
  const system = join(stateDir, "system.pem");
  writeFileSync(empty, "");
  writeFileSync(system, rootCertificates[0]!);
  const bundlePath = join(stateDir, "ca", "bundle.pem");
  const files = [join(stateDir, "missing.pem"), empty, bundlePath, system];
  await ensure(stateDir, new Date(), files);
  const expected = () => `${readFileSync(system, "utf8").trimEnd()}\n${read(stateDir, "ca.pem")}`;
  assert.equal(read(stateDir, "bundle.pem"), expected());
  // Our own bundle among the candidates is passed over, or it would grow with each start.
  await ensure(stateDir, new Date(), files);
  assert.equal(read(stateDir, "bundle.pem"), expected());
  writeFileSync(system, rootCertificates.slice(0, 2).join("\n"));
  await ensure(stateDir, new Date(), files);
  assert.equal(read(stateDir, "bundle.pem"), expected());
  await ensure(stateDir, new Date(), []);
  assert.equal(read(stateDir, "bundle.pem").split("BEGIN CERTIFICATE").length - 1, rootCertificates.length + 1);
});

/** Signs a server certificate with our CA's key that our own code would never make. */
async function forge(
  stateDir: string,
  subject: string,
  names: x509.JsonGeneralNames,
): Promise<{ cert: string; key: string }> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const issuer = new x509.X509Certificate(read(stateDir, "ca.pem"));
  const signingKey = await webcrypto.subtle.importKey(
    "pkcs8",
    x509.PemConverter.decodeFirst(read(stateDir, "ca.key")),
    algorithm,
    false,
    ["sign"],
  );
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: "4242",
    subject,
    issuer: issuer.subjectName,
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + dayMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  return { cert: certificate.toString("pem"), key: x509.PemConverter.encode(key, "PRIVATE KEY") };
}

/** @returns "ok", or the verification error's text. */
async function verifyByNode(server: { cert: string; key: string }, ca: string, servername: string): Promise<string> {
  const listener = createServer(server, (socket) => socket.end()).listen(0, "127.0.0.1");
  listener.on("tlsClientError", () => {});
  await once(listener, "listening");
  const socket = connect({ port: (listener.address() as AddressInfo).port, host: "127.0.0.1", servername, ca });
  const code = await new Promise<string>((resolve) => {
    socket.once("secureConnect", () => resolve("ok"));
    socket.once("error", (error) => resolve(error.message));
  });
  socket.destroy();
  listener.close();
  return code;
}

test("clients refuse what the CA's key could be made to sign for other names", async (t) => {
  const stateDir = makeStateDir(t);
  const made = await ensure(stateDir);
  const ca = read(stateDir, "ca.pem");
  for (const leaf of Object.values(made.leaves)) {
    const own = { cert: leaf.certificatePem, key: leaf.keyPem };
    for (const name of ["login.microsoftonline.com", "acct.blob.core.windows.net", "localhost"]) {
      assert.equal(await verifyByNode(own, ca, name), "ok", name);
    }
  }
  const evil: [string, string, x509.JsonGeneralNames][] = [
    ["example.com", "CN=x", [{ type: "dns", value: "example.com" }]],
    ["portal.azure.com", "CN=x", [{ type: "dns", value: "portal.azure.com" }]],
    ["acct.file.core.windows.net", "CN=x", [{ type: "dns", value: "*.file.core.windows.net" }]],
    [
      "localhost",
      "CN=x",
      [
        { type: "dns", value: "localhost" },
        { type: "dns", value: "example.com" },
      ],
    ],
    [
      "localhost",
      "CN=x",
      [
        { type: "dns", value: "localhost" },
        { type: "ip", value: "10.0.0.1" },
      ],
    ],
    ["example.com", "CN=example.com", []],
  ];
  const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
  for (const [name, subject, names] of evil) {
    const forged = await forge(stateDir, subject, names);
    assert.equal(await verifyByNode(forged, ca, name), "permitted subtree violation", JSON.stringify(names));
    if (!hasOpenssl) continue;
    const path = join(stateDir, "forged.pem");
    writeFileSync(path, forged.cert);
    const result = spawnSync("openssl", [
      "verify",
      "-CAfile",
      join(stateDir, "ca", "ca.pem"),
      "-verify_hostname",
      name,
      path,
    ]);
    assert.match(`${result.stdout}${result.stderr}`, /permitted subtree violation/, JSON.stringify(names));
  }
});

test("openssl finds nothing to object to, strictly", async (t) => {
  if (spawnSync("openssl", ["version"]).status !== 0)
    return t.skip("openssl is not installed here (Debian: apt-get install openssl)");
  const stateDir = makeStateDir(t);
  await ensure(stateDir);
  const file = (name: string) => join(stateDir, "ca", name);
  const args = ["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile"];
  for (const roots of ["ca.pem", "bundle.pem"])
    for (const leaf of ["leaf.pem", "names.pem"])
      assert.match(execFileSync("openssl", [...args, file(roots), file(leaf)], { encoding: "utf8" }), /OK/);
});
