/** The user as Graph shows it: eleven properties by default, the rest when asked for. @see https://learn.microsoft.com/graph/api/resources/user */
import { securityIdentifierOf } from "../directory/security-identifier.ts";
import { profileChoiceNames, profileTextNames } from "../directory/user-profile.ts";
import type { User } from "../state/entities.ts";
import { type FilterField, ownedObjectsField, type Property, type ResourceType, renderTime } from "./resource-type.ts";

/** Profile texts among the eleven properties that are answered without being asked for. */
const defaultNames: readonly string[] = [
  "givenName",
  "jobTitle",
  "mobilePhone",
  "officeLocation",
  "preferredLanguage",
  "surname",
];

/** Filtered by default, and through the index only. @see https://learn.microsoft.com/graph/aad-advanced-queries#user-properties */
const plainTexts = [
  "ageGroup",
  "city",
  "consentProvidedForMinor",
  "country",
  "department",
  "employeeId",
  "onPremisesImmutableId",
  "state",
  "usageLocation",
] as const;
const indexedTexts = [
  "companyName",
  "employeeType",
  "faxNumber",
  "passwordPolicies",
  "postalCode",
  "streetAddress",
] as const;

export const userType: ResourceType<User> = {
  name: "user",
  set: "users",
  title: "User",
  keyOf: (row) => row.id,
  properties: [
    { name: "businessPhones", read: (row) => row.businessPhones },
    { name: "displayName", read: (row) => row.displayName },
    { name: "givenName", read: (row) => row.givenName },
    { name: "jobTitle", read: (row) => row.jobTitle },
    { name: "mail", read: (row) => row.mail },
    { name: "mobilePhone", read: (row) => row.mobilePhone },
    { name: "officeLocation", read: (row) => row.officeLocation },
    { name: "preferredLanguage", read: (row) => row.preferredLanguage },
    { name: "surname", read: (row) => row.surname },
    { name: "userPrincipalName", read: (row) => row.userPrincipalName },
    { name: "id", read: (row) => row.id },
    selected("accountEnabled", (row) => row.accountEnabled),
    selected("createdDateTime", (row) => renderTime(row.createdDateTime, false)),
    selected("creationType", () => null),
    selected("deletedDateTime", () => null),
    selected("identities", (row) => [
      {
        signInType: "userPrincipalName",
        issuer: row.userPrincipalName.slice(row.userPrincipalName.lastIndexOf("@") + 1),
        issuerAssignedId: row.userPrincipalName,
      },
    ]),
    selected("mailNickname", (row) => row.mailNickname),
    selected("onPremisesSyncEnabled", () => null),
    selected("otherMails", (row) => row.otherMails),
    ...profileTextNames
      .filter((name) => !defaultNames.includes(name))
      .map((name) => selected(name, (row) => row[name])),
    ...profileChoiceNames.map((name) => selected(name, (row) => row[name])),
    selected("employeeHireDate", (row) => row.employeeHireDate && renderTime(row.employeeHireDate, false)),
    selected("showInAddressList", (row) => row.showInAddressList),
    selected("usageLocation", (row) => row.usageLocation),
    selected("passwordProfile", ({ forceChangePasswordNextSignIn }) => ({
      password: null,
      forceChangePasswordNextSignIn,
      forceChangePasswordNextSignInWithMfa: false,
    })),
    selected("proxyAddresses", () => []),
    selected("securityIdentifier", (row) => securityIdentifierOf(row.id)),
    selected("signInSessionsValidFromDateTime", (row) => renderTime(row.signInSessionsValidFromDateTime, false)),
    selected("userType", () => "Member"),
  ],
  filters: {
    id: { kind: "identifier", read: (row) => row.id },
    userPrincipalName: { kind: "text", read: (row) => row.userPrincipalName, canEndWith: true },
    displayName: { kind: "text", read: (row) => row.displayName },
    givenName: { kind: "text", read: (row) => row.givenName },
    surname: { kind: "text", read: (row) => row.surname },
    mail: { kind: "text", read: (row) => row.mail, canEndWith: true },
    mailNickname: { kind: "text", read: (row) => row.mailNickname },
    jobTitle: { kind: "text", read: (row) => row.jobTitle },
    officeLocation: { kind: "text", read: (row) => row.officeLocation, isAdvanced: true },
    mobilePhone: { kind: "text", read: (row) => row.mobilePhone, isAdvanced: true },
    preferredLanguage: { kind: "text", read: (row) => row.preferredLanguage, isAdvanced: true },
    accountEnabled: { kind: "boolean", read: (row) => row.accountEnabled },
    userType: { kind: "text", read: () => "Member" },
    createdDateTime: { kind: "time", read: (row) => renderTime(row.createdDateTime, false), isAdvanced: true },
    ...Object.fromEntries(
      plainTexts.map((name): [string, FilterField<User>] => [name, { kind: "text", read: (row) => row[name] }]),
    ),
    ...Object.fromEntries(
      indexedTexts.map((name): [string, FilterField<User>] => [
        name,
        { kind: "text", read: (row) => row[name], isAdvanced: true },
      ]),
    ),
    employeeHireDate: { kind: "time", read: (row) => row.employeeHireDate, isAdvanced: true },
    showInAddressList: { kind: "boolean", read: (row) => row.showInAddressList, isAdvanced: true },
    businessPhones: { kind: "texts", read: (row) => row.businessPhones },
    otherMails: { kind: "texts", read: (row) => row.otherMails, canEndWith: true },
    proxyAddresses: { kind: "texts", read: () => [], canEndWith: true },
    ownedObjects: ownedObjectsField(),
  },
  indexes: {
    id: (model, value) => [model.users.get(value)].filter((row) => row !== undefined),
    userPrincipalName: (model, value) => model.users.find("userPrincipalName", value),
  },
  orderBy: [
    { name: "displayName", read: (row) => row.displayName },
    { name: "userPrincipalName", read: (row) => row.userPrincipalName },
    { name: "createdDateTime", read: (row) => row.createdDateTime, isAdvanced: true },
  ],
};

function selected(name: string, read: (row: User) => unknown): Property<User> {
  return { name, read, isSelectedOnly: true };
}
