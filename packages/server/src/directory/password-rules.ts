/**
 * Which passwords people may have. Pure.
 *
 * Entra's own list of banned words is not public; this one holds the words every such list begins with, and is matched by Entra's published
 * method: case and look-alike characters do not count, each banned word is worth one point, each other character one, and five points are needed.
 * @see https://learn.microsoft.com/entra/identity/authentication/concept-sspr-policy
 * @see https://learn.microsoft.com/entra/identity/authentication/concept-password-ban-bad#how-are-passwords-evaluated
 */
import { refuse } from "../state/fault.ts";

/** In characters. @see https://learn.microsoft.com/entra/identity/authentication/concept-sspr-policy */
export const passwordLength = { min: 8, max: 256 } as const;
/** Kinds of characters (lower, upper, digit, other) a password must have. Same page. */
const leastKinds = 3;
/** @see https://learn.microsoft.com/entra/identity/authentication/concept-password-ban-bad#score-calculation */
const leastPoints = 5;
/** Shorter parts of a person's own names are not looked for, in characters. Same page's rule for names: at least four. */
const leastNameLength = 4;

/** Longest first, so that a word is found before a part of it. */
const bannedWords = [
  "changeme",
  "football",
  "baseball",
  "computer",
  "password",
  "passwort",
  "princess",
  "sunshine",
  "trustno",
  "welcome",
  "charlie",
  "default",
  "passwd",
  "azerty",
  "dragon",
  "master",
  "monkey",
  "qwerty",
  "qwertz",
  "secret",
  "shadow",
  "spring",
  "summer",
  "autumn",
  "winter",
  "admin",
  "azure",
  "hello",
  "letme",
  "login",
  "start",
  "asdf",
  "1234",
  "pass",
] as const;

const lookAlikes: Readonly<Record<string, string>> = { "0": "o", "1": "l", $: "s", "@": "a", "3": "e", "5": "s" };

/** Whose password it is: the parts of their names are banned in it. */
export type PasswordOwner = { readonly userPrincipalName?: string; readonly displayName?: string };

/**
 * Judges a new password.
 * @throws Refusal `value-invalid` `too-weak`.
 */
export function checkPassword(password: string, owner: PasswordOwner = {}): void {
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length;
  const isLengthFine = password.length >= passwordLength.min && password.length <= passwordLength.max;
  if (!isLengthFine || kinds < leastKinds || countPoints(password, owner) < leastPoints)
    refuse({ kind: "value-invalid", objectKind: "user", property: "passwordProfile", why: "too-weak" });
}

/** Exported for its tests: the password's worth by Entra's method. */
export function countPoints(password: string, owner: PasswordOwner): number {
  const words = [...new Set([...namesOf(owner), ...bannedWords])].sort((a, b) => b.length - a.length);
  const plain = password.toLowerCase();
  return Math.min(pointsOf(plain, words), pointsOf(normalize(plain), words.map(normalize)));
}

function pointsOf(text: string, words: readonly string[]): number {
  let rest = text;
  let found = 0;
  for (const word of words) {
    const parts = rest.split(word);
    found += parts.length - 1;
    // A character that is in no password holds the place, so that what stood on both sides does not make a new word.
    rest = parts.join("\0");
  }
  return found + rest.replaceAll("\0", "").length;
}

function namesOf({ userPrincipalName = "", displayName = "" }: PasswordOwner): string[] {
  return [userPrincipalName.split("@")[0]!, ...displayName.split(/[^\p{L}\p{N}]+/u)]
    .map((name) => name.toLowerCase())
    .filter((name) => name.length >= leastNameLength);
}

function normalize(text: string): string {
  return text.replace(/[01$@35]/g, (character) => lookAlikes[character]!);
}
