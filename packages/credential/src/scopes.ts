/** Scopes as the endpoints and programs take them that know only resources. */
import { unavailable } from "./errors.ts";

/** @returns the one resource of the scopes, without `/.default`. */
export function toResource(credential: string, scopes: string | string[]): string {
  const all = typeof scopes === "string" ? [scopes] : scopes;
  const [scope] = all;
  if (all.length !== 1 || !scope) {
    throw unavailable(credential, "This credential takes exactly one scope.", "Ask for one resource at a time.");
  }
  return scope.replace(/\/\.default$/, "");
}

/** @returns the scope when it can be a program's argument. */
export function checkScope(credential: string, scope: string): string {
  if (!/^[0-9a-zA-Z\-_.:/]+$/.test(scope)) throw unavailable(credential, "The scope has characters that no scope has.");
  return scope;
}
