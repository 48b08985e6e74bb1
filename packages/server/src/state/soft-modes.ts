/**
 * Soft mode: for a time nothing is denied at a scope, and what would have been is recorded. Azure has no such thing; it is off unless the
 * operator switches it on.
 *
 * Owns: which row applies to a question. May use: `@postern/access`, this folder.
 */
import type { Scope } from "@postern/access";
import type { SoftMode } from "./entities.ts";
import type { ReadModel } from "./read-model.ts";

/** Longest time that soft mode may be switched on for at once, in seconds; our choice: a working day's test run. */
export const maxSoftModeSeconds = 8 * 3600;
/** Most rows at a time; each is looked at when something is denied. Our choice. */
export const maxSoftModes = 64;

/** The soft mode that holds now for a principal at a scope, if any. */
export function findSoftMode(
  model: Pick<ReadModel, "softModes" | "access">,
  principalId: string,
  scope: string | Scope,
  now: Date,
): SoftMode | undefined {
  if (model.softModes.size === 0) return undefined;
  const time = now.toISOString();
  for (const row of model.softModes.values()) {
    if (row.expiresOn <= time || (row.principalId !== null && row.principalId !== principalId)) continue;
    if (model.access.isScopeAtOrBelow(scope, row.scope)) return row;
  }
  return undefined;
}
