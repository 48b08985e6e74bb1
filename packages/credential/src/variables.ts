/** The only reader of environment variables; runtimes without any have none set. */
declare const process: { env: Record<string, string | undefined> } | undefined;

/** @returns the variable's value without surrounding white space; undefined when it is absent, empty, or the runtime has none. */
export function readVariable(name: string): string | undefined {
  if (typeof process === "undefined") return undefined;
  return process.env?.[name]?.trim() || undefined;
}

/** @returns whether the variable is set to a truthy word. */
export function isVariableOn(name: string): boolean {
  const value = readVariable(name)?.toLowerCase();
  return value === "1" || value === "true";
}
