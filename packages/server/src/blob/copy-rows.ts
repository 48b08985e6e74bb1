/** How requests for copies are told from others, what they take of their source, and what the samples of their rows name. */
import type { RequestHeaders } from "./request-headers.ts";

export const isCopy = (headers: RequestHeaders): boolean => headers.has("x-ms-copy-source");

/** Whether a copy's tags are its source's. @see https://learn.microsoft.com/rest/api/storageservices/copy-blob-from-url#request-headers */
export function copiesTags(headers: RequestHeaders): boolean {
  return isCopy(headers) && headers.text("x-ms-copy-source-tag-option")?.toLowerCase() === "copy";
}

export const copySource = { "x-ms-copy-source": "https://source.blob.core.windows.net/c/b" };
