/** The Windows security identifier (SID) that Entra derives from an object id. */

/**
 * Spells a GUID's sixteen bytes as the four numbers after `S-1-12-1-`.
 * @param id a lower-case GUID.
 * @see https://learn.microsoft.com/graph/api/resources/group (`securityIdentifier`)
 */
export function securityIdentifierOf(id: string): string {
  const hex = id.replaceAll("-", "");
  const bytes = Buffer.from(hex, "hex");
  // A GUID's first three fields are little-endian in memory: 4, 2 and 2 bytes.
  const memory = Buffer.concat([
    Buffer.from(bytes.subarray(0, 4)).reverse(),
    Buffer.from(bytes.subarray(4, 6)).reverse(),
    Buffer.from(bytes.subarray(6, 8)).reverse(),
    bytes.subarray(8),
  ]);
  return `S-1-12-1-${[0, 4, 8, 12].map((offset) => memory.readUInt32LE(offset)).join("-")}`;
}
