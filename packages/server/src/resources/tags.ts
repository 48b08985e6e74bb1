/**
 * The rules for tags.
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations
 */
import type { EntityKind, Tags } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";

/** Tags of one resource. Source: the page above. */
const maxTags = 50;
/** Characters of a tag's name; storage accounts have a limit of their own. Source: the page above. */
const maxNameLength = { resourceGroup: 512, storageAccount: 128, managedIdentity: 512 } as const;
/** Characters of a tag's value. Source: the page above. */
const maxValueLength = 256;

/** Judges tags. @throws Refusal `value-invalid` of `tags`. */
export function checkTags(objectKind: Extract<EntityKind, keyof typeof maxNameLength>, tags: Tags): void {
  const names = Object.keys(tags);
  const limit = maxNameLength[objectKind];
  if (names.length > maxTags)
    refuse({ kind: "value-invalid", objectKind, property: "tags", why: "too-many", limit: maxTags });
  const seen = new Set<string>();
  for (const name of names) {
    if (name.length > limit) refuse({ kind: "value-invalid", objectKind, property: "tags", why: "too-long", limit });
    if (name.trim() === "" || /[<>%&\\?/\p{Cc}]/u.test(name) || seen.has(name.toLowerCase())) {
      refuse({ kind: "value-invalid", objectKind, property: "tags", why: "malformed", value: name });
    }
    seen.add(name.toLowerCase());
    if (tags[name]!.length > maxValueLength) {
      refuse({ kind: "value-invalid", objectKind, property: "tags", why: "too-long", limit: maxValueLength });
    }
  }
}
