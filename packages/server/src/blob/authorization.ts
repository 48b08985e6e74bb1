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
import type { Tags } from "./engine/model.ts";
import { StorageError } from "./errors.ts";
import type { BlobOperation, Permission } from "./operation-row.ts";
import type { RequestHeaders } from "./request-headers.ts";
import type { Target } from "./target.ts";

/** Containers of one account whose ids are remembered; our choice: some hundred KiB. */
const maxKnownScopes = 1000;
/** The same text for the same container, as long as the account's row stands: a text that was asked about before is found faster. */
const knownScopes = new WeakMap<StorageAccount, Map<string, string>>();

/** The ARM id that role assignments are held against: the container's, or the account's for what concerns all of it. */
function scopeOf(account: StorageAccount, target: Target, isAccountWide: boolean): string {
  const container = isAccountWide || target.level === "account" ? "" : target.container;
  let known = knownScopes.get(account);
  if (known === undefined) {
    known = new Map();
    knownScopes.set(account, known);
  }
  let scope = known.get(container);
  if (scope === undefined) {
    const id = `/subscriptions/${account.subscriptionId}/resourceGroups/${account.resourceGroup}/providers/Microsoft.Storage/storageAccounts/${account.name}`;
    scope = container === "" ? id : `${id}/blobServices/default/containers/${container}`;
    if (known.size >= maxKnownScopes) known.clear();
    known.set(container, scope);
  }
  return scope;
}

export type Grant = {
  /** The caller may create the blob and not replace it. */
  readonly mustBeNew: boolean;
  /** What a principal's roles said, where they were asked. */
  readonly grounds?: Grounds;
};

/** A request as far as the decision looks at it. */
export type Asking = {
  readonly target: Target;
  readonly headers: RequestHeaders;
  readonly exchange: Exchange;
  /** The index tags that the blob has; looked up only when a condition asks. */
  readonly findTags: () => Tags | undefined;
  /** The encryption scope of the blob; looked up likewise. */
  readonly findScope: () => string | undefined;
  /** The tags that the request gives; null when it gives none, or none that can be read. */
  readonly givenTags: Tags | null;
};

/** Questions with their answers, in the order in which they were asked. */
export type Grounds = readonly { readonly ask: Ask; readonly decision: Decision }[];

/** @throws StorageError `AuthorizationPermissionMismatch`. */
export function authorize(
  cloud: Cloud,
  account: StorageAccount,
  operation: BlobOperation,
  asking: Asking,
  principalId: string,
): Grant {
  const { target, headers, exchange } = asking;
  const { anyOf, further, isAccountWide } = operation.access;
  const scope = scopeOf(account, target, isAccountWide);
  const asked = { ...asking, operation, account, now: cloud.ports.now };
  const subOperations = subOperationsOf(asked);
  const decideAny = (permissions: readonly Permission[]): Grounds => {
    const answers: { ask: Ask; decision: Decision }[] = [];
    for (const permission of permissions) {
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
    return answers;
  };
  const settleAny = (permissions: readonly Permission[], answers: Grounds): Permission => {
    const granted = permissions[settle(cloud, exchange, { surface: "blob", operation: operation.operation, answers })];
    if (granted !== undefined) return granted;
    pointToExplanation(cloud, exchange);
    throw new StorageError("AuthorizationPermissionMismatch");
  };
  const decided = decideAny(anyOf);
  const alsoAsked = further.filter(({ when }) => when(headers, target.query)).map(({ permission }) => [permission]);
  const alsoDecided = alsoAsked.map(decideAny);
  // Nothing is recorded before all is decided: a decision may end for something that has to be looked up, and is made again then.
  const { isNewBlobOnly } = settleAny(anyOf, decided);
  for (const [index, answers] of alsoDecided.entries()) settleAny(alsoAsked[index]!, answers);
  return {
    mustBeNew: isNewBlobOnly,
    grounds: alsoDecided.length === 0 ? decided : [...decided, ...alsoDecided.flat()],
  };
}
