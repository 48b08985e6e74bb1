/**
 * What an application asks a person for, and what of it the person (or an administrator) has not yet allowed.
 * @see https://learn.microsoft.com/entra/identity-platform/permissions-consent-overview
 */
import { consentedScopes } from "../directory/consent.ts";
import { type DelegatedScope, publishedScopes } from "../directory/delegated-scopes.ts";
import { firstPartyAppIds } from "../state/first-party.ts";
import type { AppId, UserObjectId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import type { Resource } from "../tokens/audiences.ts";
import { delegatedPermissions } from "../tokens/delegated-permissions.ts";
import type { Client } from "./client.ts";
import { refuse } from "./fault.ts";
import type { UserScope } from "./requested-resource.ts";

export type AskedScope = DelegatedScope & { readonly resourceAppId: AppId };

/**
 * @returns every permission that the request comes down to; none for Microsoft's own clients, which nobody need consent to.
 * @throws EntraRefusal `scope-invalid` for one that the resource does not publish, `resource-not-listed` when all is asked of a resource of which
 * the application's registration names nothing.
 */
export function askedScopes(model: ReadModel, client: Client, scope: UserScope): readonly AskedScope[] {
  if (client.isFirstParty) {
    checkFirstParty(client, scope);
    return [];
  }
  const openId = published(model, [firstPartyAppIds.microsoftGraph]).filter(({ value }) => scope.openId.has(value));
  const asked = scope.isDefault ? listedScopes(model, client, scope.resource) : namedScopes(model, scope);
  const all = [...openId, ...asked];
  return all.filter((one, index) => all.findIndex(({ id }) => id === one.id) === index);
}

/** What Microsoft's own clients may do is settled; nobody can consent to more. */
function checkFirstParty({ appId, displayName }: Client, { resource, permissions }: UserScope): void {
  const held = new Set(delegatedPermissions(appId, resource).map((permission) => permission.toLowerCase()));
  const isHeld = held.size > 0 && permissions.every((permission) => held.has(permission.toLowerCase()));
  if (!isHeld) refuse({ kind: "consent-missing", appId, appName: displayName });
}

function namedScopes(model: ReadModel, scope: UserScope): AskedScope[] {
  const known = published(model, appIdsOf(scope.resource));
  return scope.permissions.map((permission) => {
    const folded = permission.toLowerCase();
    return (
      known.find(({ value }) => value.toLowerCase() === folded) ?? refuse({ kind: "scope-invalid", scope: permission })
    );
  });
}

/** `.default`: what the registration lists for the resource, and what was consented to before. */
function listedScopes(model: ReadModel, client: Client, resource: Resource): AskedScope[] {
  const { appId, displayName } = client;
  const required = model.applications.findOne("appId", appId)?.requiredResourceAccess ?? [];
  const ids = new Set(appIdsOf(resource).flatMap((resourceAppId) => listedIds(required, resourceAppId)));
  const scopes = published(model, appIdsOf(resource)).filter(({ id }) => ids.has(id));
  if (scopes.length > 0 || hasConsent(model, appId, resource)) return scopes;
  const { audience, appId: resourceAppId } = resource;
  if (resource.kind === "graph") return refuse({ kind: "graph-not-listed", appId });
  const listed = listedResources(required).join(", ");
  const names = { appId, appName: displayName, resource: audience, resourceAppId, listed };
  return refuse({ kind: "resource-not-listed", ...names });
}

/** The shape was checked when the application was written. */
type Access = { resourceAppId: string; resourceAccess: { id: string; type: string }[] };

function listedResources(required: readonly unknown[]): string[] {
  return (required as readonly Access[]).map(({ resourceAppId }) => resourceAppId);
}

function listedIds(required: readonly unknown[], resourceAppId: AppId): string[] {
  return (required as readonly Access[])
    .filter((access) => access.resourceAppId.toLowerCase() === resourceAppId)
    .flatMap(({ resourceAccess }) => resourceAccess)
    .filter(({ type }) => type === "Scope")
    .map(({ id }) => id.toLowerCase());
}

function hasConsent(model: ReadModel, clientId: AppId, resource: Resource): boolean {
  const client = model.servicePrincipals.findOne("appId", clientId);
  const resources = appIdsOf(resource).map((appId) => model.servicePrincipals.findOne("appId", appId)?.id);
  const grants = client === undefined ? [] : model.oauth2PermissionGrants.find("clientId", client.id);
  return grants.some(({ resourceId }) => resources.includes(resourceId));
}

/** @returns what of it nobody who may has allowed the client for this person. */
export function missingConsent(
  model: ReadModel,
  clientId: AppId,
  userId: UserObjectId,
  asked: readonly AskedScope[],
): readonly AskedScope[] {
  return asked.filter(({ resourceAppId, value, id }) => {
    if (isPreAuthorized(model, resourceAppId, clientId, id)) return false;
    return !consentedScopes(model, clientId, resourceAppId, userId).has(value.toLowerCase());
  });
}

/** The resource's owner may have said that this client needs nobody's consent. */
function isPreAuthorized(model: ReadModel, resourceAppId: AppId, clientId: AppId, scopeId: string): boolean {
  const trusted = model.applications.findOne("appId", resourceAppId)?.preAuthorizedApplications ?? [];
  return trusted.some(
    ({ appId, delegatedPermissionIds }) => appId === clientId && delegatedPermissionIds.some((id) => id === scopeId),
  );
}

function published(model: ReadModel, appIds: readonly AppId[]): AskedScope[] {
  return appIds.flatMap((resourceAppId) =>
    publishedScopes(model, resourceAppId).map((scope) => ({ ...scope, resourceAppId })),
  );
}

/** This server itself is Resource Manager and Graph at once. */
function appIdsOf(resource: Resource): readonly AppId[] {
  return resource.kind === "own-origin" ? [resource.appId, firstPartyAppIds.microsoftGraph] : [resource.appId];
}
