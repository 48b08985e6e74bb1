/**
 * The rules of service principals: an application's presence in the tenant, the thing roles are assigned to. Pure.
 *
 * Owns: `servicePrincipal` rows. Spec: https://learn.microsoft.com/graph/api/resources/serviceprincipal
 */
import { type Change, put } from "../state/change.ts";
import type { ServicePrincipal } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { AppId, PrincipalId, ServicePrincipalObjectId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { plainServicePrincipal } from "../state/row-completion.ts";
import type { CredentialChange } from "./application.ts";
import { keepPasswords } from "./credential.ts";
import { throwAway } from "./deleted-object.ts";
import { keepGlobalAdministrator } from "./directory-role.ts";
import { replaceKeys } from "./key-credential.ts";
import { maxDescriptionLength } from "./limits.ts";
import { isFirstParty, refuseForeignPrincipal, refuseManagedIdentity } from "./managed-identity-principal.ts";
import { checkOptional, checkQuota, checkTags, existing, type Outcome } from "./values.ts";

const objectKind = "servicePrincipal";

/** The properties of a service principal that its owner writes. */
export type ServicePrincipalProperties = Pick<
  ServicePrincipal,
  "accountEnabled" | "appRoleAssignmentRequired" | "tags" | "notes"
>;

/** The service principal of an application of which nothing else was said. */
export const servicePrincipalDefaults = {
  ...plainServicePrincipal,
  accountEnabled: true,
  servicePrincipalType: "Application",
  appRoleAssignmentRequired: false,
  tags: [],
  notes: null,
  alternativeServicePrincipalNames: [],
  passwordCredentials: [],
} as const satisfies Partial<ServicePrincipal>;

/**
 * Makes the service principal of an application of this tenant; it takes the application's name.
 * @throws Refusal `reference-not-found` (no such appId), `value-taken` (there is one already), `value-invalid`, `limit-reached`.
 * @see https://learn.microsoft.com/graph/api/serviceprincipal-post-serviceprincipals
 */
export function createServicePrincipal(
  model: ReadModel,
  appId: AppId,
  properties: Partial<ServicePrincipalProperties>,
  by: { readonly id: ServicePrincipalObjectId; readonly now: Date; readonly ownerId?: PrincipalId },
): Outcome<ServicePrincipal> {
  checkQuota(model, objectKind);
  if (model.servicePrincipals.findOne("appId", appId) !== undefined)
    refuse({ kind: "value-taken", objectKind, property: "servicePrincipalNames", value: appId });
  const application = model.applications.findOne("appId", appId);
  if (application === undefined)
    refuse({ kind: "reference-not-found", objectKind: "application", property: "appId", id: appId });
  const row = checkServicePrincipal({
    ...servicePrincipalDefaults,
    ...properties,
    id: by.id,
    appId,
    displayName: application.displayName,
    createdDateTime: by.now.toISOString(),
    appOwnerOrganizationId: model.tenant.tenantId,
  });
  const changes: Change[] = [put(objectKind, row)];
  if (by.ownerId !== undefined) changes.push(put("owner", { ownedId: row.id, ownerId: by.ownerId }));
  return { changes, result: row };
}

/**
 * Changes what is given and leaves the rest.
 * @throws Refusal `object-not-found`, `value-invalid`.
 * @see https://learn.microsoft.com/graph/api/serviceprincipal-update
 */
export function updateServicePrincipal(
  model: ReadModel,
  id: ServicePrincipalObjectId,
  properties: Partial<ServicePrincipalProperties>,
  { keptKeyIds, keys }: CredentialChange = {},
): Outcome<ServicePrincipal> {
  const before = existing(objectKind, model.servicePrincipals.get(id), id);
  if (before.accountEnabled && properties.accountEnabled === false) keepGlobalAdministrator(model, id);
  const passwordCredentials =
    keptKeyIds === undefined
      ? before.passwordCredentials
      : keepPasswords(objectKind, before.passwordCredentials, keptKeyIds);
  if (keys !== undefined) refuseForeignPrincipal(before);
  const keyCredentials =
    keys === undefined ? before.keyCredentials : replaceKeys(objectKind, before.keyCredentials, keys);
  const row = checkServicePrincipal({ ...before, ...properties, passwordCredentials, keyCredentials });
  return { changes: [put(objectKind, row)], result: row };
}

/**
 * Deletes a service principal; its application stays.
 * @throws Refusal `object-not-found`; `value-invalid` `not-allowed` for Microsoft's own, which every sign-in needs,
 * and for a managed identity's, which goes with the identity.
 * @see https://learn.microsoft.com/graph/api/serviceprincipal-delete
 */
export function deleteServicePrincipal(
  model: ReadModel,
  id: ServicePrincipalObjectId,
  now: Date,
): Outcome<ServicePrincipal> {
  const row = existing(objectKind, model.servicePrincipals.get(id), id);
  if (isFirstParty(row)) refuse({ kind: "value-invalid", objectKind, property: "appId", why: "not-allowed" });
  refuseManagedIdentity(row);
  return { changes: throwAway(model, { kind: objectKind, row }, now), result: row };
}

function checkServicePrincipal(row: ServicePrincipal): ServicePrincipal {
  checkTags({ objectKind, property: "tags" }, row.tags);
  checkOptional({ objectKind, property: "notes" }, row.notes, maxDescriptionLength);
  return row;
}
