/**
 * What an application asks an administrator for, and whether this person is the administrator who may give it.
 * @see https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent#prerequisites
 */
import { createHash } from "node:crypto";
import { consentActions, type RequiredPermissions, requiredPermissions } from "../../directory/admin-consent.ts";
import { offeredAppRoles } from "../../directory/app-role-assignment.ts";
import { publishedScopes } from "../../directory/delegated-scopes.ts";
import { mayAct } from "../../directory/permissions.ts";
import type { User } from "../../state/entities.ts";
import type { AppId } from "../../state/identifiers.ts";
import type { ReadModel } from "../../state/read-model.ts";
import { resourceNameOf } from "../../tokens/audiences.ts";
import type { Client } from "../client.ts";
import { askedScopes } from "../consent.ts";
import { refuse } from "../fault.ts";
import { openIdNames, readUserScope } from "../requested-resource.ts";
import { type AdminConsentRequest, formOf } from "../sign-in/flow.ts";
import type { SignInAttempt } from "../sign-in-attempt.ts";
import type { Visit } from "../visit.ts";

/** @throws EntraRefusal `graph-not-listed` when it comes to nothing, `scope-invalid` and the like for scopes that there are not. */
export function readAskedPermissions(
  visit: Visit,
  client: Client,
  { dialect, scope }: AdminConsentRequest,
  attempt: SignInAttempt,
): readonly RequiredPermissions[] {
  const { model } = visit.cloud;
  const named =
    dialect === "v2" ? readUserScope(visit, formOf({ scope, resource: null }), dialect, attempt) : undefined;
  if (named !== undefined && !named.isDefault) return groupByResource(model, askedScopes(model, client, named));
  const application = model.applications.findOne("appId", client.appId);
  const listed = application === undefined ? [] : requiredPermissions(model, application);
  const asked = listed.filter(({ scopes, appRoleIds }) => scopes.length > 0 || appRoleIds.length > 0);
  return asked.length > 0 ? asked : refuse({ kind: "graph-not-listed", appId: client.appId });
}

function groupByResource(
  model: ReadModel,
  scopes: readonly { readonly resourceAppId: AppId; readonly value: string }[],
): readonly RequiredPermissions[] {
  return [...Map.groupBy(scopes, ({ resourceAppId }) => resourceAppId)].map(([appId, those]) => {
    const resource = model.servicePrincipals.findOne("appId", appId);
    if (resource === undefined)
      refuse({ kind: "resource-not-enabled", resource: appId, tenant: model.tenant.displayName });
    return { resource, scopes: those.map(({ value }) => value), appRoleIds: [] };
  });
}

/** @throws EntraRefusal `consent-needs-administrator` when some of it is not the person's to give. */
export function needRightToConsent(
  model: ReadModel,
  user: User,
  { appId, displayName: appName }: Client,
  asked: readonly RequiredPermissions[],
): void {
  // On our own pages a person acts as themselves, in everything.
  const person = { principalId: user.id, kind: "user", scopes: ["Directory.AccessAsUser.All"], roles: [] } as const;
  const isAllowed = consentActions(model, appId, asked).every((action) => mayAct(model, person, action, undefined));
  if (!isAllowed) refuse({ kind: "consent-needs-administrator", appId, appName });
}

/** One line of the page: what people read, and the permission's name. */
export type PermissionText = { readonly displayName: string; readonly value: string };

/** The same in words, for the page. */
export function describePermissions(
  model: ReadModel,
  asked: readonly RequiredPermissions[],
): { readonly delegated: readonly PermissionText[]; readonly application: readonly PermissionText[] } {
  return {
    delegated: asked.flatMap(({ resource, scopes }) =>
      publishedScopes(model, resource.appId).filter(({ value }) => scopes.includes(value)),
    ),
    application: asked.flatMap(({ resource, appRoleIds }) =>
      offeredAppRoles(model, resource)
        .filter(({ id }) => appRoleIds.includes(id))
        .map(({ displayName, value }) => ({ displayName, value: value ?? "" })),
    ),
  };
}

/** The same in short, to tell whether what is accepted is still what the page listed. */
export function digestPermissions(asked: readonly RequiredPermissions[]): string {
  const all = asked.map(({ resource, scopes, appRoleIds }) => [
    resource.id,
    [...scopes].sort(),
    [...appRoleIds].sort(),
  ]);
  return createHash("sha256").update(JSON.stringify(all)).digest("base64url");
}

/** What v2 tells the application that it was given: permissions by their whole names, and `.default` where it acts as itself. */
export function scopeTextOf(model: ReadModel, asked: readonly RequiredPermissions[]): string {
  return asked
    .flatMap(({ resource, scopes, appRoleIds }) => {
      const name = resourceNameOf(model, resource.appId);
      return [...scopes, ...(appRoleIds.length > 0 ? [".default"] : [])].map((scope) =>
        openIdNames.has(scope) ? scope : `${name}/${scope}`,
      );
    })
    .join(" ");
}
