/**
 * What an application says of its API and its tokens: the delegated permissions it publishes, the clients it trusts, the version and the
 * extra claims of its tokens. Shape and consistency. Pure.
 * @see https://learn.microsoft.com/graph/api/resources/apiapplication
 */
import type { Application, OptionalClaims } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import { isGuid } from "../state/identifiers.ts";
import {
  maxDescriptionLength,
  maxOptionalClaims,
  maxScopeNameLength,
  maxScopeValueLength,
  maxTagLength,
} from "./limits.ts";
import { checkLength, checkName, checkOptional } from "./values.ts";

const at = (property: string) => ({ objectKind: "application", property }) as const;
const scopesAt = at("oauth2PermissionScopes");

/** Characters of a permission's value: an entry of a token's `scp`, which blanks part. @see https://learn.microsoft.com/graph/api/resources/permissionscope */
const scopeValuePattern = /^[A-Za-z0-9:!#$%&'()*+,\-./;<=>?@[\]^_`{|}~]+$/;

/** @throws Refusal `value-invalid`, `limit-reached`. */
export function checkApi(row: Application): void {
  checkScopes(row);
  checkPreAuthorizedApplications(row);
  checkTokenVersion(row);
  if (row.optionalClaims !== null) checkOptionalClaims(row.optionalClaims);
  checkGroupMembershipClaims(row.groupMembershipClaims);
}

/** An enabled permission must be disabled in one update before another can take it away: tokens may carry it. */
export function checkScopesDisabledBeforeRemoved(before: Application, after: Application): void {
  const kept = new Set(after.oauth2PermissionScopes.map(({ id }) => id));
  if (before.oauth2PermissionScopes.some(({ id, isEnabled }) => isEnabled && !kept.has(id)))
    refuse({ kind: "value-invalid", ...scopesAt, why: "not-allowed" });
}

function checkScopes({ oauth2PermissionScopes, appRoles }: Application): void {
  const seen = new Set<string>(appRoles.map(({ id }) => id));
  for (const scope of oauth2PermissionScopes) {
    checkName(scopesAt, scope.adminConsentDisplayName, maxScopeNameLength);
    checkName(scopesAt, scope.adminConsentDescription, maxDescriptionLength);
    checkOptional(scopesAt, scope.userConsentDisplayName, maxScopeNameLength);
    checkOptional(scopesAt, scope.userConsentDescription, maxDescriptionLength);
    checkLength(scopesAt, scope.value, maxScopeValueLength);
    const isFine =
      isGuid(scope.id) &&
      scopeValuePattern.test(scope.value) &&
      !scope.value.startsWith(".") &&
      (scope.type === "User" || scope.type === "Admin");
    const keys = [scope.id, `value ${scope.value.toLowerCase()}`];
    if (!isFine || keys.some((key) => seen.has(key))) refuse({ kind: "value-invalid", ...scopesAt, why: "malformed" });
    for (const key of keys) seen.add(key);
  }
}

function checkPreAuthorizedApplications({ preAuthorizedApplications, oauth2PermissionScopes }: Application): void {
  const published = new Set(oauth2PermissionScopes.map(({ id }) => id));
  const seen = new Set<string>();
  for (const { appId, delegatedPermissionIds } of preAuthorizedApplications) {
    if (seen.has(appId) || delegatedPermissionIds.some((id) => !published.has(id)))
      refuse({ kind: "value-invalid", ...at("preAuthorizedApplications"), why: "malformed" });
    seen.add(appId);
  }
}

/** Personal accounts get version 2.0 only. @see https://learn.microsoft.com/entra/identity-platform/supported-accounts-validation */
function checkTokenVersion({ requestedAccessTokenVersion, signInAudience }: Application): void {
  const isForPersonal = /Personal/.test(signInAudience);
  if (isForPersonal && requestedAccessTokenVersion !== 2)
    refuse({ kind: "value-invalid", ...at("api.requestedAccessTokenVersion"), why: "malformed" });
}

function checkOptionalClaims(claims: OptionalClaims): void {
  for (const kind of ["idToken", "accessToken", "saml2Token"] as const) {
    const where = at(`optionalClaims/${kind}`);
    const list = claims[kind];
    if (list.length > maxOptionalClaims) refuse({ kind: "limit-reached", ...where, limit: maxOptionalClaims });
    for (const { name, source, additionalProperties } of list) {
      checkName(where, name, maxTagLength);
      checkOptional(where, source, maxTagLength);
      if (additionalProperties.length > maxOptionalClaims)
        refuse({ kind: "limit-reached", ...where, limit: maxOptionalClaims });
      for (const property of additionalProperties) checkName(where, property, maxTagLength);
    }
  }
}

const groupKinds: readonly string[] = ["SecurityGroup", "ApplicationGroup", "DirectoryRole"];

/** The kinds of groups that a `groupMembershipClaims` asks for; `All` is every kind, none for `None` and null. */
export function readGroupKinds(claims: string | null): ReadonlySet<string> {
  const kinds = (claims ?? "").split(",").map((kind) => kind.trim());
  if (kinds.includes("All")) return new Set(groupKinds);
  return new Set(kinds.filter((kind) => groupKinds.includes(kind)));
}

/** @see https://learn.microsoft.com/graph/api/resources/application#properties */
function checkGroupMembershipClaims(claims: string | null): void {
  if (claims === null || claims === "None" || claims === "All") return;
  const kinds = claims.split(",").map((kind) => kind.trim());
  if (!kinds.every((kind) => groupKinds.includes(kind)) || new Set(kinds).size !== kinds.length)
    refuse({ kind: "value-invalid", ...at("groupMembershipClaims"), why: "malformed" });
}
