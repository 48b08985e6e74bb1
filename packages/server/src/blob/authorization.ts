/**
 * May they: one question to `decide` per permission that would do, each answer recorded. It is asked before anything is looked up, so a refusal says
 * nothing about what is there.
 */
import { type Ask, type Decision, decide } from "@postern/access";
import type { Cloud } from "../cloud.ts";
import { pointToExplanation, settle } from "../observe/gate.ts";
import type { StorageAccount } from "../state/entities.ts";
import type { Exchange } from "../wire/exchange.ts";
import { attributesOf, subOperationsOf } from "./attributes.ts";
import { StorageError } from "./errors.ts";
import type { BlobOperation } from "./operation-row.ts";
import type { RequestHeaders } from "./request-headers.ts";
import type { Target } from "./target.ts";

/** The ARM id that role assignments are held against: the container's, or the account's for what concerns all of it. */
function scopeOf(account: StorageAccount, target: Target, isAccountWide: boolean): string {
  const id = `/subscriptions/${account.subscriptionId}/resourceGroups/${account.resourceGroup}/providers/Microsoft.Storage/storageAccounts/${account.name}`;
  return isAccountWide || target.level === "account" ? id : `${id}/blobServices/default/containers/${target.container}`;
}

export type Grant = {
  /** The caller may create the blob and not replace it. */
  readonly mustBeNew: boolean;
};

/** @throws StorageError `AuthorizationPermissionMismatch`. */
export function authorize(
  cloud: Cloud,
  account: StorageAccount,
  operation: BlobOperation,
  {
    target,
    headers,
    exchange,
  }: { readonly target: Target; readonly headers: RequestHeaders; readonly exchange: Exchange },
  principalId: string,
): Grant {
  const { anyOf, isAccountWide } = operation.access;
  const scope = scopeOf(account, target, isAccountWide);
  const asked = { operation, account, target, headers, now: cloud.ports.now() };
  const subOperations = subOperationsOf(asked);
  const answers: { ask: Ask; decision: Decision }[] = [];
  for (const permission of anyOf) {
    const ask: Ask = {
      principalId,
      operation: permission.operation,
      isDataAction: permission.isDataAction,
      scope,
      subOperations,
      attributes: attributesOf(asked, permission, subOperations),
    };
    const decision = decide(cloud.model.access, ask);
    answers.push({ ask, decision });
    if (decision.isAllowed) break;
  }
  const granted = anyOf[settle(cloud, exchange, { surface: "blob", operation: operation.operation, answers })];
  if (granted !== undefined) return { mustBeNew: granted.isNewBlobOnly };
  pointToExplanation(cloud, exchange);
  throw new StorageError("AuthorizationPermissionMismatch");
}
