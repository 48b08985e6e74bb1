/** IPv4 addresses and ranges of them, as signatures (`sip`) and the account's network rules write them. */
import { BlockList, isIPv4 } from "node:net";

/** An address as a socket tells it; IPv4 in IPv6 is taken out of it. */
export function readAddress(address: string | undefined): string {
  if (address === undefined || !address.startsWith("::")) return address ?? "";
  return address.replace(/^::ffff:/i, "");
}

/**
 * Whether an address lies in `a.b.c.d`, `a.b.c.d-e.f.g.h` or `a.b.c.d/n`.
 * @returns null when the range cannot be read.
 */
export function isWithinRange(range: string, address: string): boolean | null {
  const list = new BlockList();
  const bounds = range.split("-");
  const [subnet, prefix] = range.split("/");
  if (prefix !== undefined) {
    if (!isIPv4(subnet!) || !/^\d{1,2}$/.test(prefix) || Number(prefix) > 32) return null;
    list.addSubnet(subnet!, Number(prefix));
  } else {
    const [first, last = first] = bounds;
    if (bounds.length > 2 || !isIPv4(first!) || !isIPv4(last!)) return null;
    try {
      list.addRange(first!, last!);
    } catch {
      return null;
    }
  }
  return isIPv4(address) && list.check(address);
}
