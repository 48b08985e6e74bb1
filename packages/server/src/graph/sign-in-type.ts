/** A recorded sign-in as Graph shows it. @see https://learn.microsoft.com/graph/api/resources/signin */
import type { SignInRecord } from "../observe/records.ts";
import type { Principal, ReadModel } from "../state/read-model.ts";
import { always, type ReadAt, type ResourceType } from "./resource-type.ts";

/** Grants at which a person was there and did something; at the others a program acted for them. */
const interactiveGrants: readonly string[] = [
  "authorize",
  "authorization_code",
  "sign-in page",
  "device_code (page)",
  "password",
];

type EventType = "interactiveUser" | "nonInteractiveUser" | "servicePrincipal" | "managedIdentity";

function eventTypeOf({ grant, userPrincipalName }: SignInRecord): EventType {
  if (grant === "managed_identity") return "managedIdentity";
  if (grant === "client_credentials") return "servicePrincipal";
  if (interactiveGrants.includes(grant)) return "interactiveUser";
  return userPrincipalName === "" ? "servicePrincipal" : "nonInteractiveUser";
}

function isPerson(row: SignInRecord): boolean {
  const type = eventTypeOf(row);
  return type === "interactiveUser" || type === "nonInteractiveUser";
}

function principalOf(row: SignInRecord, model: ReadModel): Principal | undefined {
  return row.principalId === "" ? undefined : model.principal(row.principalId);
}

/** The service principal that signed in, or that somebody tried to be. */
function servicePrincipalOf({ principalId, appId }: SignInRecord, { model }: ReadAt) {
  return principalId === ""
    ? model.servicePrincipals.findOne("appId", appId)
    : model.servicePrincipals.get(principalId);
}

/** The resource's service principal, found by the name the token was asked for. */
function resourceOf({ resource }: SignInRecord, model: ReadModel) {
  const name = resource.toLowerCase();
  return model.servicePrincipalsNamed(name)[0] ?? model.servicePrincipalsNamed(name.replace(/\/$/, ""))[0];
}

/** The application's name, as it is now. */
function appNameOf({ appId }: SignInRecord, { model }: ReadAt): string | null {
  return appId === "" ? null : (model.servicePrincipals.findOne("appId", appId)?.displayName ?? null);
}

const orNull = (text: string): string | null => (text === "" ? null : text);
const forPeople = (read: (row: SignInRecord, at: ReadAt) => string | null) => (row: SignInRecord, at: ReadAt) =>
  isPerson(row) ? read(row, at) : null;
const forApps = (read: (row: SignInRecord, at: ReadAt) => string | null) => (row: SignInRecord, at: ReadAt) =>
  isPerson(row) ? null : read(row, at);

const userId = forPeople((row) => orNull(row.principalId));
const userPrincipalName = forPeople((row) => orNull(row.userPrincipalName));
const userDisplayName = forPeople((row, { model }) => principalOf(row, model)?.row.displayName ?? null);
const servicePrincipalId = forApps((row, at) => orNull(row.principalId) ?? servicePrincipalOf(row, at)?.id ?? null);
const servicePrincipalName = forApps((row, at) => servicePrincipalOf(row, at)?.displayName ?? null);
const resourceDisplayName = (row: SignInRecord, { model }: ReadAt) =>
  resourceOf(row, model)?.displayName ?? orNull(row.resource);
const resourceId = (row: SignInRecord, { model }: ReadAt) => resourceOf(row, model)?.appId ?? null;
const eventTypes = (row: SignInRecord) => [eventTypeOf(row)];

export const signInType: ResourceType<SignInRecord> = {
  name: "signIn",
  set: "auditLogs/signIns",
  title: "SignIn",
  keyOf: (row) => row.requestId,
  isOutsideDirectory: true,
  properties: [
    { name: "id", read: (row) => row.requestId },
    { name: "createdDateTime", read: (row) => row.time },
    { name: "userDisplayName", read: userDisplayName },
    { name: "userPrincipalName", read: userPrincipalName },
    { name: "userId", read: userId },
    { name: "appId", read: (row) => orNull(row.appId) },
    { name: "appDisplayName", read: appNameOf },
    // Addresses and programs are not recorded: every client of this cloud is on the operator's own machine.
    always("ipAddress", null),
    always("clientAppUsed", null),
    { name: "correlationId", read: (row) => row.correlationId },
    always("conditionalAccessStatus", "notApplied"),
    { name: "isInteractive", read: (row) => eventTypeOf(row) === "interactiveUser" },
    always("riskDetail", "none"),
    always("riskLevelAggregated", "none"),
    always("riskLevelDuringSignIn", "none"),
    always("riskState", "none"),
    always("riskEventTypes", []),
    always("riskEventTypes_v2", []),
    { name: "resourceDisplayName", read: resourceDisplayName },
    { name: "resourceId", read: resourceId },
    { name: "servicePrincipalId", read: servicePrincipalId },
    { name: "servicePrincipalName", read: servicePrincipalName },
    { name: "servicePrincipalCredentialKeyId", read: (row) => orNull(row.credentialKeyId) },
    { name: "signInEventTypes", read: eventTypes },
    { name: "authenticationProtocol", read: (row) => orNull(row.grant) },
    { name: "status", read: renderStatus },
    always("deviceDetail", null),
    always("location", null),
    always("appliedConditionalAccessPolicies", []),
  ],
  filters: {
    id: { kind: "text", read: (row) => row.requestId },
    createdDateTime: { kind: "time", read: (row) => row.time },
    userDisplayName: { kind: "text", read: userDisplayName },
    userPrincipalName: { kind: "text", read: userPrincipalName },
    userId: { kind: "text", read: userId },
    appId: { kind: "text", read: (row) => orNull(row.appId) },
    appDisplayName: { kind: "text", read: appNameOf },
    correlationId: { kind: "text", read: (row) => row.correlationId },
    isInteractive: { kind: "boolean", read: (row) => eventTypeOf(row) === "interactiveUser" },
    resourceDisplayName: { kind: "text", read: resourceDisplayName },
    resourceId: { kind: "text", read: resourceId },
    servicePrincipalId: { kind: "text", read: servicePrincipalId },
    servicePrincipalName: { kind: "text", read: servicePrincipalName },
    servicePrincipalCredentialKeyId: { kind: "text", read: (row) => orNull(row.credentialKeyId) },
    signInEventTypes: { kind: "texts", read: eventTypes },
    "status/errorCode": { kind: "number", read: (row) => row.errorCode },
  },
  indexes: {},
  orderBy: [{ name: "createdDateTime", read: (row) => row.time }],
  order: { read: (row) => row.time },
};

function renderStatus({ errorCode }: SignInRecord): Readonly<Record<string, unknown>> {
  return {
    errorCode,
    failureReason: errorCode === 0 ? "Other." : `AADSTS${errorCode}`,
    additionalDetails: null,
  };
}
