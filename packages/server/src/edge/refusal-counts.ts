/** What the edge refuses before a surface is picked, counted by why: no surface hears of it, so no surface's counts have it. */

/** Where a request belongs to cannot be told, or is not here; its bytes are none; or the proxy's policy does not carry it out. */
const reasons = [
  "bad-host",
  "bad-target",
  "bad-encoding",
  "not-https",
  "unknown-host",
  "unknown-path",
  "not-local",
  "unreadable",
  "headers-too-large",
  "too-slow",
  "proxy-policy",
] as const;

export type EdgeRefusal = (typeof reasons)[number];

export class RefusalCounts {
  readonly byReason: Record<EdgeRefusal, number>;

  constructor() {
    this.byReason = Object.fromEntries(reasons.map((reason) => [reason, 0])) as Record<EdgeRefusal, number>;
  }

  count(reason: EdgeRefusal): void {
    this.byReason[reason] += 1;
  }
}
