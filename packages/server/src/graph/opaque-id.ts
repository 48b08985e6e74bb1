/**
 * Ids of role assignments and consents, which are no GUIDs in Graph: bytes of several GUIDs in base64url, that clients only hand back.
 * Ours hold the object the row belongs to and the row's own id, so that the row is found without a look-up table.
 */
import { type Guid, isGuid } from "../state/identifiers.ts";

const guidBytes = 16;

/** @param ids GUIDs; the last is what {@link readOpaqueId} gives back. */
export function makeOpaqueId(...ids: readonly string[]): string {
  return Buffer.from(ids.map((id) => id.replaceAll("-", "")).join(""), "hex").toString("base64url");
}

/** @returns the GUIDs in it, or undefined for text that is none of ours. */
export function readOpaqueId(text: string): readonly Guid[] | undefined {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.toString("base64url") !== text || bytes.length === 0 || bytes.length % guidBytes !== 0) return undefined;
  const ids: Guid[] = [];
  for (let start = 0; start < bytes.length; start += guidBytes) {
    const hex = bytes.toString("hex", start, start + guidBytes);
    const id = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
    if (isGuid(id)) ids.push(id as Guid);
  }
  return ids;
}
