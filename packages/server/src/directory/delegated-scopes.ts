/**
 * The delegated permissions resources publish: what a person can be asked to let an application do. Pure.
 * @see https://learn.microsoft.com/entra/identity-platform/permissions-consent-overview
 */
import { firstPartyAppIds } from "../state/first-party.ts";
import type { AppId, Guid } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { graphScopes } from "./microsoft-graph.ts";

export type DelegatedScope = {
  readonly id: Guid;
  readonly value: string;
  /** What the consent page says. */
  readonly displayName: string;
  /** Only an administrator may consent to it. */
  readonly needsAdministrator: boolean;
};

/** The OpenID scopes; consents to them are kept with Microsoft Graph, as Entra does. */
const openIdScopes: readonly DelegatedScope[] = [
  scope("37f7f235-527c-4136-accd-4a02d197296e", "openid", "Sign you in"),
  scope("14dad69e-099b-42c9-810b-d002981feec1", "profile", "View your basic profile"),
  scope("64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0", "email", "View your email address"),
  scope("7427e0e9-2fba-42fe-b0c0-848c9e6a8182", "offline_access", "Keep the access you have given it"),
];

/** Permissions of Graph that concern the person alone. @see https://learn.microsoft.com/graph/permissions-reference */
const forAnyone: ReadonlySet<string> = new Set(["User.Read", "User.ReadBasic.All"]);

const published: ReadonlyMap<AppId, readonly DelegatedScope[]> = new Map([
  [
    firstPartyAppIds.microsoftGraph,
    [...openIdScopes, ...graphScopes.map((one) => ({ ...one, needsAdministrator: !forAnyone.has(one.value) }))],
  ],
  [
    firstPartyAppIds.azureResourceManager,
    [scope("41094075-9dad-400e-a0bd-54e686782033", "user_impersonation", "Access Azure Resource Manager as you")],
  ],
  [
    firstPartyAppIds.azureStorage,
    [scope("03e0da56-190b-40ad-a80c-ea378c433f7f", "user_impersonation", "Access Azure Storage as you")],
  ],
]);

/** @returns what can be asked for at a resource; empty for one that publishes nothing. */
export function publishedScopes(model: ReadModel, resourceAppId: AppId): readonly DelegatedScope[] {
  const fixed = published.get(resourceAppId);
  if (fixed !== undefined) return fixed;
  const scopes = model.applications.findOne("appId", resourceAppId)?.oauth2PermissionScopes ?? [];
  return scopes
    .filter(({ isEnabled }) => isEnabled)
    .map(({ id, value, type, userConsentDisplayName, adminConsentDisplayName }) => ({
      id,
      value,
      displayName: userConsentDisplayName ?? adminConsentDisplayName,
      needsAdministrator: type === "Admin",
    }));
}

function scope(id: string, value: string, displayName: string): DelegatedScope {
  return { id: id as Guid, value, displayName, needsAdministrator: false };
}
