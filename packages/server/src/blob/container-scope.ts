/** The encryption scope that a container gives to its blobs. @see https://learn.microsoft.com/rest/api/storageservices/create-container#request-headers */
import type { StorageAccount } from "../state/entities.ts";
import type { ContainerState } from "./engine/model.ts";
import { invalidHeader } from "./errors.ts";
import type { Call } from "./operation-row.ts";
import { accountScope } from "./resource-headers.ts";

const scopeHeader = "x-ms-default-encryption-scope";
const fixedHeader = "x-ms-deny-encryption-scope-override";

/** A scope as a container keeps it; the account's own is none. */
function scopeState(scope: string, isFixed: boolean): ContainerState {
  const fixed = isFixed ? ({ isScopeFixed: true } as const) : {};
  return scope === accountScope ? fixed : { defaultScope: scope, ...fixed };
}

export function hasScope({ encryptionScopes }: StorageAccount, name: string): boolean {
  return name === accountScope || (encryptionScopes ?? []).some((scope) => scope.name === name);
}

/** @throws StorageError `MissingRequiredHeader` for one of the two headers without the other, `InvalidHeaderValue`. */
export function readContainerScope({ headers, account }: Pick<Call, "headers" | "account">): ContainerState {
  if (!headers.has(scopeHeader) && !headers.has(fixedHeader)) return {};
  const scope = headers.require(scopeHeader);
  const fixed = headers.require(fixedHeader).toLowerCase();
  if (!hasScope(account, scope)) throw invalidHeader(scopeHeader, scope);
  if (fixed !== "true" && fixed !== "false") throw invalidHeader(fixedHeader, fixed);
  return scopeState(scope, fixed === "true");
}
