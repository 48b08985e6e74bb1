/**
 * The rules of applications (app registrations): what one may look like, how it is made, changed and deleted. Pure.
 *
 * Owns: `application` rows. Spec: https://learn.microsoft.com/graph/api/resources/application
 */
import { type Change, put, remove } from "../state/change.ts";
import type { Application } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { AppId, ApplicationObjectId, Guid, PrincipalId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { plainApplication } from "../state/row-completion.ts";
import { checkApi, checkScopesDisabledBeforeRemoved } from "./application-api.ts";
import { checkAppRoles, checkRequiredResourceAccess } from "./application-permissions.ts";
import { checkApplicationSize } from "./application-size.ts";
import { checkIdentifierUris, checkLogoutUrl, checkRedirectUris } from "./application-uris.ts";
import { keepPasswords } from "./credential.ts";
import { throwAway } from "./deleted-object.ts";
import { type KeyRequest, replaceKeys } from "./key-credential.ts";
import { maxApplicationNameLength, maxDescriptionLength, maxLinkLength } from "./limits.ts";
import { checkName, checkOptional, checkQuota, checkTags, existing, type Outcome } from "./values.ts";

const objectKind = "application";

/** The properties of an application that its owner writes. */
export type ApplicationProperties = Omit<
  Application,
  "id" | "appId" | "createdDateTime" | "passwordCredentials" | "keyCredentials"
>;

const signInAudiences: readonly string[] = [
  "AzureADMyOrg",
  "AzureADMultipleOrgs",
  "AzureADandPersonalMicrosoftAccount",
  "PersonalMicrosoftAccount",
];

/** An application of which nothing was said but its name: no credential, no address, no API. */
export const applicationDefaults: Omit<Application, "id" | "appId" | "displayName" | "createdDateTime"> = {
  ...plainApplication,
  description: null,
  // What Graph has answered since 2024; it was AzureADandPersonalMicrosoftAccount before.
  signInAudience: "AzureADMyOrg",
  identifierUris: [],
  webRedirectUris: [],
  spaRedirectUris: [],
  publicClientRedirectUris: [],
  isFallbackPublicClient: null,
  homePageUrl: null,
  notes: null,
  tags: [],
  appRoles: [],
  requiredResourceAccess: [],
  passwordCredentials: [],
};

/** What a request says of the credentials of an application beside its properties; undefined for what it does not mention. */
export type CredentialChange = {
  /** The secrets to keep; the others go. New ones cannot be made this way. */
  readonly keptKeyIds?: readonly Guid[] | undefined;
  /** The certificates it is to have. */
  readonly keys?: readonly KeyRequest[] | undefined;
};

/**
 * Makes an application; names need not be unique.
 * @param by the ids it gets; `ownerId` is the creator when it becomes the owner, as a signed-in user does.
 * @throws Refusal `value-invalid`, `value-taken` (an identifier URI), `limit-reached`.
 * @see https://learn.microsoft.com/graph/api/application-post-applications
 */
export function createApplication(
  model: ReadModel,
  properties: Partial<ApplicationProperties>,
  by: { readonly id: ApplicationObjectId; readonly appId: AppId; readonly now: Date; readonly ownerId?: PrincipalId },
  keys: readonly KeyRequest[] = [],
): Outcome<Application> {
  checkQuota(model, objectKind);
  const isForPersonal = /Personal/.test(properties.signInAudience ?? "");
  const row = checkApplication(model, {
    ...applicationDefaults,
    displayName: "",
    // Personal accounts know version 2 only, so a new application for them has it without asking.
    ...(isForPersonal ? { requestedAccessTokenVersion: 2 as const } : {}),
    ...properties,
    id: by.id,
    appId: by.appId,
    createdDateTime: by.now.toISOString(),
    keyCredentials: replaceKeys(objectKind, [], keys),
  });
  const changes: Change[] = [put("application", row)];
  if (by.ownerId !== undefined) changes.push(put("owner", { ownedId: row.id, ownerId: by.ownerId }));
  return { changes, result: row };
}

/**
 * Changes what is given and leaves the rest; the service principal follows the application's name, as in Entra.
 * App roles that go take their assignments with them.
 * @throws Refusal `object-not-found`, `value-invalid`, `value-taken`.
 * @see https://learn.microsoft.com/graph/api/application-update
 */
export function updateApplication(
  model: ReadModel,
  id: ApplicationObjectId,
  properties: Partial<ApplicationProperties>,
  { keptKeyIds, keys }: CredentialChange = {},
): Outcome<Application> {
  const before = existing(objectKind, model.applications.get(id), id);
  const passwordCredentials =
    keptKeyIds === undefined
      ? before.passwordCredentials
      : keepPasswords(objectKind, before.passwordCredentials, keptKeyIds);
  const keyCredentials =
    keys === undefined ? before.keyCredentials : replaceKeys(objectKind, before.keyCredentials, keys);
  const row = checkApplication(model, { ...before, ...properties, passwordCredentials, keyCredentials });
  checkDisabledBeforeRemoved(before, row);
  checkScopesDisabledBeforeRemoved(before, row);
  const changes: Change[] = [put("application", row)];
  const servicePrincipal = model.servicePrincipals.findOne("appId", row.appId);
  if (servicePrincipal !== undefined && servicePrincipal.displayName !== row.displayName)
    changes.push(put("servicePrincipal", { ...servicePrincipal, displayName: row.displayName }));
  const roleIds = new Set(row.appRoles.map((role) => role.id));
  const goneIds = new Set(before.appRoles.map((role) => role.id).filter((roleId) => !roleIds.has(roleId)));
  for (const held of model.appRoleAssignments.find("resourceId", servicePrincipal?.id ?? ""))
    if (goneIds.has(held.appRoleId)) changes.push(remove("appRoleAssignment", held.id));
  return { changes, result: row };
}

/**
 * Deletes an application and, as Entra does, its service principal with it; both go to the bin. Azure role assignments of that principal stay behind and show as
 * those of an unknown identity.
 * @throws Refusal `object-not-found`.
 * @see https://learn.microsoft.com/graph/api/application-delete
 */
export function deleteApplication(model: ReadModel, id: ApplicationObjectId, now: Date): Outcome<Application> {
  const row = existing(objectKind, model.applications.get(id), id);
  const changes = throwAway(model, { kind: objectKind, row }, now);
  for (const servicePrincipal of model.servicePrincipals.find("appId", row.appId))
    changes.push(...throwAway(model, { kind: "servicePrincipal", row: servicePrincipal }, now));
  return { changes, result: row };
}

/** Checks every property of an application as it would be after the change. */
function checkApplication(model: ReadModel, row: Application): Application {
  const at = (property: string) => ({ objectKind, property }) as const;
  if (!signInAudiences.includes(row.signInAudience))
    refuse({ kind: "value-invalid", ...at("signInAudience"), why: "malformed" });
  checkIdentifierUris(model, row);
  checkRedirectUris(row);
  checkLogoutUrl(row);
  checkAppRoles(row.appRoles);
  checkApi(row);
  checkRequiredResourceAccess(row.requiredResourceAccess);
  checkTags(at("tags"), row.tags);
  checkOptional(at("description"), row.description, maxDescriptionLength);
  checkOptional(at("notes"), row.notes, maxDescriptionLength);
  checkOptional(at("homePageUrl"), row.homePageUrl, maxLinkLength);
  checkApplicationSize(row);
  return { ...row, displayName: checkName(at("displayName"), row.displayName, maxApplicationNameLength) };
}

/** An enabled app role must be disabled in one update before another can take it away: tokens may carry it. */
function checkDisabledBeforeRemoved(before: Application, after: Application): void {
  const kept = new Set(after.appRoles.map((role) => role.id));
  if (before.appRoles.some((role) => role.isEnabled && !kept.has(role.id)))
    refuse({ kind: "value-invalid", objectKind, property: "appRoles", why: "not-allowed" });
}
