/** Block ids: up to 64 bytes in base64. @see https://learn.microsoft.com/rest/api/storageservices/put-block#uri-parameters */
import { invalidQuery, StorageError } from "./errors.ts";
import { maxBlockIdBytes } from "./limits.ts";
import type { Query } from "./target.ts";

/** The id of the block that a request is about. @throws StorageError `MissingRequiredQueryParameter`, `InvalidQueryParameterValue`. */
export function readBlockId(query: Query): string {
  const text = query.get("blockid") ?? "";
  if (text === "") {
    throw new StorageError("MissingRequiredQueryParameter", { details: { QueryParameterName: "blockid" } });
  }
  const blockId = parseBlockId(text);
  if (blockId === undefined) throw invalidQuery("blockid", text, "Not a valid base64 string.");
  return blockId;
}

/** @returns the id, or undefined unless it is the one base64 text of 1 to 64 bytes: another spelling of the same bytes would be another id. */
export function parseBlockId(text: string): string | undefined {
  if (text === "" || text.length > Math.ceil(maxBlockIdBytes / 3) * 4) return undefined;
  const bytes = Buffer.from(text, "base64");
  return bytes.length <= maxBlockIdBytes && bytes.toString("base64") === text ? text : undefined;
}
