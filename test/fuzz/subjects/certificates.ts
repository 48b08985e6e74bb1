/** Certificates and keys as others send them: DER in base64 to the server, PEM files to the credential library. */
import { readCertificate as readPem } from "../../../packages/credential/src/certificate.ts";
import { CredentialError } from "../../../packages/credential/src/errors.ts";
import { readCertificate } from "../../../packages/server/src/directory/certificate.ts";
import { maxCertificateChars } from "../../../packages/server/src/directory/limits.ts";
import { makeSampleCertificate } from "../../../packages/server/src/tokens/sample-certificate.ts";
import type { Draw } from "../draw.ts";
import { accepted, mustEqual, refused, type Subject } from "../subject.ts";

/** Some certificates to break, as bytes. */
const ders: string[] = [];
let pem = "";

async function makeSamples(): Promise<void> {
  if (ders.length > 0) return;
  const kinds = [
    {},
    { curve: "P-256" as const },
    { modulusLength: 1024 },
    { name: "CN=a, O=b, C=DE" },
    { altName: "a.test" },
  ];
  for (const options of kinds) {
    const sample = await makeSampleCertificate(options);
    ders.push(Buffer.from(sample.key, "base64").toString("latin1"));
    if (pem === "") pem = `${sample.privateKey.export({ type: "pkcs8", format: "pem" })}${sample.pem}`;
  }
}

/** One DER value: tag, length (sometimes a wrong or a long one), content. */
function drawDer(draw: Draw, depth = 0): string {
  const tag = draw.pick([0x30, 0x31, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x17, 0x18, 0xa0, 0xa3, 0x01]);
  const isConstructed = (tag & 0x20) !== 0 && depth < 6;
  const content = isConstructed ? draw.many(() => drawDer(draw, depth + 1)).join("") : drawBytes(draw);
  return String.fromCharCode(tag) + drawLength(draw, content.length) + content;
}

function drawBytes(draw: Draw): string {
  return draw.one(
    () => Array.from({ length: draw.int(20) }, () => String.fromCharCode(draw.int(256))).join(""),
    () =>
      draw.pick([
        "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b",
        "\x55\x04\x03",
        "260101000000Z",
        "99991231235959Z",
        "00000000000000Z",
        "\x01\x00\x01",
      ]),
  );
}

function drawLength(draw: Draw, length: number): string {
  if (draw.chance(0.03))
    return draw.pick(["\x80", "\x84\xff\xff\xff\xff", "\x88\x7f\xff\xff\xff\xff\xff\xff\xff", "\x00", "\xff"]);
  if (length < 0x80) return String.fromCharCode(length);
  return length < 0x100
    ? `\x81${String.fromCharCode(length)}`
    : `\x82${String.fromCharCode(length >> 8, length & 0xff)}`;
}

export const certificateDer: Subject = {
  name: "certificate-der",
  files: ["packages/server/src/directory/certificate.ts"],
  maxChars: 8_192,
  words: [
    "\x30\x82",
    "\x30\x80",
    "\x02\x01\x00",
    "\x05\x00",
    "\x17\x0d",
    "\x18\x0f",
    "\x03\x82",
    "\xff\xff",
    "\x00\x00",
    "\x06\x03\x55\x04\x03",
  ],
  pumps: [
    ["", "\x30\x80", ""],
    ["\x30\x82\x20\x00", "\x31\x00", ""],
    ["\x30\x82\x20\x00", "\x06\x01\x80", ""],
  ],
  open: makeSamples,
  generate: (draw) => (draw.chance(0.6) ? draw.pick(ders) : drawDer(draw)),
  read: (input) => {
    const read = readCertificate(Buffer.from(input, "latin1").toString("base64"));
    if (read === undefined) return refused("none");
    mustEqual(readCertificate(read.certificate), read, "a certificate read again");
    return accepted(`${read.subject.split(",").length} names`, true);
  },
  isRefusal: () => undefined,
};

/** The same reader by its text: what is no base64, PEM in base64, more than one certificate. */
export const certificateText: Subject = {
  name: "certificate-text",
  files: ["packages/server/src/directory/certificate.ts"],
  maxChars: maxCertificateChars + 100,
  words: ["\n", " ", "=", "==", "-", "_", "-----BEGIN CERTIFICATE-----", "MII", "////"],
  pumps: [
    ["", " ", "="],
    ["", "=", ""],
    ["", "A", ""],
    ["", "\n", ""],
  ],
  open: makeSamples,
  generate: (draw) => {
    const base64 = Buffer.from(draw.pick(ders), "latin1").toString("base64");
    return draw.one(
      () => base64,
      () => base64.replace(/(.{64})/g, "$1\r\n"),
      () => Buffer.from(pem.slice(pem.indexOf("-----BEGIN CERT"))).toString("base64"),
      () => Buffer.from(pem).toString("base64"),
      () => base64.replaceAll("+", "-").replaceAll("/", "_"),
    );
  },
  read: (input) => {
    const read = readCertificate(input);
    return read === undefined ? refused("none") : accepted("certificate");
  },
  isRefusal: () => undefined,
};

export const certificatePem: Subject = {
  name: "certificate-pem",
  files: ["packages/credential/src/certificate.ts"],
  maxChars: 65_536,
  words: [
    "-----BEGIN CERTIFICATE-----",
    "-----END CERTIFICATE-----",
    "-----BEGIN PRIVATE KEY-----",
    "-----END PRIVATE KEY-----",
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----BEGIN ENCRYPTED PRIVATE KEY-----",
    "Proc-Type: 4,ENCRYPTED\n",
    "\n",
    "=",
    "-----",
  ],
  pumps: [
    ["", "-----BEGIN CERTIFICATE-----", ""],
    ["-----BEGIN PRIVATE KEY-----", "-----BEGIN ", ""],
    ["", "-", ""],
    ["-----BEGIN CERTIFICATE-----", "\n", ""],
  ],
  open: makeSamples,
  generate: (draw) => {
    const split = pem.indexOf("-----BEGIN CERT");
    const parts = [pem.slice(0, split), pem.slice(split)];
    return draw.one(
      () => pem,
      () => draw.shuffle(parts).join(""),
      () =>
        parts
          .join("")
          .replaceAll("PRIVATE KEY", draw.pick(["RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PRIVATE KEY"])),
      () => draw.many(() => draw.pick(parts)).join(draw.text()),
    );
  },
  read: async (input) => {
    const { chain } = await readPem(
      "ClientCertificateCredential",
      input,
      input.length % 2 === 0 ? undefined : "password",
    );
    return accepted(`${chain.length} certificates`);
  },
  isRefusal: (cause) => (cause instanceof CredentialError ? cause.meaning : undefined),
};
