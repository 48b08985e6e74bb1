/**
 * The rules of users. Pure: passwords come in hashed, after `checkPassword` of password-rules.ts.
 *
 * Owns: `user` rows. Spec: https://learn.microsoft.com/graph/api/resources/user
 */
import { put } from "../state/change.ts";
import type { User } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { UserObjectId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { plainUser } from "../state/row-completion.ts";
import { throwAway } from "./deleted-object.ts";
import { keepGlobalAdministrator } from "./directory-role.ts";
import {
  maxBusinessPhones,
  maxDisplayNameLength,
  maxMailNicknameLength,
  maxUserDomainLength,
  maxUserNameLength,
  maxUserPropertyLength,
} from "./limits.ts";
import { checkProfile } from "./user-profile.ts";
import { checkName, checkOptional, checkQuota, existing, type Outcome } from "./values.ts";

const objectKind = "user";

/** The properties of a user that an administrator writes; `passwordHash` is what `hashPassword` made of the new password. */
export type UserProperties = Omit<User, "id" | "createdDateTime" | "signInSessionsValidFromDateTime">;

/** Characters before the at sign. @see https://learn.microsoft.com/entra/identity/hybrid/connect/plan-connect-userprincipalname */
const userNamePattern = /^(?!\.)[A-Za-z0-9'.\-_!#^~]+(?<!\.)$/;
/** Characters of a mail nickname. @see https://learn.microsoft.com/graph/api/resources/group#properties */
const mailNicknamePattern = /^[\x21-\x7e]+$/;
const mailNicknameForbidden = /[@()\\[\]";:<>, ]/;

/** A person of whom nothing was said but names and password. */
export const userDefaults = {
  ...plainUser,
  accountEnabled: true,
  givenName: null,
  surname: null,
  jobTitle: null,
  mail: null,
  mobilePhone: null,
  officeLocation: null,
  preferredLanguage: null,
  businessPhones: [],
} as const;

/**
 * Makes a user.
 * @throws Refusal `value-invalid`, `value-taken` (the user principal name), `limit-reached`.
 * @see https://learn.microsoft.com/graph/api/user-post-users
 */
export function createUser(
  model: ReadModel,
  properties: Partial<UserProperties>,
  by: { readonly id: UserObjectId; readonly now: Date },
): Outcome<User> {
  checkQuota(model, objectKind);
  for (const property of ["accountEnabled", "passwordHash"] as const) {
    if (properties[property] === undefined) {
      const name = property === "passwordHash" ? "passwordProfile" : property;
      refuse({ kind: "value-invalid", objectKind, property: name, why: "required" });
    }
  }
  const row = checkUser(model, {
    ...userDefaults,
    displayName: "",
    mailNickname: "",
    userPrincipalName: "",
    passwordHash: "",
    ...properties,
    id: by.id,
    createdDateTime: by.now.toISOString(),
    signInSessionsValidFromDateTime: by.now.toISOString(),
  });
  return { changes: [put(objectKind, row)], result: row };
}

/**
 * Changes what is given and leaves the rest. A new password or a disabled account ends the sessions there are.
 * @throws Refusal `object-not-found`, `value-invalid`, `value-taken`.
 * @see https://learn.microsoft.com/graph/api/user-update
 */
export function updateUser(
  model: ReadModel,
  id: UserObjectId,
  properties: Partial<UserProperties>,
  now: Date,
): Outcome<User> {
  const before = existing(objectKind, model.users.get(id), id);
  const isSessionEnd =
    properties.passwordHash !== undefined || (before.accountEnabled && properties.accountEnabled === false);
  if (before.accountEnabled && properties.accountEnabled === false) keepGlobalAdministrator(model, id);
  const row = checkUser(model, {
    ...before,
    ...properties,
    ...(isSessionEnd ? { signInSessionsValidFromDateTime: now.toISOString() } : {}),
  });
  return { changes: [put(objectKind, row)], result: row };
}

/** Ends every session there is: refresh tokens issued before now are void. @throws Refusal `object-not-found`. @see https://learn.microsoft.com/graph/api/user-revokesigninsessions */
export function revokeSessions(model: ReadModel, id: UserObjectId, now: Date): Outcome<User> {
  const before = existing(objectKind, model.users.get(id), id);
  const row = { ...before, signInSessionsValidFromDateTime: now.toISOString() };
  return { changes: [put(objectKind, row)], result: row };
}

/** @throws Refusal `object-not-found`. @see https://learn.microsoft.com/graph/api/user-delete */
export function deleteUser(model: ReadModel, id: UserObjectId, now: Date): Outcome<User> {
  const row = existing(objectKind, model.users.get(id), id);
  return { changes: throwAway(model, { kind: objectKind, row }, now), result: row };
}

/** The user with this object id or user principal name, compared without case. */
export function findUser(model: ReadModel, idOrName: string): User | undefined {
  const folded = idOrName.toLowerCase();
  return model.users.get(folded) ?? model.users.findOne("userPrincipalName", folded);
}

/** @throws Refusal `value-invalid` for text no mail nickname can be. */
export function checkMailNickname(kind: "user" | "group", nickname: string | undefined): string {
  const at = { objectKind: kind, property: "mailNickname" } as const;
  const checked = checkName(at, nickname, maxMailNicknameLength);
  if (!mailNicknamePattern.test(checked) || mailNicknameForbidden.test(checked))
    refuse({ kind: "value-invalid", ...at, why: "malformed" });
  return checked;
}

function checkUser(model: ReadModel, row: User): User {
  const at = (property: string) => ({ objectKind, property }) as const;
  checkUserPrincipalName(model, row);
  checkProfile(row);
  checkOptional(at("mail"), row.mail, maxUserNameLength + maxDisplayNameLength);
  if (row.businessPhones.length > maxBusinessPhones)
    refuse({ kind: "value-invalid", ...at("businessPhones"), why: "too-many", limit: maxBusinessPhones });
  for (const phone of row.businessPhones) checkName(at("businessPhones"), phone, maxUserPropertyLength);
  return {
    ...row,
    displayName: checkName(at("displayName"), row.displayName, maxDisplayNameLength),
    mailNickname: checkMailNickname(objectKind, row.mailNickname),
  };
}

/** `name@domain`, the domain one of the tenant's, nobody else's. */
function checkUserPrincipalName(model: ReadModel, row: User): void {
  const at = { objectKind, property: "userPrincipalName" } as const;
  const text = checkName(at, row.userPrincipalName, maxUserNameLength + 1 + maxUserDomainLength);
  const separator = text.lastIndexOf("@");
  const name = text.slice(0, separator);
  if (separator < 1 || name.length > maxUserNameLength || !userNamePattern.test(name) || text !== row.userPrincipalName)
    refuse({ kind: "value-invalid", ...at, why: "malformed" });
  if (!model.tenant.domains.includes(text.slice(separator + 1).toLowerCase()))
    refuse({ kind: "value-invalid", ...at, why: "not-allowed" });
  const holder = model.users.findOne("userPrincipalName", text.toLowerCase());
  if (holder !== undefined && holder.id !== row.id) refuse({ kind: "value-taken", ...at, value: text });
}
