/** Which state of a blob a request is about: the present one, a snapshot, a version. */
import { type BlobMoment, present } from "./engine/model.ts";
import { parseStampTime } from "./engine/stamps.ts";
import { invalidQuery, StorageError } from "./errors.ts";
import type { Query } from "./target.ts";

/** A time that none of ours has: what is asked for by it is not there. */
const noStamp = -1;

function readStamp(query: Query, name: string): number | undefined {
  const value = query.get(name);
  if (value === undefined || value === "") return undefined;
  if (Number.isNaN(Date.parse(value)) || !value.includes("T")) {
    throw new StorageError("InvalidQueryParameterValue", {
      details: { QueryParameterName: name, QueryParameterValue: value, Reason: "The value is not a time." },
    });
  }
  return parseStampTime(value) ?? noStamp;
}

/** @throws StorageError `InvalidQueryParameterValue` for what is no time, and for both a snapshot and a version. */
export function readMoment(query: Query): BlobMoment {
  if (query.size === 0) return present;
  const snapshot = readStamp(query, "snapshot");
  const version = readStamp(query, "versionid");
  if (snapshot !== undefined && version !== undefined) {
    throw invalidQuery("versionid", query.get("versionid")!, "A snapshot is asked for, too.");
  }
  if (snapshot !== undefined) return { kind: "snapshot", stamp: snapshot };
  return version === undefined ? present : { kind: "version", stamp: version };
}
