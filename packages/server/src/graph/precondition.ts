/**
 * `If-Match`: a change is made only to the object as the client last saw it. The entity tag is a keyed hash of the stored row, so that it tells
 * nothing of what is in it; it goes out as a header only, since Graph's bodies have none for directory objects.
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-if-match
 */
import type { SecretKeeper } from "../directory/secrets.ts";
import type { ReadModel } from "../state/read-model.ts";
import { refuseGraph } from "./graph-fault.ts";
import { rowOfKeys } from "./objects.ts";
import type { GraphCall } from "./operation.ts";

export function entityTagOf(secrets: SecretKeeper, row: unknown): string {
  return `W/"${secrets.hash(`graph:etag:${JSON.stringify(row)}`)}"`;
}

/** @throws GraphRefusal `precondition-failed` when the object in the path is another than the one that was meant. */
export function checkPrecondition(call: GraphCall, model: ReadModel): void {
  const expected = call.header("if-match")?.trim();
  if (expected === undefined || expected === "*") return;
  const row = rowOfKeys(model, call.keys);
  if (row === undefined) return;
  const tags = expected.split(",").map((tag) => tag.trim());
  if (!tags.includes(entityTagOf(call.cloud.secrets, row))) refuseGraph({ kind: "precondition-failed" });
}
