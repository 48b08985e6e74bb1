/**
 * Blob index tags as requests and answers write them: the header `x-ms-tags`, the body of Set and Get Blob Tags, conditions and searches.
 * @see https://learn.microsoft.com/rest/api/storageservices/set-blob-tags
 */

import type { Tags } from "./engine/model.ts";
import {
  compareTexts,
  parseTagCondition,
  parseTagSearch,
  type TagExpression,
  type TagSearch,
  TagSyntaxError,
} from "./engine/tag-expression.ts";
import { invalidHeader, invalidQuery, StorageError } from "./errors.ts";
import { maxTagKeyLength, maxTags, maxTagValueLength } from "./limits.ts";
import type { RequestHeaders } from "./request-headers.ts";
import { element } from "./xml.ts";
import { childOf, readXml } from "./xml-reader.ts";

const allowed = /^[A-Za-z0-9 +\-./:=_]*$/;

/** Checks tags and puts them in order. @throws StorageError `TagsTooLarge`, `EmptyTagName`, `InvalidTag`, `DuplicateTagNames`. */
export function checkTags(tags: Tags): Tags {
  if (tags.length > maxTags) throw new StorageError("TagsTooLarge");
  for (const [key, value] of tags) {
    if (key === "") throw new StorageError("EmptyTagName");
    if (key.length > maxTagKeyLength || value.length > maxTagValueLength) throw new StorageError("TagsTooLarge");
    if (!allowed.test(key) || !allowed.test(value)) throw new StorageError("InvalidTag");
  }
  if (new Set(tags.map(([key]) => key)).size < tags.length) throw new StorageError("DuplicateTagNames");
  return tags.toSorted(([a], [b]) => compareTexts(a, b));
}

/** The tags that `x-ms-tags` gives, written as a query is; none without the header. @throws StorageError as {@link checkTags}. */
export function readTagHeader(headers: RequestHeaders): Tags {
  const text = headers.text("x-ms-tags");
  return text === null ? [] : checkTags([...new URLSearchParams(text)]);
}

/** Reads Set Blob Tags' body. @throws StorageError `InvalidXmlDocument`, and as {@link checkTags}. */
export function parseTags(bytes: Uint8Array): Tags {
  const root = readXml(bytes);
  const set = childOf(root, "TagSet");
  if (root.name !== "Tags" || set === undefined || root.children.length !== 1) {
    throw new StorageError("InvalidXmlDocument");
  }
  const tags = set.children.map((tag): readonly [string, string] => {
    const [key, value] = [childOf(tag, "Key"), childOf(tag, "Value")];
    if (tag.name !== "Tag" || key === undefined || value === undefined) throw new StorageError("InvalidXmlDocument");
    return [key.text, value.text];
  });
  return checkTags(tags);
}

export function renderTags(tags: Tags): string {
  const rendered = tags.map(([key, value]) => `<Tag>${element("Key", key)}${element("Value", value)}</Tag>`);
  return `<Tags><TagSet>${rendered.join("")}</TagSet></Tags>`;
}

/** What `x-ms-if-tags` asks of a blob's tags; undefined when it asks nothing. @throws StorageError `InvalidHeaderValue`. */
export function readTagCondition(headers: RequestHeaders, name = "x-ms-if-tags"): TagExpression | undefined {
  const text = headers.text(name);
  if (text === null) return undefined;
  try {
    return parseTagCondition(text);
  } catch (cause) {
    if (cause instanceof TagSyntaxError) throw invalidHeader(name, text);
    throw cause;
  }
}

/** What `where` searches for. @throws StorageError `InvalidQueryParameterValue`, `MissingRequiredQueryParameter`. */
export function readTagSearch(where: string | undefined): TagSearch {
  if (where === undefined || where === "") {
    throw new StorageError("MissingRequiredQueryParameter", { details: { QueryParameterName: "where" } });
  }
  try {
    return parseTagSearch(where);
  } catch (cause) {
    if (cause instanceof TagSyntaxError) throw invalidQuery("where", where, cause.message);
    throw cause;
  }
}
