/**
 * What of an access token depends on the resource it is for: its version, and the roles, groups and optional claims the resource asks for.
 * Read from the directory; claims.ts puts it into words.
 * @see https://learn.microsoft.com/entra/identity-platform/optional-claims
 */
import { heldRoleValues } from "../directory/app-role-assignment.ts";
import { readGroupKinds } from "../directory/application-api.ts";
import type { Application, OptionalClaim, ServicePrincipal, User } from "../state/entities.ts";
import { firstPartyAppIds } from "../state/first-party.ts";
import type { Guid, PrincipalId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import type { Resource } from "./audiences.ts";
import type { TokenForm } from "./signer.ts";

type Claims = Readonly<Record<string, unknown>>;

export type TokenContent = {
  readonly version: TokenForm;
  readonly audience: string;
  /** Values of the app roles the subject holds at the resource. */
  readonly roles: readonly string[];
  /** `idtyp` is said of itself for Microsoft's resources, for others when they ask. */
  readonly isKindShown: boolean;
  /** `wids` likewise. */
  readonly areDirectoryRolesShown: boolean;
  /** Groups and optional claims. */
  readonly extra: Claims;
};

/** Groups a token names at most; with more it says where to ask for them. @see https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference#groups-overage-claim */
export const maxGroupsInToken = 200;
/** The same for a token in the fragment of an address: from six on it says `hasgroups`. @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference#payload-claims */
export const maxGroupsInAddress = 5;

/** The content of a token of an application itself. */
export function contentForApp(model: ReadModel, principal: ServicePrincipal, resource: Resource): TokenContent {
  const application = applicationOf(model, resource);
  const asked = application?.optionalClaims?.accessToken ?? [];
  return {
    ...shape(resource, application, asked),
    roles: rolesAt(model, principal.id, resource),
    extra: pick(asked, { tenant_region_scope: "WW" }),
  };
}

/** The content of a token on behalf of a person. @param signedInAt seconds since 1970. */
export function contentForUser(
  model: ReadModel,
  user: User,
  resource: Resource,
  signedInAt: number | undefined,
): TokenContent {
  const application = applicationOf(model, resource);
  const asked = application?.optionalClaims?.accessToken ?? [];
  const named = groupClaims(model, user, application, asked);
  const { groups, roles } = rolesAndGroups(rolesAt(model, user.id, resource), asked, named);
  const extra = { ...groups, ...pick(asked, personalClaims(user, signedInAt)) };
  return { ...shape(resource, application, asked), roles, extra };
}

/** How a person came by an id token. */
export type IdTokenSetting = {
  /** Seconds since 1970. */
  readonly signedInAt: number | undefined;
  /** The browser's session. */
  readonly sid?: string | undefined;
  /** Whether the token comes by way of the address bar. */
  readonly isInAddress?: boolean;
};

/** What an application asks to have in id tokens beside the usual claims: roles at itself, groups, optional claims. */
export function idTokenExtras(
  model: ReadModel,
  user: User,
  appId: Resource["appId"],
  { signedInAt, sid, isInAddress = false }: IdTokenSetting,
): Claims {
  const application = model.applications.findOne("appId", appId);
  const principal = model.servicePrincipals.findOne("appId", appId);
  if (application === undefined || principal === undefined) return {};
  const asked = application.optionalClaims?.idToken ?? [];
  const named = groupClaims(model, user, application, asked, isInAddress);
  const { groups, roles } = rolesAndGroups(heldRoleValues(model, user.id, principal), asked, named);
  return {
    ...groups,
    ...pick(asked, { ...personalClaims(user, signedInAt), sid }),
    ...(roles.length === 0 ? {} : { roles }),
    ...(showsDirectoryRoles(application) ? { wids: directoryRolesOf(model, user.id) } : {}),
  };
}

function shape(
  resource: Resource,
  application: Application | undefined,
  asked: readonly OptionalClaim[],
): Omit<TokenContent, "roles" | "extra"> {
  const isSecond = resource.kind === "token-exchange" || application?.requestedAccessTokenVersion === 2;
  const version = isSecond ? "2.0" : "1.0";
  const isGuidAsked = asked.some(({ name, additionalProperties }) => {
    return name === "aud" && additionalProperties.includes("use_guid");
  });
  return {
    version,
    audience: version === "2.0" || isGuidAsked ? resource.appId : resource.audience,
    isKindShown: application === undefined || asked.some(({ name }) => name === "idtyp"),
    areDirectoryRolesShown: application === undefined || showsDirectoryRoles(application),
  };
}

function applicationOf(model: ReadModel, { kind, appId }: Resource): Application | undefined {
  return kind === "application" ? model.applications.findOne("appId", appId) : undefined;
}

function rolesAt(model: ReadModel, principalId: PrincipalId, { kind, appId }: Resource): readonly string[] {
  // The server's own name stands for Resource Manager and Graph; only Graph has roles.
  const resourceAppId = kind === "own-origin" ? firstPartyAppIds.microsoftGraph : appId;
  const principal = model.servicePrincipals.findOne("appId", resourceAppId);
  return principal === undefined ? [] : heldRoleValues(model, principalId, principal);
}

/** Every claim that can be asked for about a person; those that say nothing are left out. */
function personalClaims(user: User, signedInAt: number | undefined): Claims {
  return {
    acct: 0, // a member of the tenant; there are no guests here
    auth_time: signedInAt,
    // Said only when it is a country's two letters. @see https://learn.microsoft.com/entra/identity-platform/optional-claims-reference
    ctry: /^[A-Z]{2}$/i.test(user.country ?? "") ? user.country : null,
    email: user.mail,
    family_name: user.surname,
    given_name: user.givenName,
    // What the authorization endpoint takes as `login_hint`.
    login_hint: user.userPrincipalName,
    preferred_username: user.userPrincipalName,
    tenant_region_scope: "WW",
    upn: user.userPrincipalName,
    verified_primary_email: user.mail === null ? null : [user.mail],
    verified_secondary_email: user.otherMails.length === 0 ? null : user.otherMails,
    xms_pl: user.preferredLanguage,
  };
}

function pick(asked: readonly OptionalClaim[], known: Claims): Claims {
  const names = new Set(asked.map(({ name }) => name));
  const picked = Object.entries(known).filter(
    ([name, value]) => names.has(name) && value !== null && value !== undefined,
  );
  return Object.fromEntries(picked);
}

/** What the optional claim `groups` says of how groups are told. @see https://learn.microsoft.com/entra/identity-platform/optional-claims#configure-groups-optional-claims */
function isAskedOfGroups(asked: readonly OptionalClaim[], property: string): boolean {
  return asked.some(({ name, additionalProperties }) => name === "groups" && additionalProperties.includes(property));
}

/** An application may have its groups in the place of its roles; where they are too many for the token, its roles stay. */
function rolesAndGroups(
  roles: readonly string[],
  asked: readonly OptionalClaim[],
  groups: Claims,
): { readonly roles: readonly string[]; readonly groups: Claims } {
  const names = isAskedOfGroups(asked, "emit_as_roles") ? groups.groups : undefined;
  return Array.isArray(names) ? { roles: names, groups: {} } : { roles, groups };
}

function showsDirectoryRoles({ groupMembershipClaims }: Application): boolean {
  return readGroupKinds(groupMembershipClaims).has("DirectoryRole");
}

function directoryRolesOf(model: ReadModel, principalId: PrincipalId): Guid[] {
  return model.directoryRoleAssignments.find("principalId", principalId).map(({ roleTemplateId }) => roleTemplateId);
}

/** `groups`, or where to ask for them when they are too many; by way of the address bar, only that there are some. */
function groupClaims(
  model: ReadModel,
  user: User,
  application: Application | undefined,
  asked: readonly OptionalClaim[],
  isInAddress = false,
): Claims {
  const kinds = readGroupKinds(application?.groupMembershipClaims ?? null);
  const isAll = kinds.has("SecurityGroup");
  const isAssigned = !isAll && kinds.has("ApplicationGroup");
  const assigned = () => (isAssigned ? groupsAssignedTo(model, user, application!) : []);
  const groupIds: readonly string[] = isAll ? model.transitiveGroupIds(user.id) : assigned();
  if (groupIds.length === 0) return {};
  if (isInAddress && groupIds.length > maxGroupsInAddress) return { hasgroups: true };
  if (groupIds.length <= maxGroupsInToken) {
    // Names are not unique: only of groups that an administrator picked for the application.
    const isByName = isAssigned && isAskedOfGroups(asked, "cloud_displayname");
    const nameOf = (id: string) => (isByName ? model.groups.get(id)?.displayName : undefined) ?? id;
    return { groups: groupIds.map(nameOf).sort() };
  }
  // Where Entra's tokens point to this day; clients take the question to Microsoft Graph.
  const endpoint = `https://graph.windows.net/${model.tenant.tenantId}/users/${user.id}/getMemberObjects`;
  return { _claim_names: { groups: "src1" }, _claim_sources: { src1: { endpoint } } };
}

/** The person's own groups that the application was assigned to. */
function groupsAssignedTo(model: ReadModel, user: User, { appId }: Application): string[] {
  const principal = model.servicePrincipals.findOne("appId", appId);
  const assigned = new Set<string>(
    model.appRoleAssignments.find("resourceId", principal?.id ?? "").map(({ principalId }) => principalId),
  );
  return model.groupMembers
    .find("memberId", user.id)
    .map(({ groupId }) => groupId)
    .filter((groupId) => assigned.has(groupId));
}
