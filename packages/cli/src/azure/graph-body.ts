/**
 * The bodies az writes for applications, users and groups: which option is which property. May use: command/, for JSON arguments.
 * @see https://learn.microsoft.com/graph/api/resources/application
 */
import { readJsonArgument } from "../command/json-argument.ts";
import type { Json } from "../http/service-client.ts";
import { isObject } from "../output/ordered.ts";
import { addYears } from "./identifiers.ts";

/** Puts the values that are there at their places. @param places an argument's name and the path of its property. */
export function fillBody(places: Readonly<Record<string, string>>, values: Readonly<Record<string, unknown>>): Json {
  const body: Json = {};
  for (const [name, path] of Object.entries(places)) {
    const value = values[name];
    if (value === undefined || value === null) continue;
    const keys = path.split(".");
    const last = keys.pop()!;
    let at = body;
    for (const key of keys) {
      at[key] ??= {};
      at = at[key] as Json;
    }
    at[last] = value;
  }
  return body;
}

const applicationPlaces = {
  displayName: "displayName",
  identifierUris: "identifierUris",
  isFallbackPublicClient: "isFallbackPublicClient",
  signInAudience: "signInAudience",
  serviceManagementReference: "serviceManagementReference",
  keyCredentials: "keyCredentials",
  requestedAccessTokenVersion: "api.requestedAccessTokenVersion",
  webHomePageUrl: "web.homePageUrl",
  webRedirectUris: "web.redirectUris",
  enableIdTokenIssuance: "web.implicitGrantSettings.enableIdTokenIssuance",
  enableAccessTokenIssuance: "web.implicitGrantSettings.enableAccessTokenIssuance",
  publicClientRedirectUris: "publicClient.redirectUris",
  appRoles: "appRoles",
  optionalClaims: "optionalClaims",
  requiredResourceAccesses: "requiredResourceAccess",
} as const;

export interface KeyArguments {
  readonly keyValue?: string | undefined;
  readonly keyType?: string | undefined;
  readonly keyUsage?: string | undefined;
  readonly keyDisplayName?: string | undefined;
  readonly startDate?: string | undefined;
  readonly endDate?: string | undefined;
}

/** @param values the options of `ad app create`; the three JSON ones still as text. */
export function applicationBody(values: Readonly<Record<string, unknown>>, keyCredentials?: readonly Json[]): Json {
  return fillBody(applicationPlaces, {
    ...values,
    keyCredentials,
    appRoles: readPart(values.appRoles, "appRoles", (roles) =>
      Array.isArray(roles) ? roles.map((role: Json) => ({ ...role, id: role.id || crypto.randomUUID() })) : roles,
    ),
    optionalClaims: readPart(values.optionalClaims, "optionalClaims"),
    requiredResourceAccesses: readPart(values.requiredResourceAccesses, "requiredResourceAccess"),
  });
}

/** A whole manifest may be given where a part of it is wanted. */
function readPart(text: unknown, member: string, finish: (part: unknown) => unknown = (part) => part): unknown {
  if (typeof text !== "string") return undefined;
  const value = readJsonArgument(text);
  return finish(isObject(value) && member in value ? value[member] : value);
}

/** A key credential of a certificate, for an application's `keyCredentials`. */
export function keyCredential(args: KeyArguments): Json {
  const start = args.startDate === undefined ? new Date() : new Date(args.startDate);
  const end =
    args.endDate === undefined ? new Date(addYears(start, 1).getTime() - 24 * 3_600_000) : new Date(args.endDate);
  return {
    "@odata.type": "#microsoft.graph.keyCredential",
    displayName: args.keyDisplayName ?? null,
    endDateTime: toSeconds(end),
    key: args.keyValue,
    keyId: crypto.randomUUID(),
    startDateTime: toSeconds(start),
    type: args.keyType ?? "AsymmetricX509Cert",
    usage: args.keyUsage ?? "Verify",
  };
}

function toSeconds(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}

export const userPlaces = {
  accountEnabled: "accountEnabled",
  displayName: "displayName",
  mailNickname: "mailNickname",
  userPrincipalName: "userPrincipalName",
  immutableId: "onPremisesImmutableId",
  password: "passwordProfile.password",
  forceChangePasswordNextSignIn: "passwordProfile.forceChangePasswordNextSignIn",
} as const;
