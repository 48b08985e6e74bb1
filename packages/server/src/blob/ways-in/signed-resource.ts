/**
 * What a signature of a service is over, taken from the request and never from the signature: a container, a blob, a snapshot or version of one, or a
 * directory. A request for another thing makes another text, which the signature is not of.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/create-service-sas#specify-the-signed-resource-field
 * @see https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas#specify-the-directory-depth
 */
import { StorageError } from "../errors.ts";
import { maxBlobNameSegments } from "../limits.ts";
import type { SignedRequest } from "./signed-access.ts";
import { refuseSignature } from "./signed-parameters.ts";

export const firstVersionWithResource = "2018-11-09";
const firstVersionWithDirectories = "2020-02-10";

/** As it is signed. */
export type Canonical = { readonly path: string; readonly moment: string };

/**
 * What the request names, as a signature of such a resource has it; a signature of one blob holds for nothing that is not a blob.
 * @param resource `sr`.
 * @param version of the signature.
 * @throws StorageError `AuthorizationResourceTypeMismatch`, `AuthenticationFailed` for a resource or depth that there is not.
 */
export function canonicalResource(request: SignedRequest, resource: string, version: string): Canonical {
  const { account, target, signed } = request;
  if (!["c", "b", "bs", "bv", "d"].includes(resource)) throw refuseSignature("sr is not a resource of Blob storage.");
  if (resource !== "d" && signed.has("sdd")) throw refuseSignature("sdd belongs to signatures of directories.");
  if (target.level === "account") throw new StorageError("AuthorizationResourceTypeMismatch");
  const container = `/blob/${account.name}/${target.container}`;
  if (resource === "d") return { path: `${container}/${directoryOf(request, version)}`, moment: "" };
  if (resource === "c") return { path: container, moment: "" };
  if (target.level === "container") throw new StorageError("AuthorizationResourceTypeMismatch");
  const isOlder = target.query.has("snapshot") || target.query.has("versionid");
  // Since snapshots have signatures of their own, a blob's is not one of them.
  if (resource === "b" && isOlder && version >= firstVersionWithResource) {
    throw new StorageError("AuthorizationResourceTypeMismatch");
  }
  const moments = { b: "", bs: target.query.get("snapshot") ?? "", bv: target.query.get("versionid") ?? "" };
  return { path: `${container}/${target.blob}`, moment: moments[resource as keyof typeof moments] };
}

/** The directory, so many names deep, that the request is about: a blob is in it or is it, a listing is of what lies below. */
function directoryOf({ account, target, signed }: SignedRequest, version: string): string {
  if (version < firstVersionWithDirectories || !account.isHnsEnabled) {
    throw refuseSignature("Signatures of directories are of accounts with a hierarchical namespace.");
  }
  const depth = /^\d{1,3}$/.test(signed.get("sdd")) ? Number(signed.get("sdd")) : 0;
  if (depth < 1 || depth > maxBlobNameSegments) throw refuseSignature("sdd is not the depth of a directory.");
  const names = namesBelow(target);
  if (names === undefined || names.length < depth) throw new StorageError("AuthorizationResourceTypeMismatch");
  return names.slice(0, depth).join("/");
}

/** The names on the way to what is asked for; of a listing those of its prefix that are whole. */
function namesBelow(target: SignedRequest["target"]): string[] | undefined {
  if (target.level === "blob") return target.blob.split("/");
  if (target.level !== "container" || target.query.get("comp")?.toLowerCase() !== "list") return undefined;
  return (target.query.get("prefix") ?? "").split("/").slice(0, -1);
}
