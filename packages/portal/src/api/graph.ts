/** Microsoft Graph, as far as the portal asks it: one function per request. @see https://learn.microsoft.com/graph/api/overview */
import { type Page, readAll, readPage, sendForJson } from "./http.ts";

export type PasswordCredential = {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly hint: string | null;
  readonly startDateTime: string;
  readonly endDateTime: string;
  readonly secretText: string | null;
};

export type KeyCredential = {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly customKeyIdentifier: string | null;
  readonly startDateTime: string;
  readonly endDateTime: string;
  readonly type: string;
  readonly usage: string;
};

export type ResourceAccess = {
  readonly resourceAppId: string;
  readonly resourceAccess: readonly { readonly id: string; readonly type: "Scope" | "Role" }[];
};

export type Application = {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly createdDateTime: string;
  readonly signInAudience: string;
  readonly identifierUris: readonly string[];
  readonly notes: string | null;
  readonly web: { readonly redirectUris: readonly string[] };
  readonly spa: { readonly redirectUris: readonly string[] };
  readonly publicClient: { readonly redirectUris: readonly string[] };
  readonly passwordCredentials: readonly PasswordCredential[];
  readonly keyCredentials: readonly KeyCredential[];
  readonly requiredResourceAccess: readonly ResourceAccess[];
  readonly deletedDateTime?: string | null;
};

export type DirectoryObject = {
  readonly "@odata.type": string;
  readonly id: string;
  readonly displayName: string | null;
  readonly userPrincipalName?: string;
  readonly appId?: string;
};

export type PermissionScope = {
  readonly id: string;
  readonly value: string;
  readonly adminConsentDisplayName: string;
  readonly adminConsentDescription: string;
  readonly type: string;
};

export type AppRole = {
  readonly id: string;
  readonly value: string | null;
  readonly displayName: string;
  readonly description: string;
  readonly allowedMemberTypes: readonly string[];
};

export type ServicePrincipal = {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly accountEnabled: boolean;
  readonly servicePrincipalType: string;
  readonly oauth2PermissionScopes: readonly PermissionScope[];
  readonly appRoles: readonly AppRole[];
};

export type FederatedCredential = {
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
  readonly description: string | null;
};

const root = "/v1.0";
/** Graph sorts and searches with `$count` under this header only. */
const eventual = { headers: { consistencylevel: "eventual" } } as const;

/** Graph's largest page. */
export const pageSize = 999;

/** Asks Graph for JSON. @param target below `/v1.0`. */
export function graph<Result>(method: string, target: string, body?: object): Promise<Result> {
  return sendForJson<Result>("graph", `${root}${target}`, { method, body });
}

/** One page of a Graph list. @param target below `/v1.0`, or a nextLink. */
export function graphPage<Item>(target: string): Promise<Page<Item>> {
  return readPage<Item>("graph", target.startsWith("https:") ? target : `${root}${target}`, eventual);
}

/** A Graph list to its end. @param target below `/v1.0`. */
export function graphAll<Item>(target: string): Promise<Item[]> {
  return readAll<Item>("graph", `${root}${target}`, eventual);
}

/** Puts words into a `$search` clause over display names; quotes and backslashes in them stay what they are. */
export function searchClause(words: string, property = "displayName"): string {
  const quoted = words.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  return `$search=${encodeURIComponent(`"${property}:${quoted}"`)}`;
}

/** Puts a value into a `$filter`. */
export function filterText(value: string): string {
  return encodeURIComponent(`'${value.replaceAll("'", "''")}'`);
}

export function getApplication(objectId: string): Promise<Application> {
  return graph("GET", `/applications/${encodeURIComponent(objectId)}`);
}

/** @returns undefined when the tenant has none of this application. */
export async function findServicePrincipal(appId: string): Promise<ServicePrincipal | undefined> {
  const found = await graphPage<ServicePrincipal>(`/servicePrincipals?$filter=appId eq ${filterText(appId)}`);
  return found.items[0];
}
