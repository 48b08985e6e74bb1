/**
 * The DER of the CA's name constraints: what it may certify, written out of the table of hosts.
 *
 * Owns: that one extension's bytes; no library of ours writes it. May use: the table of hosts.
 * Spec: RFC 5280 section 4.2.1.10, ITU-T X.690 (DER).
 */
import { isIP } from "node:net";
import { permittedDomains, permittedSubnets } from "./hosts.ts";

/** id-ce-nameConstraints. */
export const nameConstraintsOid = "2.5.29.30";

const tag = { sequence: 0x30, permittedSubtrees: 0xa0, dnsName: 0x82, ipAddress: 0x87 } as const;

/** Writes the extension's value: exactly the permitted domains and address ranges; any other name of those kinds is refused. */
export function nameConstraintsDer(): Buffer {
  const names = [
    ...permittedDomains.map((domain) => encode(tag.dnsName, Buffer.from(domain, "ascii"))),
    ...permittedSubnets.map(([address, bits]) => encode(tag.ipAddress, subnetBytes(address, bits))),
  ];
  const subtrees = names.map((name) => encode(tag.sequence, name));
  return encode(tag.sequence, encode(tag.permittedSubtrees, Buffer.concat(subtrees)));
}

/** One DER element with a definite length of up to two bytes, which is far more than these names need. */
function encode(tagByte: number, content: Buffer): Buffer {
  const { length } = content;
  if (length > 0xffff) throw new RangeError("name constraints past 65535 bytes");
  const header =
    length < 0x80
      ? [tagByte, length]
      : length < 0x100
        ? [tagByte, 0x81, length]
        : [tagByte, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), content]);
}

/** Address bytes followed by mask bytes. */
function subnetBytes(address: string, prefixBits: number): Buffer {
  const bytes = addressBytes(address);
  const mask = Buffer.alloc(bytes.length);
  for (let bit = 0; bit < prefixBits; bit++) mask[bit >> 3]! |= 0x80 >> (bit & 7);
  return Buffer.concat([bytes, mask]);
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split(".").map(Number));
  const [head = "", tail = ""] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === "" ? [] : tail.split(":");
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
  return Buffer.from(groups.map((group) => group.padStart(4, "0")).join(""), "hex");
}
