/**
 * Consents as administrators write them: which delegated permissions an application has at a resource, for one person or for everyone. Pure.
 * What people consent to on the sign-in page is consent.ts's; the rows are the same.
 *
 * Owns: `oauth2PermissionGrant` rows. Spec: https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant
 */
import { put, remove } from "../state/change.ts";
import type { OAuth2PermissionGrant } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { Guid, ServicePrincipalObjectId, UserObjectId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { maxGrantedScopes, maxScopeValueLength } from "./limits.ts";
import { checkLength, existing, type Outcome } from "./values.ts";

const objectKind = "oauth2PermissionGrant";
const at = (property: string) => ({ objectKind, property }) as const;

export type GrantRequest = {
  readonly clientId: string;
  readonly consentType: string;
  readonly principalId: string | null;
  readonly resourceId: string;
  /** Permissions parted by blanks. */
  readonly scope: string;
};

/**
 * Grants permissions where none were granted yet.
 * @throws Refusal `reference-not-found`, `value-invalid`, `value-taken` (there is a grant for the three already).
 * @see https://learn.microsoft.com/graph/api/oauth2permissiongrant-post
 */
export function createGrant(model: ReadModel, request: GrantRequest, id: Guid): Outcome<OAuth2PermissionGrant> {
  const client = principalOf(model, "clientId", request.clientId);
  const resource = principalOf(model, "resourceId", request.resourceId);
  const { consentType } = request;
  if (consentType !== "AllPrincipals" && consentType !== "Principal")
    refuse({ kind: "value-invalid", ...at("consentType"), why: "malformed" });
  const isForOne = consentType === "Principal";
  if (isForOne !== (request.principalId !== null))
    refuse({ kind: "value-invalid", ...at("principalId"), why: isForOne ? "required" : "not-allowed" });
  const principalId = request.principalId as UserObjectId | null;
  if (principalId !== null && !model.users.has(principalId))
    refuse({ kind: "reference-not-found", ...at("principalId"), id: principalId });
  if (findGrant(model, client, resource, principalId) !== undefined)
    refuse({ kind: "value-taken", ...at("clientId"), value: client });
  const row: OAuth2PermissionGrant = {
    id,
    clientId: client,
    consentType,
    principalId,
    resourceId: resource,
    scopes: readScopes(request.scope),
  };
  return { changes: [put(objectKind, row)], result: row };
}

/** Replaces the permissions of a grant. @throws Refusal `object-not-found`, `value-invalid`. */
export function updateGrant(model: ReadModel, id: Guid, scope: string): Outcome<OAuth2PermissionGrant> {
  const before = existing(objectKind, model.oauth2PermissionGrants.get(id), id);
  const row = { ...before, scopes: readScopes(scope) };
  return { changes: [put(objectKind, row)], result: row };
}

/** @throws Refusal `object-not-found`. */
export function deleteGrant(model: ReadModel, id: Guid): Outcome<OAuth2PermissionGrant> {
  const row = existing(objectKind, model.oauth2PermissionGrants.get(id), id);
  return { changes: [remove(objectKind, id)], result: row };
}

/** The one grant there can be of a client at a resource, for that person or (null) for everyone. */
export function findGrant(
  model: ReadModel,
  clientId: ServicePrincipalObjectId,
  resourceId: ServicePrincipalObjectId,
  principalId: UserObjectId | null,
): OAuth2PermissionGrant | undefined {
  return model.oauth2PermissionGrants
    .find("clientId", clientId)
    .find((row) => row.resourceId === resourceId && row.principalId === principalId);
}

function principalOf(model: ReadModel, property: string, id: string): ServicePrincipalObjectId {
  return model.servicePrincipals.get(id)?.id ?? refuse({ kind: "reference-not-found", ...at(property), id });
}

/** Names are not checked against what the resource publishes: Entra does not, and one that is not published grants nothing. */
function readScopes(text: string): readonly string[] {
  const scopes = [...new Set(text.split(" ").filter((scope) => scope !== ""))];
  if (scopes.length > maxGrantedScopes) refuse({ kind: "limit-reached", ...at("scope"), limit: maxGrantedScopes });
  for (const scope of scopes) {
    checkLength(at("scope"), scope, maxScopeValueLength);
    if (!/^[\x21-\x7e]+$/.test(scope)) refuse({ kind: "value-invalid", ...at("scope"), why: "malformed" });
  }
  return scopes;
}
