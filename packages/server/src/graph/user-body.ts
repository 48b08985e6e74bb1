/** Reads the body of a user's POST or PATCH. @see https://learn.microsoft.com/graph/api/resources/user#properties */
import type { UserProperties } from "../directory/user.ts";
import {
  type ProfileChoice,
  type ProfileText,
  profileChoiceNames,
  profileChoices,
  profileTextNames,
} from "../directory/user-profile.ts";
import { refuseGraph } from "./graph-fault.ts";
import { definedOnly, type JsonMembers } from "./json-members.ts";

const otherMembers = {
  readOnly: [
    "id",
    "createdDateTime",
    "creationType",
    "deletedDateTime",
    "externalUserState",
    "imAddresses",
    "isResourceAccount",
    "lastPasswordChangeDateTime",
    "legalAgeGroupClassification",
    "licenseAssignmentStates",
    "onPremisesSyncEnabled",
    "proxyAddresses",
    "securityIdentifier",
    "signInActivity",
    "signInSessionsValidFromDateTime",
  ],
  absent: [
    "aboutMe",
    "assignedLicenses",
    "assignedPlans",
    "birthday",
    "customSecurityAttributes",
    "employeeLeaveDateTime",
    "employeeOrgData",
    "hireDate",
    "identities",
    "interests",
    "mySite",
    "onPremisesExtensionAttributes",
    "pastProjects",
    "preferredDataLocation",
    "preferredName",
    "provisionedPlans",
    "responsibilities",
    "schools",
    "skills",
  ],
} as const;

export type UserBody = { readonly properties: Partial<UserProperties>; readonly password: string | undefined };

/**
 * Reads the properties that are there; what may be in them is the rule's to say.
 * @throws GraphRefusal for members that are wrong, unknown, computed or not implemented.
 */
export function readUser(members: JsonMembers): UserBody {
  const { password, forceChangePasswordNextSignIn } = readPasswordProfile(members);
  readUserType(members);
  const properties = definedOnly<Omit<UserProperties, "passwordHash" | "managerId" | ProfileText | ProfileChoice>>({
    accountEnabled: members.flag("accountEnabled"),
    displayName: members.text("displayName"),
    forceChangePasswordNextSignIn,
    userPrincipalName: members.text("userPrincipalName"),
    mailNickname: members.text("mailNickname"),
    mail: members.optionalText("mail"),
    businessPhones: members.texts("businessPhones"),
    employeeHireDate: readDate(members, "employeeHireDate"),
    otherMails: members.texts("otherMails"),
    showInAddressList: members.optionalFlag("showInAddressList"),
    usageLocation: upperCase(members.optionalText("usageLocation")),
  });
  const texts = profileTextNames.map((name) => [name, members.optionalText(name)] as const);
  const choices = profileChoiceNames.map((name) => [name, readChoice(members, name)] as const);
  members.finish(otherMembers);
  const profile = Object.fromEntries([...texts, ...choices].filter(([, value]) => value !== undefined));
  return { properties: { ...properties, ...profile }, password };
}

/** @see https://learn.microsoft.com/graph/api/resources/passwordprofile */
function readPasswordProfile(members: JsonMembers) {
  const profile = members.object("passwordProfile");
  const password = profile?.text("password");
  const isForced = profile?.flag("forceChangePasswordNextSignIn");
  // There is no second factor to ask for.
  profile?.finish({ readOnly: [], absent: ["forceChangePasswordNextSignInWithMfa"] });
  // A new password about which nothing is said is its owner's to keep.
  return { password, forceChangePasswordNextSignIn: isForced ?? (password === undefined ? undefined : false) };
}

/** Everybody here is a member of the tenant. */
function readUserType(members: JsonMembers): void {
  const type = members.optionalText("userType") ?? "Member";
  if (type.toLowerCase() === "guest") refuseGraph({ kind: "absent", what: "guests" });
  if (type.toLowerCase() !== "member") members.refuse("userType");
}

function upperCase(text: string | null | undefined): string | null | undefined {
  return typeof text === "string" ? text.toUpperCase() : text;
}

function readDate(members: JsonMembers, name: string): string | null | undefined {
  if (!members.has(name)) return undefined;
  return members.time(name)?.toISOString() ?? null;
}

/** One of a few words, in their own spelling. */
function readChoice(members: JsonMembers, name: ProfileChoice): string | null | undefined {
  const given = members.optionalText(name);
  if (given === null || given === undefined) return given;
  if (name === "passwordPolicies" && /disablestrongpassword/i.test(given))
    refuseGraph({ kind: "absent", what: "the password policy DisableStrongPassword" });
  const known: readonly string[] = profileChoices[name];
  return known.find((choice) => choice.toLowerCase() === given.toLowerCase()) ?? members.refuse(name);
}
