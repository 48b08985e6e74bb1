/** Checks of single values that several kinds of objects share; each refuses with `value-invalid` for the property it is told. */
import type { Change } from "../state/change.ts";
import type { Entities, EntityKind } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { ReadModel } from "../state/read-model.ts";
import { maxDirectoryObjects, maxTagLength } from "./limits.ts";

/** What a rule answers, as the store wants it. */
export type Outcome<Result> = { readonly changes: readonly Change[]; readonly result: Result };

/** Names the object and property that a check speaks of. */
export type Where = { readonly objectKind: EntityKind; readonly property: string };

/**
 * Cuts white space off both ends and demands 1 to `limit` characters.
 * @throws Refusal `value-invalid`: `required` when nothing is left, `too-long`.
 */
export function checkName(where: Where, text: string | undefined, limit: number): string {
  const name = text?.trim() ?? "";
  if (name === "") refuse({ kind: "value-invalid", ...where, why: "required" });
  return checkLength(where, name, limit);
}

/** @throws Refusal `value-invalid` `too-long`, or `malformed` for text that holds a NUL. */
export function checkLength(where: Where, text: string, limit: number): string {
  if (text.length > limit) refuse({ kind: "value-invalid", ...where, why: "too-long", limit });
  if (text.includes("\0")) refuse({ kind: "value-invalid", ...where, why: "malformed" });
  return text;
}

export function checkOptional(where: Where, text: string | null, limit: number): string | null {
  return text === null ? null : checkLength(where, text, limit);
}

/** @throws Refusal `value-invalid` when a tag is empty, too long or there twice. */
export function checkTags(where: Where, tags: readonly string[]): readonly string[] {
  for (const tag of tags) checkName(where, tag, maxTagLength);
  if (new Set(tags).size !== tags.length) refuse({ kind: "value-invalid", ...where, why: "malformed" });
  return tags;
}

/** The row, or a refusal that it is not there. */
export function existing<Kind extends EntityKind>(
  objectKind: Kind,
  row: Entities[Kind] | undefined,
  id: string,
): Entities[Kind] {
  return row ?? refuse({ kind: "object-not-found", objectKind, id });
}

/** @throws Refusal `limit-reached` when the tenant holds as many objects as it may. */
export function checkQuota(model: ReadModel, objectKind: EntityKind): void {
  const count = model.users.size + model.groups.size + model.applications.size + model.servicePrincipals.size;
  // What is in the bin counts too: it takes the same room.
  if (count + model.deletedObjects.size >= maxDirectoryObjects)
    refuse({ kind: "limit-reached", objectKind, property: "directoryObjects", limit: maxDirectoryObjects });
}
