/** Where the entries of threads are. */

/** @param path of the entry below this folder, without its ending. Built, all entries lie beside main.js, whose URL import.meta.url then is. */
export function findWorkerEntry(path: string): URL {
  const isSource = import.meta.url.endsWith(".ts");
  return new URL(isSource ? `./${path}.ts` : `./${path.slice(path.lastIndexOf("/") + 1)}.js`, import.meta.url);
}
