/** The end of a managed identity: it, its principal, its federated credentials and the roles assigned at it go in one change. */
import { removeManagedIdentityPrincipal } from "../directory/managed-identity-principal.ts";
import { type Change, remove } from "../state/change.ts";
import { keyOf, type ManagedIdentity } from "../state/entities.ts";
import type { ReadModel } from "../state/read-model.ts";
import { removeAssignmentsAtOrBelow, scopeOfManagedIdentity } from "./scopes.ts";

export function removeManagedIdentity(model: ReadModel, identity: ManagedIdentity): Change[] {
  return [
    remove("managedIdentity", keyOf.managedIdentity(identity)),
    ...removeManagedIdentityPrincipal(model, identity.principalId),
    ...removeAssignmentsAtOrBelow(model, scopeOfManagedIdentity(identity)),
  ];
}
