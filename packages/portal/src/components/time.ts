/** Times as the portal writes them. Pure. */

/** A day as `1/31/2026`, which Azure's portal writes in English. @param iso "" or a time far away are written as they are meant. */
export function formatDate(iso: string | null | undefined): string {
  if (iso === null || iso === undefined || iso === "") return "-";
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : time.toLocaleDateString("en-US");
}

export function formatTime(iso: string | null | undefined): string {
  if (iso === null || iso === undefined || iso === "") return "-";
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : time.toLocaleString("en-US", { dateStyle: "short", timeStyle: "medium" });
}

const dayMs = 86_400_000;
/** Days before its end from which a credential counts as expiring: what Azure's portal warns at. */
const soonDays = 30;

export type Expiry = "current" | "soon" | "expired";

export function expiryOf(endIso: string, now: Date): Expiry {
  const days = daysUntil(endIso, now);
  if (days < 0) return "expired";
  return days < soonDays ? "soon" : "current";
}

/** Whole days until a time, rounded down; negative when it is past. */
export function daysUntil(endIso: string, now: Date): number {
  return Math.floor((new Date(endIso).getTime() - now.getTime()) / dayMs);
}

/** The worst of several ends; undefined when there are none. */
export function worstExpiry(ends: readonly string[], now: Date): Expiry | undefined {
  const found = new Set(ends.map((end) => expiryOf(end, now)));
  return (["expired", "soon", "current"] as const).find((expiry) => found.has(expiry));
}

export function addDays(now: Date, days: number): Date {
  return new Date(now.getTime() + days * dayMs);
}
