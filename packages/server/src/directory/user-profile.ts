/**
 * What is known of a person's work and home: properties that say nothing about signing in. Pure.
 * @see https://learn.microsoft.com/graph/api/resources/user#properties
 */
import type { User } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import { maxOtherMailLength, maxOtherMails } from "./limits.ts";
import { checkName, checkOptional } from "./values.ts";

const objectKind = "user";

/** The texts, each with the most characters it may have; all may be null. Same page; where it names none, our choice of 256. */
const profileTexts = {
  city: 128,
  companyName: 64,
  country: 128,
  department: 64,
  employeeId: 16,
  employeeType: 256,
  faxNumber: 64,
  givenName: 64,
  jobTitle: 128,
  mobilePhone: 64,
  officeLocation: 128,
  onPremisesImmutableId: 256,
  postalCode: 40,
  preferredLanguage: 64,
  state: 128,
  streetAddress: 1_024,
  surname: 64,
} as const satisfies { readonly [Name in keyof User]?: number };

export type ProfileText = keyof typeof profileTexts;
export const profileTextNames = Object.keys(profileTexts) as readonly ProfileText[];

/** Properties with a few values of their own; all may be null. */
export const profileChoices = {
  ageGroup: ["Minor", "NotAdult", "Adult"],
  consentProvidedForMinor: ["Granted", "Denied", "NotRequired"],
  // Passwords never expire here, so the one policy that may be set is what holds anyway; a weaker password is never accepted.
  passwordPolicies: ["None", "DisablePasswordExpiration"],
} as const satisfies { readonly [Name in keyof User]?: readonly string[] };

export type ProfileChoice = keyof typeof profileChoices;
export const profileChoiceNames = Object.keys(profileChoices) as readonly ProfileChoice[];

const countryPattern = /^[A-Za-z]{2}$/;
const mailPattern = /^[^\s@]+@[^\s@]+$/;

/** @throws Refusal `value-invalid` for a text that is too long, a country of other than two letters, an address that is none. */
export function checkProfile(row: User): void {
  for (const property of profileTextNames)
    checkOptional({ objectKind, property }, row[property], profileTexts[property]);
  for (const property of profileChoiceNames) {
    const value = row[property];
    const known: readonly string[] = profileChoices[property];
    if (value !== null && !known.includes(value))
      refuse({ kind: "value-invalid", objectKind, property, why: "malformed" });
  }
  if (row.usageLocation !== null && !countryPattern.test(row.usageLocation))
    refuse({ kind: "value-invalid", objectKind, property: "usageLocation", why: "malformed" });
  const at = { objectKind, property: "otherMails" } as const;
  if (row.otherMails.length > maxOtherMails)
    refuse({ kind: "value-invalid", ...at, why: "too-many", limit: maxOtherMails });
  for (const mail of row.otherMails)
    if (!mailPattern.test(checkName(at, mail, maxOtherMailLength)))
      refuse({ kind: "value-invalid", ...at, why: "malformed" });
}
