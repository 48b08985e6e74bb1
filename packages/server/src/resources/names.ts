/** Which names groups may carry; shared by resource groups and management groups, whose rules are the same. */
import { foldCase } from "@postern/access";
import type { EntityKind } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";

/**
 * Characters of a group's name, for both kinds of group.
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftresources
 */
const maxGroupNameLength = 90;

const groupNamePattern = /^[\p{L}\p{Nd}_\-.()]+$/u;

/**
 * Judges a group's name: letters and digits of any script, `_ - . ( )`, no dot at the end.
 *
 * A letter outside ASCII that changes into an ASCII one with its case (the Kelvin sign) is refused: two comparisons without case that
 * disagree about it would make two names of one, or one of two.
 * @throws Refusal `value-invalid` of `name`.
 */
export function checkGroupName(
  objectKind: Extract<EntityKind, "resourceGroup" | "managementGroup">,
  name: string,
): void {
  const why =
    name.length > maxGroupNameLength
      ? "too-long"
      : !groupNamePattern.test(name) || name.endsWith(".") || !isStableWithoutCase(name)
        ? "malformed"
        : undefined;
  if (why !== undefined) {
    refuse({ kind: "value-invalid", objectKind, property: "name", why, limit: maxGroupNameLength, value: name });
  }
}

/** The state's keys are made by `toLowerCase`, the scopes' by the access package: a name must be the same to both. */
function isStableWithoutCase(name: string): boolean {
  return name.toLowerCase() === foldCase(name) && name.normalize("NFC") === name;
}
