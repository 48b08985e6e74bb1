/**
 * Consents: which applications may act for which people, and who may say so. Pure.
 *
 * Owns: `oauth2PermissionGrant` rows as far as people make them on the consent page.
 * @see https://learn.microsoft.com/entra/identity/enterprise-apps/user-admin-consent-overview
 */
import { put } from "../state/change.ts";
import type { OAuth2PermissionGrant } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import { directoryRoleTemplateIds } from "../state/first-party.ts";
import type { AppId, Guid, UserObjectId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { publishedScopes } from "./delegated-scopes.ts";
import type { Outcome } from "./values.ts";

/** Roles that may consent for themselves and everyone. @see https://learn.microsoft.com/entra/identity/role-based-access-control/delegate-by-task */
const consentingRoles: readonly Guid[] = [
  directoryRoleTemplateIds.globalAdministrator,
  directoryRoleTemplateIds.applicationAdministrator,
  directoryRoleTemplateIds.cloudApplicationAdministrator,
];

/** Whether a person may consent to what needs an administrator, and for the whole tenant. */
export function canConsentForAll(model: ReadModel, userId: UserObjectId): boolean {
  return model.directoryRoleAssignments
    .find("principalId", userId)
    .some(({ roleTemplateId }) => consentingRoles.includes(roleTemplateId));
}

/** @returns in lower case, the permissions of a resource that an application was given for this person or for everyone. */
export function consentedScopes(
  model: ReadModel,
  clientId: AppId,
  resourceAppId: AppId,
  userId: UserObjectId,
): ReadonlySet<string> {
  const client = model.servicePrincipals.findOne("appId", clientId);
  const resource = model.servicePrincipals.findOne("appId", resourceAppId);
  if (client === undefined || resource === undefined) return new Set();
  const rows = model.oauth2PermissionGrants
    .find("clientId", client.id)
    .filter((row) => row.resourceId === resource.id && (row.principalId === null || row.principalId === userId));
  return new Set(rows.flatMap((row) => row.scopes.map((scope) => scope.toLowerCase())));
}

export type Consent = {
  readonly clientId: AppId;
  readonly resourceAppId: AppId;
  readonly userId: UserObjectId;
  readonly isForAll: boolean;
  readonly scopes: readonly string[];
  /** Of the row, should there be none yet. */
  readonly id: Guid;
};

/**
 * Keeps a person's consent, adding to what was consented before.
 * @throws Refusal `value-invalid` `not-allowed` for a permission that is not the person's to give, `object-not-found`.
 */
export function giveConsent(model: ReadModel, consent: Consent): Outcome<OAuth2PermissionGrant> {
  const { userId, isForAll, scopes } = consent;
  const client = principalOf(model, consent.clientId);
  const resource = principalOf(model, consent.resourceAppId);
  const published = publishedScopes(model, consent.resourceAppId);
  const known = scopes.map((scope) => published.find(({ value }) => value === scope));
  const needsAdministrator = isForAll || known.some((scope) => scope === undefined || scope.needsAdministrator);
  if (needsAdministrator && !canConsentForAll(model, userId)) {
    refuse({ kind: "value-invalid", objectKind: "oauth2PermissionGrant", property: "scope", why: "not-allowed" });
  }
  const principalId = isForAll ? null : userId;
  const before = model.oauth2PermissionGrants
    .find("clientId", client.id)
    .find((row) => row.resourceId === resource.id && row.principalId === principalId);
  const row: OAuth2PermissionGrant = {
    id: before?.id ?? consent.id,
    clientId: client.id,
    consentType: isForAll ? "AllPrincipals" : "Principal",
    principalId,
    resourceId: resource.id,
    scopes: [...new Set([...(before?.scopes ?? []), ...scopes])],
  };
  return { changes: [put("oauth2PermissionGrant", row)], result: row };
}

function principalOf(model: ReadModel, appId: AppId) {
  return (
    model.servicePrincipals.findOne("appId", appId) ??
    refuse({ kind: "object-not-found", objectKind: "servicePrincipal", id: appId })
  );
}
