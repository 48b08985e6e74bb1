/**
 * Rows as this release knows them: members that came after a row was written are filled in when it is read, so that a state folder of an
 * older release opens without a rewrite. Pure.
 */
import type { Change } from "./change.ts";
import type { Application, DeletedObject, ServicePrincipal, User } from "./entities.ts";

/** What an application has that says nothing about its sign-in, its API or its tokens. */
export const plainApplication = {
  isIdTokenIssuanceEnabled: false,
  logoutUrl: null,
  keyCredentials: [],
  oauth2PermissionScopes: [],
  preAuthorizedApplications: [],
  requestedAccessTokenVersion: null,
  optionalClaims: null,
  groupMembershipClaims: null,
} as const satisfies Partial<Application>;

/** The same for a service principal. */
export const plainServicePrincipal = { keyCredentials: [] } as const satisfies Partial<ServicePrincipal>;

/** What a person has that came with a later release: about their work and home, and whether their password is to be changed. */
export const plainUser = {
  ageGroup: null,
  city: null,
  companyName: null,
  consentProvidedForMinor: null,
  country: null,
  department: null,
  employeeHireDate: null,
  employeeId: null,
  employeeType: null,
  faxNumber: null,
  onPremisesImmutableId: null,
  otherMails: [],
  passwordPolicies: null,
  postalCode: null,
  showInAddressList: null,
  state: null,
  streetAddress: null,
  usageLocation: null,
  managerId: null,
  forceChangePasswordNextSignIn: false,
} as const satisfies Partial<User>;

/** Fills in what a row of an older release lacks. */
export function completeRow(change: Change): Change {
  if (change.op === "delete" || isComplete(change)) return change;
  switch (change.kind) {
    case "application":
      return { ...change, row: { ...plainApplication, ...change.row } };
    case "servicePrincipal":
      return { ...change, row: { ...plainServicePrincipal, ...change.row } };
    case "user":
      return { ...change, row: { ...plainUser, ...change.row } };
    case "deletedObject":
      return { ...change, row: { ...change.row, object: completeDeleted(change.row.object) } };
    default:
      return change;
  }
}

/** Whether there is nothing to fill in: a start reads very many rows, and most were written by this release. */
function isComplete({ kind, row }: Change & { readonly op: "put" }): boolean {
  if (kind === "servicePrincipal") return hasAll(row, plainServicePrincipal);
  if (kind === "application") return hasAll(row, plainApplication);
  return kind === "user" && hasAll(row, plainUser);
}

function hasAll(row: object, members: object): boolean {
  for (const name in members) if (!(name in row)) return false;
  return true;
}

function completeDeleted(object: DeletedObject["object"]): DeletedObject["object"] {
  const completed = completeRow({ op: "put", kind: object.kind, row: object.row } as Change);
  return completed.op === "put" ? ({ kind: object.kind, row: completed.row } as DeletedObject["object"]) : object;
}
