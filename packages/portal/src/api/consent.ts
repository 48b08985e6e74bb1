/** What applications ask for, by name, and what of it is granted; granting all of it for everyone. */
import {
  type Application,
  findServicePrincipal,
  graph,
  graphAll,
  type ResourceAccess,
  type ServicePrincipal,
} from "./graph.ts";

export type Permission = {
  readonly key: string;
  readonly resourceAppId: string;
  readonly id: string;
  readonly kind: "Scope" | "Role";
  /** undefined when the API publishes it no more. */
  readonly value: string | undefined;
  readonly description: string;
  readonly apiName: string;
  readonly isGranted: boolean;
};

type Grant = { readonly id: string; readonly resourceId: string; readonly consentType: string; readonly scope: string };
type RoleGrant = { readonly id: string; readonly resourceId: string; readonly appRoleId: string };

/** An application's permissions with what is granted to it. */
export type Permissions = {
  readonly list: readonly Permission[];
  readonly principal: ServicePrincipal | undefined;
  readonly apis: ReadonlyMap<string, ServicePrincipal>;
  readonly grants: readonly Grant[];
  readonly roleGrants: readonly RoleGrant[];
};

export async function loadPermissions(app: Application): Promise<Permissions> {
  const [principal, apis] = await Promise.all([findServicePrincipal(app.appId), loadApis(app.requiredResourceAccess)]);
  const base = principal && `/servicePrincipals/${principal.id}`;
  const [grants, roleGrants] =
    base === undefined
      ? [[], []]
      : await Promise.all([
          graphAll<Grant>(`${base}/oauth2PermissionGrants`),
          graphAll<RoleGrant>(`${base}/appRoleAssignments`),
        ]);
  const list = app.requiredResourceAccess.flatMap(({ resourceAppId, resourceAccess }) =>
    resourceAccess.map(({ id, type }) =>
      describe(resourceAppId, id, type, apis.get(resourceAppId), grants, roleGrants),
    ),
  );
  return { list, principal, apis, grants, roleGrants };
}

async function loadApis(required: readonly ResourceAccess[]): Promise<ReadonlyMap<string, ServicePrincipal>> {
  const found = await Promise.all(required.map(({ resourceAppId }) => findServicePrincipal(resourceAppId)));
  return new Map(found.flatMap((api) => (api === undefined ? [] : [[api.appId, api]])));
}

function describe(
  resourceAppId: string,
  id: string,
  kind: "Scope" | "Role",
  api: ServicePrincipal | undefined,
  grants: readonly Grant[],
  roleGrants: readonly RoleGrant[],
): Permission {
  const scope = kind === "Scope" ? api?.oauth2PermissionScopes.find((one) => one.id === id) : undefined;
  const role = kind === "Role" ? api?.appRoles.find((one) => one.id === id) : undefined;
  const isGranted =
    kind === "Scope"
      ? grants.some((grant) => isForAll(grant, api) && grant.scope.split(" ").includes(scope?.value ?? ""))
      : roleGrants.some(({ resourceId, appRoleId }) => resourceId === api?.id && appRoleId === id);
  return {
    key: `${resourceAppId} ${kind} ${id}`,
    resourceAppId,
    id,
    kind,
    value: scope?.value ?? role?.value ?? undefined,
    description: scope?.adminConsentDisplayName ?? role?.displayName ?? "",
    apiName: api?.displayName ?? resourceAppId,
    isGranted,
  };
}

function isForAll({ resourceId, consentType }: Grant, api: ServicePrincipal | undefined): boolean {
  return resourceId === api?.id && consentType === "AllPrincipals";
}

/** Writes the whole list of what an application asks for. */
export function setPermissions(app: Application, requiredResourceAccess: readonly ResourceAccess[]): Promise<void> {
  return graph("PATCH", `/applications/${app.id}`, { requiredResourceAccess });
}

/** The list without one permission; an API of which nothing is left goes, too. */
export function withoutPermission(
  required: readonly ResourceAccess[],
  { resourceAppId, id, kind }: Permission,
): ResourceAccess[] {
  return required
    .map((access) => {
      if (access.resourceAppId !== resourceAppId) return access;
      return { ...access, resourceAccess: access.resourceAccess.filter((one) => one.id !== id || one.type !== kind) };
    })
    .filter(({ resourceAccess }) => resourceAccess.length > 0);
}

/** The list with more permissions of one API; what is there already stays once. */
export function withPermissions(
  required: readonly ResourceAccess[],
  resourceAppId: string,
  added: ResourceAccess["resourceAccess"],
): ResourceAccess[] {
  const present = required.find((access) => access.resourceAppId === resourceAppId)?.resourceAccess ?? [];
  const isNew = ({ id, type }: { id: string; type: string }) =>
    !present.some((one) => one.id === id && one.type === type);
  const others = required.filter((access) => access.resourceAppId !== resourceAppId);
  return [...others, { resourceAppId, resourceAccess: [...present, ...added.filter(isNew)] }];
}

/** Grants, for everyone, all that is asked for and not granted yet. */
export async function grantAll({ list, principal, apis, grants }: Permissions): Promise<void> {
  if (principal === undefined) return;
  const missing = list.filter(({ isGranted, value }) => !isGranted && value !== undefined);
  for (const [appId, permissions] of Map.groupBy(missing, ({ resourceAppId }) => resourceAppId)) {
    const api = apis.get(appId);
    if (api === undefined) continue;
    const scopes = permissions.filter(({ kind }) => kind === "Scope").map(({ value }) => value!);
    const present = grants.find((grant) => isForAll(grant, api));
    if (scopes.length > 0) await grantScopes(principal.id, api.id, present, scopes);
    for (const { id } of permissions.filter(({ kind }) => kind === "Role")) {
      const body = { principalId: principal.id, resourceId: api.id, appRoleId: id };
      await graph("POST", `/servicePrincipals/${principal.id}/appRoleAssignments`, body);
    }
  }
}

function grantScopes(clientId: string, resourceId: string, present: Grant | undefined, scopes: readonly string[]) {
  if (present === undefined) {
    const body = { clientId, consentType: "AllPrincipals", resourceId, scope: scopes.join(" ") };
    return graph("POST", "/oauth2PermissionGrants", body);
  }
  const scope = [...new Set([...present.scope.split(" "), ...scopes])].join(" ").trim();
  return graph("PATCH", `/oauth2PermissionGrants/${present.id}`, { scope });
}
