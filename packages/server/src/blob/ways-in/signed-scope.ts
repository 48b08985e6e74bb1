/**
 * The encryption scope that a signature is bound to (`ses`): what its bearer writes is encrypted with it, and with no other.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/create-service-sas#specify-the-encryption-scope
 * @see https://learn.microsoft.com/rest/api/storageservices/sas-error-codes
 */
import { invalidHeader, StorageError } from "../errors.ts";
import type { BlobOperation } from "../operation-row.ts";
import type { RequestHeaders } from "../request-headers.ts";
import type { Admission } from "./admission.ts";

/** Operations that write content. Reading is not bound, nor is what changes none. */
const writing: ReadonlySet<string> = new Set([
  "Append Block",
  "Append Block from URL",
  "Copy Blob",
  "Copy Blob from URL",
  "Incremental Copy Blob",
  "Put Blob",
  "Put Blob from URL",
  "Put Block",
  "Put Block List",
  "Put Block from URL",
  "Put Page",
  "Put Page from URL",
]);

/**
 * A request's headers with the scope of its signature, where that has one.
 * @throws StorageError `InvalidHeaderValue` for a request that names another scope, `RequestForbiddenByContainerEncryptionPolicy` for a container that would be
 *   bound to another.
 */
export function withSignedScope(
  admission: Admission,
  { operation }: Pick<BlobOperation, "operation">,
  headers: RequestHeaders,
): RequestHeaders {
  const scope = admission.way === "signature" || admission.way === "delegation" ? admission.signed.encryptionScope : "";
  if (scope === "") return headers;
  if (operation === "Create Container") {
    const isFixed = headers.get("x-ms-deny-encryption-scope-override")?.toLowerCase() === "true";
    if (isFixed && headers.get("x-ms-default-encryption-scope") !== scope) {
      throw new StorageError("RequestForbiddenByContainerEncryptionPolicy");
    }
    return headers;
  }
  if (!writing.has(operation)) return headers;
  const asked = headers.get("x-ms-encryption-scope");
  if (asked === scope) return headers;
  if (asked !== undefined) throw invalidHeader("x-ms-encryption-scope", asked);
  return headers.with("x-ms-encryption-scope", scope);
}
