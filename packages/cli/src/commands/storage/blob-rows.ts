/** az's columns for blobs. May use: command/, http/, for the types. */
import type { Row } from "../../command/command.ts";
import type { Json } from "../../http/service-client.ts";

export function blobRows(blobs: Json | readonly Json[]): Row[] {
  return (Array.isArray(blobs) ? blobs : [blobs]).map(({ name, properties, snapshot }: Json) => {
    const of = (properties ?? {}) as Json;
    return {
      Name: name,
      "Blob Type": of.blobType,
      "Blob Tier": of.blobTier,
      Length: of.contentLength,
      "Content Type": (of.contentSettings as Json | undefined)?.contentType,
      "Last Modified": of.lastModified,
      Snapshot: snapshot ?? "",
    };
  });
}
