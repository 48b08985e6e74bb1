/** Which version this is: the package's own, read once. */
import { readFileSync } from "node:fs";

/** @param packageRoot the folder of the `postern` package, with a trailing slash. */
export function readVersion(packageRoot: URL): string {
  const manifest = JSON.parse(readFileSync(new URL("package.json", packageRoot), "utf8")) as { version: string };
  return manifest.version;
}
