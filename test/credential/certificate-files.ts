/** Self-signed certificates in files, as an app's operator would have them; made here, so that no program is needed for it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeSampleCertificate } from "../../packages/server/src/tokens/sample-certificate.ts";

const dayMs = 86_400_000;

/** Paths of one certificate's files; `pem` holds key and certificate, 0600. */
export type CertificateFiles = { readonly key: string; readonly certificate: string; readonly pem: string };

/** @param name of the files, too; it is the host's that the certificate is for where `isServer`. */
export async function writeCertificate(folder: string, name: string, isServer = false): Promise<CertificateFiles> {
  const made = await makeSampleCertificate({
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + dayMs),
    ...(isServer ? { altName: name } : {}),
  });
  const [key, certificate, pem] = ["key", "crt", "pem"].map((ending) => join(folder, `${name}.${ending}`)) as [
    string,
    string,
    string,
  ];
  const keyText = String(made.privateKey.export({ type: "pkcs8", format: "pem" }));
  writeFileSync(key, keyText, { mode: 0o600 });
  writeFileSync(certificate, `${made.pem}\n`);
  writeFileSync(pem, `${keyText}${made.pem}\n`, { mode: 0o600 });
  return { key, certificate, pem };
}
