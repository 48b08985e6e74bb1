/**
 * What a token request asks for: the resource and the permissions, from `resource` (v1) or `scope` (v2).
 *
 * Owns: the grammar of scopes. Spec: https://learn.microsoft.com/entra/identity-platform/scopes-oidc
 * Example: `https://management.core.windows.net//.default openid` is the resource `https://management.core.windows.net/` (its own
 * name ends in a slash, so `aud` does), all permissions the client holds there, and an id token.
 */
import { firstPartyAppIds } from "../state/first-party.ts";
import type { ReadModel } from "../state/read-model.ts";
import { findResource, isResourceEnabled, type Resource } from "../tokens/audiences.ts";
import { refuse } from "./fault.ts";
import { need } from "./form.ts";
import type { SignInAttempt } from "./sign-in-attempt.ts";
import type { Visit } from "./visit.ts";

/** `v1`: `resource=`; `v2`: `scope=`. AD FS takes scopes, too. */
export type Dialect = "v1" | "v2";

const defaultPermission = ".default";
const defaultSuffix = `/${defaultPermission}`;
/** Scopes that ask for something about the person or the grant, not for a resource. */
export const openIdNames: ReadonlySet<string> = new Set(["openid", "profile", "email", "offline_access"]);
/** A scope's characters (RFC 6749 section 3.3). */
const scopePattern = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
/** Scopes of one request; our choice. */
const maxScopes = 100;
/** Characters of them all, said twice or not; our choice. Who waits for a person's code has them remembered, and anyone may wait. */
const maxScopeChars = 4096;

export type UserScope = {
  readonly resource: Resource;
  /** Permissions asked for by name; empty means all that the client holds. */
  readonly permissions: readonly string[];
  /** Whether all that the registration lists is meant: v1, and `.default`. */
  readonly isDefault: boolean;
  /** The resource scopes as they were written. */
  readonly asked: readonly string[];
  readonly openId: ReadonlySet<string>;
};

/** The resource an application asks for itself. @throws EntraRefusal */
export function readAppResource(
  visit: Visit,
  form: ReadonlyMap<string, string>,
  dialect: Dialect,
  attempt: SignInAttempt,
): Resource {
  if (dialect === "v1") return resolve(visit, need(form, "resource"), attempt);
  const scopes = splitScopes(form);
  if (!scopes.every((scope) => scope.endsWith(defaultSuffix))) {
    refuse({ kind: "scope-not-default", scopes: scopes.join(" ") });
  }
  if (scopes.length > 1) refuse({ kind: "scope-of-many-resources" });
  const name = scopes[0]!.slice(0, -defaultSuffix.length);
  return name === "" ? refuse({ kind: "scope-without-resource" }) : resolve(visit, name, attempt);
}

/** What a client asks for on behalf of a person. @throws EntraRefusal */
export function readUserScope(
  visit: Visit,
  form: ReadonlyMap<string, string>,
  dialect: Dialect,
  attempt: SignInAttempt,
): UserScope {
  if (dialect === "v1") {
    const resource = resolve(visit, need(form, "resource"), attempt);
    // v1 gives a refresh token unasked.
    const openId = new Set([...(form.has("scope") ? splitScopes(form) : []), "offline_access"]);
    return { resource, permissions: [], isDefault: true, asked: [], openId };
  }
  const scopes = splitScopes(form);
  const openId = new Set(scopes.filter((scope) => openIdNames.has(scope)));
  const asked = scopes.filter((scope) => !openIdNames.has(scope));
  const parsed = asked.map(parseScope);
  const names = new Set(parsed.map(({ resource }) => resource));
  if (names.size > 1) refuse({ kind: "scope-of-many-resources" });
  // Without a resource the token is Graph's, for who the person is.
  const [name = firstPartyAppIds.microsoftGraph as string] = names;
  const permissions = parsed.map(({ permission }) => permission);
  const isAll = permissions.includes(defaultPermission);
  const resource = resolve(visit, name, attempt);
  return { resource, permissions: isAll ? [] : permissions, isDefault: isAll, asked, openId };
}

/** `resource/permission`; a bare permission is Graph's. */
function parseScope(scope: string): { readonly resource: string; readonly permission: string } {
  const mark = scope.lastIndexOf("/");
  if (mark < 0) return { resource: firstPartyAppIds.microsoftGraph, permission: scope };
  const permission = scope.slice(mark + 1);
  if (mark === 0) refuse({ kind: "scope-without-resource" });
  if (permission === "") refuse({ kind: "scope-invalid", scope });
  return { resource: scope.slice(0, mark), permission };
}

function splitScopes(form: ReadonlyMap<string, string>): string[] {
  const text = need(form, "scope");
  if (text.length > maxScopeChars) refuse({ kind: "scope-invalid", scope: text.slice(0, maxScopeChars) });
  const scopes = scopesIn(text);
  if (scopes.length === 0) refuse({ kind: "parameter-missing", parameter: "scope" });
  return areWellFormed(scopes) ? scopes : refuse({ kind: "scope-invalid", scope: text });
}

function scopesIn(text: string): string[] {
  if (!text.includes(" ")) return text === "" ? [] : [text];
  return [...new Set(text.split(" ").filter((scope) => scope !== ""))];
}

function areWellFormed(scopes: readonly string[]): boolean {
  return scopes.length <= maxScopes && scopes.every((scope) => scopePattern.test(scope));
}

/** Whether a `scope` is written as scopes are; not whether there are such. */
export function areScopesWellFormed(text: string): boolean {
  return areWellFormed(scopesIn(text));
}

function resolve(visit: Visit, name: string, attempt: SignInAttempt): Resource {
  const { model } = visit.cloud;
  const tenant = model.tenant.displayName;
  const resource = findResource(model, name, visit.ownOrigins);
  if (resource === undefined) {
    const kind = isListedBy(model, attempt.appId, name) ? "resource-not-enabled" : "resource-unknown";
    return refuse({ kind, resource: name, tenant });
  }
  attempt.resource = resource.audience;
  if (!isResourceEnabled(model, resource)) refuse({ kind: "resource-disabled", resource: name });
  return resource;
}

/** Whether the client's registration says that it calls an API of that id: then what is missing is the API, not a letter in its name. */
function isListedBy(model: ReadModel, clientId: string, name: string): boolean {
  const required = model.applications.findOne("appId", clientId)?.requiredResourceAccess ?? [];
  const wanted = name.toLowerCase().replace(/^api:\/\//, "");
  return (required as readonly { resourceAppId: string }[]).some(
    ({ resourceAppId }) => resourceAppId.toLowerCase() === wanted,
  );
}
