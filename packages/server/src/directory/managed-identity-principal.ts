/**
 * The service principals of managed identities: they come and go with the Azure resource, have no application, and nobody can give them
 * a secret. Pure. Spec: https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview
 */
import { type Change, put, remove } from "../state/change.ts";
import type { ServicePrincipal } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { AppId, ServicePrincipalObjectId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { plainServicePrincipal } from "../state/row-completion.ts";
import { removeTraces } from "./traces.ts";
import { checkQuota } from "./values.ts";

const objectKind = "servicePrincipal";

/** Makes the principal. @throws Refusal `limit-reached`. */
export function createManagedIdentityPrincipal(
  model: ReadModel,
  made: {
    readonly id: ServicePrincipalObjectId;
    readonly appId: AppId;
    readonly displayName: string;
    readonly now: Date;
  },
): Change {
  checkQuota(model, objectKind);
  const row: ServicePrincipal = {
    id: made.id,
    appId: made.appId,
    displayName: made.displayName,
    accountEnabled: true,
    servicePrincipalType: "ManagedIdentity",
    createdDateTime: made.now.toISOString(),
    appRoleAssignmentRequired: false,
    appOwnerOrganizationId: null,
    tags: [],
    notes: null,
    alternativeServicePrincipalNames: [],
    passwordCredentials: [],
    ...plainServicePrincipal,
  };
  return put(objectKind, row);
}

/** The removals of the principal and of all that names it in the directory; Azure's role assignments stay, as with any deleted principal. */
export function removeManagedIdentityPrincipal(model: ReadModel, id: ServicePrincipalObjectId): Change[] {
  return [remove(objectKind, id), ...removeTraces(model, id)];
}

/** Whether the principal is of an application of Microsoft's own, which this tenant cannot change. */
export function isFirstParty(row: ServicePrincipal): boolean {
  return row.appOwnerOrganizationId === null && row.servicePrincipalType === "Application";
}

/**
 * To be asked before a service principal is given a credential: nobody here may sign in as one of Microsoft's own applications, or as a managed
 * identity.
 * @throws Refusal `value-invalid` `not-allowed`.
 */
export function refuseForeignPrincipal(row: ServicePrincipal): void {
  refuseManagedIdentity(row);
  if (isFirstParty(row))
    refuse({ kind: "value-invalid", objectKind, property: "appOwnerOrganizationId", why: "not-allowed" });
}

/**
 * To be asked before a service principal is deleted or given a credential by hand: that of a managed identity is Azure's to manage.
 * @throws Refusal `value-invalid` `not-allowed`.
 */
export function refuseManagedIdentity(row: ServicePrincipal): void {
  if (row.servicePrincipalType === "ManagedIdentity")
    refuse({ kind: "value-invalid", objectKind, property: "servicePrincipalType", why: "not-allowed" });
}
