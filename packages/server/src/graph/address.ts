/**
 * Reads a Graph path into its version and segments. A key may stand as a segment of its own (`/users/KEY`), in quotes
 * (`/users('KEY')`) or by an alternate property (`/applications(appId='..')`); all three come out alike.
 *
 * Spec: https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html#sec_AddressingEntities
 */
import { refuseGraph } from "./graph-fault.ts";
import { maxPathSegments, maxSegmentLength } from "./limits.ts";

/** What names one object of a collection. */
export type Key = {
  readonly text: string /** undefined for the object's own id. */;
  readonly property: string | undefined;
};

export type Segment = { readonly kind: "name"; readonly text: string } | { readonly kind: "key"; readonly key: Key };

export type Address = { readonly version: "v1.0" | "beta"; readonly segments: readonly Segment[] };

const versions = ["v1.0", "beta"] as const;
const keyedSegment = /^([A-Za-z][\w.]*)\((?:(\w+)=)?(?:'((?:[^']|'')*)'|([\w-]+))\)$/;

/**
 * @param path raw, still percent-encoded.
 * @throws GraphRefusal `path-malformed`, `version-unknown`, `segment-unknown` (no path below the version).
 */
export function readAddress(path: string): Address {
  // Clients write double slashes; every run of them is one.
  const parts = path.split("/").filter((part) => part !== "");
  if (parts.length > maxPathSegments) refuseGraph({ kind: "path-malformed" });
  const [given = "", ...rest] = parts.map(decodeSegment);
  const version = versions.find((known) => known === given.toLowerCase());
  if (version === undefined) refuseGraph({ kind: "version-unknown", version: given });
  return { version, segments: rest.flatMap(readSegment) };
}

function decodeSegment(part: string): string {
  let text: string;
  try {
    text = decodeURIComponent(part);
  } catch {
    return refuseGraph({ kind: "path-malformed" });
  }
  if (text.length > maxSegmentLength || /\p{Cc}/u.test(text)) refuseGraph({ kind: "path-malformed" });
  return text;
}

function readSegment(text: string): Segment[] {
  // A function without arguments: `delta()`.
  if (/^[A-Za-z][\w.]*\(\)$/.test(text)) return [{ kind: "name", text: text.slice(0, -2) }];
  const [, name, property, quoted, bare] = keyedSegment.exec(text) ?? [];
  if (name === undefined) return [{ kind: "name", text }];
  const value = quoted === undefined ? bare! : quoted.replaceAll("''", "'");
  return [
    { kind: "name", text: name },
    { kind: "key", key: { text: value, property } },
  ];
}
