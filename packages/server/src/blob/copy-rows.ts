/** How requests for copies are told from others, and what the samples of their rows name. */
import type { RequestHeaders } from "./request-headers.ts";

export const isCopy = (headers: RequestHeaders): boolean => headers.has("x-ms-copy-source");

export const copySource = { "x-ms-copy-source": "https://source.blob.core.windows.net/c/b" };
