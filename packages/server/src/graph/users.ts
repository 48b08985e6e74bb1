/** Operations on users. @see https://learn.microsoft.com/graph/api/resources/user */

import { checkPassword } from "../directory/password-rules.ts";
import { hashPassword } from "../directory/passwords.ts";
import { mayAct } from "../directory/permissions.ts";
import { createUser, deleteUser, type UserProperties, updateUser } from "../directory/user.ts";
import type { UserObjectId } from "../state/identifiers.ts";
import type { Reply } from "../wire/exchange.ts";
import { answerCollection, answerCreated, answerObjects, answerOne, noContent } from "./answers.ts";
import { change, freshId } from "./changes.ts";
import { refuseGraph } from "./graph-fault.ts";
import { definedOnly, JsonMembers } from "./json-members.ts";
import { memberGroupOperations } from "./member-groups.ts";
import { directMemberships, objectOf, transitiveMemberships } from "./objects.ts";
import { type GraphCall, type GraphOperation, operation } from "./operation.ts";
import { userType } from "./user-type.ts";

const otherMembers = {
  readOnly: [
    "id",
    "createdDateTime",
    "creationType",
    "deletedDateTime",
    "externalUserState",
    "imAddresses",
    "licenseAssignmentStates",
    "onPremisesSyncEnabled",
    "proxyAddresses",
    "securityIdentifier",
    "signInActivity",
    "signInSessionsValidFromDateTime",
  ],
  absent: [
    "aboutMe",
    "ageGroup",
    "assignedLicenses",
    "assignedPlans",
    "birthday",
    "city",
    "companyName",
    "consentProvidedForMinor",
    "country",
    "customSecurityAttributes",
    "department",
    "employeeHireDate",
    "employeeId",
    "employeeOrgData",
    "employeeType",
    "faxNumber",
    "hireDate",
    "identities",
    "interests",
    "mySite",
    "onPremisesExtensionAttributes",
    "onPremisesImmutableId",
    "otherMails",
    "passwordPolicies",
    "pastProjects",
    "postalCode",
    "preferredDataLocation",
    "preferredName",
    "provisionedPlans",
    "responsibilities",
    "schools",
    "showInAddressList",
    "skills",
    "state",
    "streetAddress",
    "usageLocation",
    "userType",
  ],
} as const;

type UserBody = { readonly properties: Partial<UserProperties>; readonly password: string | undefined };

function readUser(members: JsonMembers): UserBody {
  const profile = members.object("passwordProfile");
  const password = profile?.text("password");
  profile?.finish({
    readOnly: [],
    // A password that must be changed at the next sign-in needs a page to change it on.
    absent: ["forceChangePasswordNextSignIn", "forceChangePasswordNextSignInWithMfa"],
  });
  const properties = definedOnly<Omit<UserProperties, "passwordHash">>({
    accountEnabled: members.flag("accountEnabled"),
    displayName: members.text("displayName"),
    userPrincipalName: members.text("userPrincipalName"),
    mailNickname: members.text("mailNickname"),
    givenName: members.optionalText("givenName"),
    surname: members.optionalText("surname"),
    jobTitle: members.optionalText("jobTitle"),
    mail: members.optionalText("mail"),
    mobilePhone: members.optionalText("mobilePhone"),
    officeLocation: members.optionalText("officeLocation"),
    preferredLanguage: members.optionalText("preferredLanguage"),
    businessPhones: members.texts("businessPhones"),
  });
  members.finish(otherMembers);
  return { properties, password };
}

/** The properties with the password hashed; hashing is slow by design, so it comes after every check that can come before. */
async function hashed(call: GraphCall, { properties, password }: UserBody): Promise<Partial<UserProperties>> {
  if (password === undefined) return properties;
  checkPassword(password);
  return { ...properties, passwordHash: await hashPassword(password, call.cloud.ports) };
}

async function create(call: GraphCall): Promise<Reply> {
  const properties = await hashed(call, readUser(new JsonMembers(call.body, "User")));
  const row = await change(call, "Create user", (model) =>
    createUser(model, properties, { id: freshId<UserObjectId>(call), now: call.cloud.ports.now() }),
  );
  return answerCreated(call, userType, row);
}

async function update(call: GraphCall): Promise<Reply> {
  const { id } = objectOf(call, "user");
  const body = readUser(new JsonMembers(call.body, "User"));
  // Who may change a user's name may not by that alone take over the user's sign-in.
  const isReset = body.password !== undefined;
  if (isReset && !mayAct(call.cloud.model, call.caller, "reset-password", undefined)) refuseGraph({ kind: "denied" });
  const properties = await hashed(call, body);
  await change(call, "Update user", (model) => updateUser(model, id, properties, call.cloud.ports.now()));
  return noContent;
}

async function remove(call: GraphCall): Promise<Reply> {
  const { id } = objectOf(call, "user");
  await change(call, "Delete user", (model) => deleteUser(model, id, call.cloud.ports.now()));
  return noContent;
}

export const userOperations: readonly GraphOperation[] = [
  operation({
    operation: "List users",
    method: "GET",
    match: "/users",
    isCollection: true,
    action: "read-users",
    doc: "user-list",
    handle: (call) => {
      const table = call.cloud.model.users;
      return answerCollection(call, userType, { keys: table.sortedKeys(), get: (key) => table.get(key) });
    },
  }),
  operation({
    operation: "Create user",
    method: "POST",
    match: "/users",
    action: "manage-users",
    doc: "user-post-users",
    sampleBody: { displayName: "sample" },
    handle: create,
  }),
  operation({
    operation: "Get user",
    method: "GET",
    match: "/users/{user}",
    action: "read-users",
    doc: "user-get",
    handle: (call) => answerOne(call, userType, objectOf(call, "user")),
  }),
  operation({
    operation: "Update user",
    method: "PATCH",
    match: "/users/{user}",
    action: "manage-users",
    doc: "user-update",
    sampleBody: { displayName: "sample" },
    handle: update,
  }),
  operation({
    operation: "Delete user",
    method: "DELETE",
    match: "/users/{user}",
    action: "manage-users",
    doc: "user-delete",
    handle: remove,
  }),
  operation({
    operation: "List a user's direct memberships",
    method: "GET",
    match: "/users/{user}/memberOf",
    isCollection: true,
    action: "read-users",
    doc: "user-list-memberof",
    handle: (call) => answerObjects(call, directMemberships(call, objectOf(call, "user").id)),
  }),
  operation({
    operation: "List a user's memberships (direct and transitive)",
    method: "GET",
    match: "/users/{user}/transitiveMemberOf",
    isCollection: true,
    action: "read-users",
    doc: "user-list-transitivememberof",
    handle: (call) => answerObjects(call, transitiveMemberships(call, objectOf(call, "user").id)),
  }),
  ...memberGroupOperations({
    match: "/users/{user}",
    of: "user",
    action: "read-users",
    idOf: (call) => objectOf(call, "user").id,
  }),
];
