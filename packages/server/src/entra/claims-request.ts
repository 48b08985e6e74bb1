/**
 * The `claims` parameter may only name what the client could handle (`xms_cc`), which asks nothing of us; it still must be what it says it is.
 * @see https://learn.microsoft.com/entra/identity-platform/claims-challenge
 */
import { refuse } from "./fault.ts";

/** @throws EntraRefusal `request-malformed` for anything but a JSON object. */
export function checkClaimsRequest(claims: string | undefined): void {
  if (claims === undefined) return;
  try {
    const value: unknown = JSON.parse(claims);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return;
  } catch {
    // refused below
  }
  refuse({ kind: "request-malformed" });
}
