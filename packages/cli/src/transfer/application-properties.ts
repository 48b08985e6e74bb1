/**
 * What a registration says of itself, in Graph's own shape, without what every new one has; and registrations' IDs, which another cloud gives anew.
 * Pure. May use: azure/, for putting values at their places.
 * @see https://learn.microsoft.com/graph/api/resources/application
 */
import { fillBody } from "../azure/graph-body.ts";
import type { Json } from "../http/service-client.ts";
import { isObject } from "../output/ordered.ts";

/** Paths of the properties that are written down. Keys and secrets are not among them: they stay. */
const paths = [
  "signInAudience",
  "description",
  "notes",
  "tags",
  "identifierUris",
  "isFallbackPublicClient",
  "groupMembershipClaims",
  "optionalClaims",
  "web.homePageUrl",
  "web.logoutUrl",
  "web.redirectUris",
  "web.implicitGrantSettings.enableIdTokenIssuance",
  "web.implicitGrantSettings.enableAccessTokenIssuance",
  "spa.redirectUris",
  "publicClient.redirectUris",
  "api.acceptMappedClaims",
  "api.requestedAccessTokenVersion",
  "api.knownClientApplications",
  "api.oauth2PermissionScopes",
  "api.preAuthorizedApplications",
  "appRoles",
  "requiredResourceAccess",
] as const;

/** Says what a registration has that a new one has not, in the shape of a PATCH. @param application as Graph shows it. */
export function readProperties(application: Json): Json {
  const values = paths.map((path) => {
    const value = valueAt(application, path);
    const isAsNew = value === null || value === false || value === "" || (Array.isArray(value) && value.length === 0);
    return [path, isAsNew ? undefined : withoutOrigin(value)] as const;
  });
  return fillBody(Object.fromEntries(paths.map((path) => [path, path])), Object.fromEntries(values));
}

/** The value at a path of members; undefined where one of them is not there. */
export function valueAt(object: Json, path: string): unknown {
  return path.split(".").reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), object);
}

/** Where a role or a permission comes from is the service's to say. */
function withoutOrigin(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((item) => (isObject(item) ? (({ origin: _, ...rest }) => rest)(item) : item));
}

const mark = /@APPLICATION:[^@]*@/;

/** Stands for a registration's ID (`appId`). Its name is encoded, so that the mark is the same in a text and in JSON. */
export function applicationMark(displayName: string): string {
  return `@APPLICATION:${encodeURIComponent(displayName.toWellFormed())}@`;
}

export function hasApplicationMark(value: unknown): boolean {
  return mark.test(JSON.stringify(value) ?? "");
}

/** Writes a text whose marks are written as they are known, and the words between them in their own way. */
export function writeMarked(
  text: string,
  writeText: (words: string) => string,
  known: ReadonlyMap<string, string>,
): string {
  return text
    .split(new RegExp(`(${mark.source})`))
    .filter((part) => part !== "")
    .map((part) => known.get(part) ?? writeText(part))
    .join("");
}
