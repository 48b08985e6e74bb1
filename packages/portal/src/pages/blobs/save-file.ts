/** Hands bytes to the browser as a file to keep. */

/** @param name a blob's name; the file is called by its last part. */
export function saveFile(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name.split("/").at(-1) || "blob";
  link.click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(url), keptMs);
}

/** How long the bytes stay reachable for the browser to take, in milliseconds. */
const keptMs = 60_000;
