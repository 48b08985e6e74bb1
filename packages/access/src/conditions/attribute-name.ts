/**
 * Names of attributes: one canonical form, so that what a condition asks for and what an ask brings meet.
 *
 * Names do not count case, but a blob tag's key does: it stands between the first colon and `<$key_case_sensitive$>`.
 * @see https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-attributes#attribute-sources
 */
import { BoundedCache } from "../bounded-cache.ts";
import { foldCase } from "../case-folding.ts";

/** Longest attribute name, in UTF-16 units. Ours: the longest path has 66, a tag's key at most 128. */
export const MAX_ATTRIBUTE_NAME_LENGTH = 512;
/** Ends a name whose key counts case. */
export const CASE_SENSITIVE_KEY_SUFFIX = "<$key_case_sensitive$>";
/** Ends the name of the list of keys. */
export const KEYS_SUFFIX = "&$keys$&";

/** Names of one cache generation. Ours: the catalogue has some thirty; tags add their own. */
const NAMES_PER_GENERATION = 2048;

const keys = new BoundedCache<string, string>(NAMES_PER_GENERATION);

function computeKey(name: string): string {
  const end = name.length - CASE_SENSITIVE_KEY_SUFFIX.length;
  const colon = name.indexOf(":");
  if (colon === -1 || colon >= end || foldCase(name.slice(end)) !== CASE_SENSITIVE_KEY_SUFFIX) return foldCase(name);
  return foldCase(name.slice(0, colon)) + name.slice(colon, end) + CASE_SENSITIVE_KEY_SUFFIX;
}

/**
 * Gives the canonical form of an attribute's name: equal for two names exactly when they mean the same attribute.
 * @param name without source and brackets.
 */
export function attributeKey(name: string): string {
  const known = keys.get(name);
  if (known !== undefined) return known;
  const key = computeKey(name);
  // A longer name is in no condition, and should not fill the memory.
  if (name.length <= MAX_ATTRIBUTE_NAME_LENGTH) keys.set(name, key);
  return key;
}

/**
 * Says whether a text can be an attribute's name: not empty, not too long, no blanks at its ends, no control characters,
 * and nothing that the grammar uses around names.
 */
export function isAttributeName(name: string): boolean {
  if (name === "" || name.length > MAX_ATTRIBUTE_NAME_LENGTH || name !== name.trim()) return false;
  for (let i = 0; i < name.length; i += 1) {
    const code = name.charCodeAt(i);
    if (code < 0x20 || (code >= 0x7f && code < 0xa0) || "[]'{}@".includes(name.charAt(i))) return false;
  }
  return true;
}
