/**
 * User-assigned managed identities: the rules. Pure: each reads the model and answers with changes, or refuses.
 * @see https://learn.microsoft.com/rest/api/managedidentity/user-assigned-identities
 */
import { createManagedIdentityPrincipal } from "../directory/managed-identity-principal.ts";
import { type Change, put } from "../state/change.ts";
import { type ManagedIdentity, managedIdentityKey, type Tags } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import { type AppId, parseGuid, type ServicePrincipalObjectId, type SubscriptionId } from "../state/identifiers.ts";
import type { Ports } from "../state/ports.ts";
import type { ReadModel } from "../state/read-model.ts";
import { findLocation } from "./locations.ts";
import { removeManagedIdentity } from "./managed-identity-deletion.ts";
import { refuseWhileDeleting, requireResourceGroup } from "./resource-groups.ts";
import { checkTags } from "./tags.ts";

export const managedIdentityType = "Microsoft.ManagedIdentity/userAssignedIdentities";

const objectKind = "managedIdentity";

/** Characters of a name. @see https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftmanagedidentity */
const maxIdentityNameLength = 128;
const minIdentityNameLength = 3;
const namePattern = /^[a-z0-9][a-z0-9_-]*$/i;

export type IdentityPlace = {
  readonly subscriptionId: SubscriptionId;
  readonly resourceGroup: string;
  readonly name: string;
};

export type IdentityRequest = IdentityPlace & {
  readonly location: string | undefined;
  readonly tags: Tags | undefined;
};

export type IdentityOutcome = {
  readonly changes: readonly Change[];
  readonly result: { readonly identity: ManagedIdentity; readonly isNew: boolean };
};

export function findManagedIdentity(model: ReadModel, place: IdentityPlace): ManagedIdentity | undefined {
  return model.managedIdentities.get(managedIdentityKey(place.subscriptionId, place.resourceGroup, place.name));
}

/** @throws Refusal `subscription-not-found`, `resource-group-not-found`, `resource-not-found`. */
export function requireManagedIdentity(model: ReadModel, place: IdentityPlace): ManagedIdentity {
  requireResourceGroup(model, place.subscriptionId, place.resourceGroup);
  const { name, resourceGroup } = place;
  return (
    findManagedIdentity(model, place) ??
    refuse({ kind: "resource-not-found", resourceType: managedIdentityType, name, resourceGroup })
  );
}

const idPattern =
  /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/microsoft\.managedidentity\/userassignedidentities\/([^/]+)\/?$/i;

/** Reads an identity's resource id, in any case. @returns undefined when it is none. */
export function parseIdentityId(resourceId: string): IdentityPlace | undefined {
  const [, subscription, resourceGroup, name] = idPattern.exec(resourceId) ?? [];
  const subscriptionId = parseGuid<"SubscriptionId">(subscription) as SubscriptionId | undefined;
  if (subscriptionId === undefined || resourceGroup === undefined || name === undefined) return undefined;
  return { subscriptionId, resourceGroup, name };
}

/**
 * Creates an identity with its service principal, or replaces the tags of the one that is there; its ids stay.
 * @throws Refusal `resource-group-not-found`, `resource-group-being-deleted`, `value-invalid` (name, location, tags), `location-conflict`,
 * `limit-reached`.
 * @see https://learn.microsoft.com/rest/api/managedidentity/user-assigned-identities/create-or-update
 */
export function putManagedIdentity(
  model: ReadModel,
  request: IdentityRequest,
  ports: Pick<Ports, "now" | "guid">,
): IdentityOutcome {
  const group = requireResourceGroup(model, request.subscriptionId, request.resourceGroup);
  refuseWhileDeleting(group);
  checkIdentityName(request.name);
  const location = requireLocation(request.location);
  const tags = request.tags ?? {};
  checkTags(objectKind, tags);
  const existing = findManagedIdentity(model, request);
  if (existing !== undefined) {
    if (existing.location !== location) {
      refuse({
        kind: "location-conflict",
        objectKind,
        name: existing.name,
        existing: existing.location,
        given: location,
      });
    }
    const identity: ManagedIdentity = { ...existing, tags };
    return { changes: [put(objectKind, identity)], result: { identity, isNew: false } };
  }
  const identity: ManagedIdentity = {
    subscriptionId: request.subscriptionId,
    resourceGroup: group.name,
    name: request.name,
    location,
    tags,
    principalId: ports.guid() as ServicePrincipalObjectId,
    clientId: ports.guid() as AppId,
    tenantId: model.tenant.tenantId,
  };
  const principal = createManagedIdentityPrincipal(model, {
    id: identity.principalId,
    appId: identity.clientId,
    displayName: identity.name,
    now: ports.now(),
  });
  return { changes: [put(objectKind, identity), principal], result: { identity, isNew: true } };
}

/**
 * Changes an identity's tags; undefined leaves them.
 * @throws Refusal `resource-not-found`, `value-invalid`.
 * @see https://learn.microsoft.com/rest/api/managedidentity/user-assigned-identities/update
 */
export function updateManagedIdentity(
  model: ReadModel,
  request: IdentityPlace & Pick<IdentityRequest, "tags">,
): IdentityOutcome {
  const existing = requireManagedIdentity(model, request);
  if (request.tags !== undefined) checkTags(objectKind, request.tags);
  const identity: ManagedIdentity = { ...existing, tags: request.tags ?? existing.tags };
  return { changes: [put(objectKind, identity)], result: { identity, isNew: false } };
}

/**
 * Deletes an identity, whether it is there or not; its tokens are refused from then on.
 * @returns as result whether there was one.
 * @throws Refusal `resource-group-not-found`.
 */
export function deleteManagedIdentity(
  model: ReadModel,
  place: IdentityPlace,
): { readonly changes: readonly Change[]; readonly result: boolean } {
  requireResourceGroup(model, place.subscriptionId, place.resourceGroup);
  const identity = findManagedIdentity(model, place);
  return identity === undefined
    ? { changes: [], result: false }
    : { changes: removeManagedIdentity(model, identity), result: true };
}

function checkIdentityName(name: string): void {
  const why =
    name.length > maxIdentityNameLength
      ? "too-long"
      : name.length < minIdentityNameLength || !namePattern.test(name)
        ? "malformed"
        : undefined;
  if (why !== undefined)
    refuse({
      kind: "value-invalid",
      objectKind,
      property: "name",
      why,
      limit: maxIdentityNameLength,
      value: name.slice(0, 128),
    });
}

function requireLocation(given: string | undefined): string {
  if (given === undefined || given.trim() === "")
    return refuse({ kind: "value-invalid", objectKind, property: "location", why: "required" });
  return (
    findLocation(given) ??
    refuse({ kind: "value-invalid", objectKind, property: "location", why: "not-allowed", value: given.slice(0, 90) })
  );
}
