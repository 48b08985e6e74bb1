/** Reads references to directory objects from bodies: `{"@odata.id": "https://graph.microsoft.com/v1.0/directoryObjects/{id}"}`. */
import { parseGuid } from "../state/identifiers.ts";
import type { JsonMembers } from "./json-members.ts";
import { maxBoundObjects } from "./limits.ts";

/** The last segment of the path: clients write directoryObjects, users, servicePrincipals or groups before it, at any host that is us. */
const referencePattern =
  /^(?:https:\/\/[^/?#]+)?\/?(?:v1\.0\/|beta\/)?(?:[0-9a-f-]{36}\/)?(?:directoryObjects|users|groups|servicePrincipals)(?:\/|\(')([0-9a-f-]{36})(?:'\))?\/?$/i;

/** @returns the object id, lower case. */
function parseReference(reference: unknown): string | undefined {
  return typeof reference === "string" ? parseGuid(referencePattern.exec(reference)?.[1]) : undefined;
}

/** Reads the one reference of a `$ref` body. @throws GraphRefusal `body-property-invalid`, `body-property-unknown`. */
export function readReference(members: JsonMembers): string {
  const id = parseReference(members.take("@odata.id")) ?? members.refuse("@odata.id");
  members.finish({ readOnly: [], absent: [] });
  return id;
}

/** Reads a list of references, e.g. `owners@odata.bind`; none when absent. @throws GraphRefusal `body-property-invalid`. */
export function readBindings(members: JsonMembers, name: string): readonly string[] {
  const references = members.list(name) ?? [];
  if (references.length > maxBoundObjects) members.refuse(name);
  return references.map((reference) => parseReference(reference) ?? members.refuse(name));
}

/** A reference body of the right shape, for samples. */
export const sampleReference = {
  "@odata.id": "https://graph.microsoft.com/v1.0/directoryObjects/11111111-2222-4333-8444-555555555555",
} as const;
