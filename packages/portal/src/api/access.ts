/** Roles and who holds them: Resource Manager's lists, with the directory's names beside the ids. */
import { arm, armAll, type RoleAssignment, type RoleDefinition } from "./arm.ts";
import { type DirectoryObject, graph } from "./graph.ts";
import { sendForJson } from "./http.ts";

const provider = "/providers/Microsoft.Authorization";

const roleLists = new Map<string, Promise<readonly RoleDefinition[]>>();

/** The roles that can be assigned at a scope, by name; kept until {@link forgetRoles}. */
export function listRoles(scope: string): Promise<readonly RoleDefinition[]> {
  const kept = roleLists.get(scope) ?? readRoles(scope);
  roleLists.set(scope, kept);
  kept.catch(() => roleLists.delete(scope));
  return kept;
}

async function readRoles(scope: string): Promise<readonly RoleDefinition[]> {
  const roles = await armAll<RoleDefinition>(`${scope}${provider}/roleDefinitions`, "authorization");
  return roles.sort((a, b) => a.properties.roleName.localeCompare(b.properties.roleName, "en"));
}

/** After a custom role was made or deleted. */
export function forgetRoles(): void {
  roleLists.clear();
}

/** @returns roles whose name, description, id or one of whose operations holds the words. */
export function filterRoles(roles: readonly RoleDefinition[], words: string): readonly RoleDefinition[] {
  const wanted = words.trim().toLowerCase();
  if (wanted === "") return roles;
  return roles.filter(({ name, properties: { roleName, description, permissions } }) => {
    const operations = permissions.flatMap(({ actions, dataActions }) => [...actions, ...dataActions]);
    return [roleName, description ?? "", name, ...operations].some((text) => text.toLowerCase().includes(wanted));
  });
}

/** The GUID a role is told by, whatever scope its id was written with. */
export function roleGuidOf(roleDefinitionId: string): string {
  return roleDefinitionId.split("/").at(-1)!.toLowerCase();
}

/** Assignments that count at a scope: made there or above. */
export function listAssignments(scope: string): Promise<RoleAssignment[]> {
  return armAll<RoleAssignment>(`${scope}${provider}/roleAssignments?$filter=atScope()`, "authorization");
}

/** The same of one principal, those of its groups among them. */
export function listAssignmentsOf(scope: string, principalId: string): Promise<RoleAssignment[]> {
  const filter = `$filter=atScope() and assignedTo('${principalId}')`;
  return armAll<RoleAssignment>(
    `${scope}${provider}/roleAssignments?${filter.replaceAll(" ", "%20")}`,
    "authorization",
  );
}

export type NewAssignment = {
  readonly roleDefinitionId: string;
  readonly principalId: string;
  readonly principalType: string;
  readonly condition?: string;
  readonly conditionVersion?: string;
  readonly description?: string;
};

export function createAssignment(scope: string, properties: NewAssignment): Promise<RoleAssignment> {
  const target = `${scope}${provider}/roleAssignments/${crypto.randomUUID()}`;
  return arm("PUT", target, "authorization", { properties });
}

export function deleteAssignment(assignmentId: string): Promise<void> {
  return arm("DELETE", assignmentId, "authorization");
}

export type DenyAssignment = {
  readonly id: string;
  readonly name: string;
  readonly properties: {
    readonly denyAssignmentName: string;
    readonly description: string | null;
    readonly scope: string;
    readonly principals: readonly { readonly id: string; readonly type: string }[];
    readonly excludePrincipals: readonly { readonly id: string; readonly type: string }[];
  };
};

export function listDenyAssignments(scope: string): Promise<DenyAssignment[]> {
  return armAll<DenyAssignment>(`${scope}${provider}/denyAssignments`, "denyAssignments");
}

/** A user, group or service principal, by what people call it. */
export type Principal = {
  readonly id: string;
  readonly displayName: string;
  /** Beside the name: a user name or an application's id. */
  readonly detail: string;
  readonly type: "User" | "Group" | "ServicePrincipal";
};

const typesByOdata: Readonly<Record<string, Principal["type"]>> = {
  "#microsoft.graph.user": "User",
  "#microsoft.graph.group": "Group",
  "#microsoft.graph.serviceprincipal": "ServicePrincipal",
};

export function principalOf(object: DirectoryObject, type = typeOf(object)): Principal {
  const { id, displayName, userPrincipalName, appId } = object;
  return { id, displayName: displayName ?? id, detail: userPrincipalName ?? appId ?? "", type };
}

function typeOf(object: DirectoryObject): Principal["type"] {
  return typesByOdata[object["@odata.type"].toLowerCase()] ?? "ServicePrincipal";
}

/** Ids Graph takes at once. @see https://learn.microsoft.com/graph/api/directoryobject-getbyids */
const maxIds = 1000;

/** The principals of some ids; those that are gone, or may not be seen, are not in it. */
export async function namePrincipals(ids: Iterable<string>): Promise<ReadonlyMap<string, Principal>> {
  const distinct = [...new Set(ids)];
  const found = new Map<string, Principal>();
  for (let start = 0; start < distinct.length; start += maxIds) {
    const part = distinct.slice(start, start + maxIds);
    const { value } = await graph<{ value: DirectoryObject[] }>("POST", "/directoryObjects/getByIds", { ids: part });
    for (const object of value) found.set(object.id, principalOf(object));
  }
  return found;
}

/** What the insight API says of one question about access. */
export type Explanation = {
  readonly decision:
    | { readonly isAllowed: true; readonly roleName: string; readonly scope: string; readonly assignmentId: string }
    | {
        readonly isAllowed: false;
        readonly reason: string;
        readonly nearest: readonly {
          readonly assignmentId: string;
          readonly roleName: string | null;
          readonly scope: string;
          readonly missing: string;
        }[];
      };
  readonly mending: readonly {
    readonly roleDefinitionId: string;
    readonly roleName: string;
    readonly scopes: readonly string[];
  }[];
};

/** Asks why somebody can or cannot do something. */
export function explain(principalId: string, operation: string, scope: string): Promise<Explanation> {
  const body = { principalId, operation, scope };
  return sendForJson<Explanation>("arm", "/postern/access/explain", { method: "POST", body });
}
