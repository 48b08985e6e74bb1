/** Where the entry of a thread is: unbuilt beside this file; built beside main.js, whose URL import.meta.url then is. */
export function findWorkerEntry(name: string): URL {
  return new URL(`./${name}${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);
}
