/**
 * The resources tokens are for: which names each goes by, which a request means, and which audiences each resource server takes.
 *
 * Owns: that one table; issuing and judging both read it, so that no token is issued that its own resource refuses.
 * May use: the read model. Names are compared byte by byte, with and without one trailing slash (`aud` echoes what was asked); GUIDs in lower case.
 */
import { firstPartyAppIds } from "../state/first-party.ts";
import { type AppId, parseGuid } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";

/** Microsoft's own resources. */
export type FirstPartyResourceKind = "arm" | "graph" | "storage" | "iam" | "token-exchange";

/** What a token is asked for. */
export type Resource = {
  /** `own-origin` is this server itself, as clients that were pointed at it without the proxy name it: Resource Manager and Graph at once. */
  readonly kind: FirstPartyResourceKind | "own-origin" | "application";
  /** `aud`: the name as it was asked for, trailing slash included. */
  readonly audience: string;
  readonly appId: AppId;
};

/** What credentials of applications name as audience. @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity */
export const tokenExchangeName = "api://AzureADTokenExchange";

const resources: Readonly<
  Record<FirstPartyResourceKind, { readonly appId: AppId; readonly names: readonly string[] }>
> = {
  arm: {
    appId: firstPartyAppIds.azureResourceManager,
    names: ["https://management.azure.com", "https://management.core.windows.net"],
  },
  graph: { appId: firstPartyAppIds.microsoftGraph, names: ["https://graph.microsoft.com"] },
  storage: { appId: firstPartyAppIds.azureStorage, names: ["https://storage.azure.com"] },
  // Asked for by its id alone: seen from az.
  iam: { appId: firstPartyAppIds.azurePortalIdentity, names: [] },
  "token-exchange": { appId: firstPartyAppIds.tokenExchange, names: [tokenExchangeName] },
};

const accountOriginPattern = /^https:\/\/([a-z0-9]{3,24})\.blob\.core\.windows\.net$/;
const loopbackOriginPattern = /^https:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::([0-9]{1,5}))?$/;

/**
 * The names this server goes by for a client that came by one of them.
 * @param origin `https://host[:port]` as the client addressed us; only a loopback one counts: by a public host name (through the proxy) nobody needs it.
 */
export function ownOriginsOf(origin: string): readonly string[] {
  const known = recentOwnOrigins.get(origin);
  if (known !== undefined) return known;
  const made = makeOwnOrigins(origin);
  if (recentOwnOrigins.size >= maxRecentOrigins) recentOwnOrigins.clear();
  recentOwnOrigins.set(origin, made);
  return made;
}

/** Origins whose names were made out lately; clients come by few. Our choice. */
const maxRecentOrigins = 256;
const recentOwnOrigins = new Map<string, readonly string[]>();

function makeOwnOrigins(origin: string): readonly string[] {
  const match = loopbackOriginPattern.exec(origin);
  if (match === null) return [];
  const port = match[1] === undefined ? "" : `:${match[1]}`;
  return ["localhost", "127.0.0.1", "[::1]"].map((host) => `https://${host}${port}`);
}

/** The name a resource is called by in scopes: Microsoft's, or the first that its application has, else its id. */
export function resourceNameOf(model: ReadModel, appId: AppId): string {
  const ofMicrosoft = Object.values(resources).find((resource) => resource.appId === appId)?.names[0];
  return ofMicrosoft ?? model.applications.findOne("appId", appId)?.identifierUris[0] ?? appId;
}

/** Which of Microsoft's resources, or this server itself, an `aud` names; undefined for an application's. */
export function resourceKindOf(audience: string): FirstPartyResourceKind | "own-origin" | undefined {
  for (const kind of ["arm", "graph", "storage"] as const) if (isNameOf(kind, audience)) return kind;
  const bare = trimSlash(audience);
  if (accountOriginPattern.test(bare)) return "storage";
  return loopbackOriginPattern.test(bare) ? "own-origin" : undefined;
}

/** Whether Resource Manager takes this `aud`. @param ownOrigins see {@link ownOriginsOf}. */
export function isArmAudience(audience: string, ownOrigins: readonly string[]): boolean {
  return isNameOf("arm", audience) || ownOrigins.includes(trimSlash(audience));
}

/** Whether Microsoft Graph takes this `aud`. @param ownOrigins see {@link ownOriginsOf}. */
export function isGraphAudience(audience: string, ownOrigins: readonly string[]): boolean {
  return isNameOf("graph", audience) || ownOrigins.includes(trimSlash(audience));
}

/** Whether the portal's identity service takes this `aud`. */
export function isIamAudience(audience: string): boolean {
  return isNameOf("iam", audience);
}

/** Whether a token of this `aud` may sign an application in, where it trusts whom the token is of. */
export function isTokenExchangeAudience(audience: string): boolean {
  return isNameOf("token-exchange", audience);
}

/**
 * Whether Blob storage takes this `aud` for an account.
 * @param account lower case; a token for one account's own name opens no other account.
 * @see https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory
 */
export function isStorageAudience(audience: string, account: string): boolean {
  return isNameOf("storage", audience) || trimSlash(audience) === `https://${account}.blob.core.windows.net`;
}

/**
 * Finds the resource a token request names: by v1's `resource`, or by what stands before `/.default` or the permission in a v2 scope.
 * @returns undefined when the tenant knows no such resource (AADSTS500011).
 */
export function findResource(model: ReadModel, name: string, ownOrigins: readonly string[]): Resource | undefined {
  for (const kind of ["arm", "graph", "storage", "iam", "token-exchange"] as const) {
    if (isNameOf(kind, name)) return { kind, audience: name, appId: resources[kind].appId };
  }
  const bare = trimSlash(name);
  const account = accountOriginPattern.exec(bare)?.[1];
  if (account !== undefined) {
    const isThere = model.storageAccount(account) !== undefined;
    return isThere ? { kind: "storage", audience: name, appId: resources.storage.appId } : undefined;
  }
  if (ownOrigins.includes(bare)) return { kind: "own-origin", audience: name, appId: resources.arm.appId };
  // A registered application must never pass for this server: a token it was given could be replayed here.
  if (loopbackOriginPattern.test(bare)) return undefined;
  return findApplication(model, name);
}

/** Whether tokens may be issued for a resource: an administrator who disables its service principal ends that. */
export function isResourceEnabled(model: ReadModel, { appId }: Resource): boolean {
  return model.servicePrincipals.findOne("appId", appId)?.accountEnabled !== false;
}

/**
 * An application of the tenant, by an identifier URI or its appId; it must have a service principal. `api://appId` is a name like any other: of
 * who registered it, and nobody's before, or an application that counted on it would share it with who registers it first.
 */
function findApplication(model: ReadModel, name: string): Resource | undefined {
  const appId = parseGuid<"AppId">(name);
  const application =
    model.applications.findOne("identifierUri", name.toLowerCase()) ??
    model.applications.findOne("identifierUri", trimSlash(name).toLowerCase()) ??
    (appId === undefined ? undefined : model.applications.findOne("appId", appId));
  if (application === undefined) return undefined;
  const servicePrincipal = model.servicePrincipals.findOne("appId", application.appId);
  return servicePrincipal && { kind: "application", audience: name, appId: application.appId };
}

function isNameOf(kind: FirstPartyResourceKind, name: string): boolean {
  const { appId, names } = resources[kind];
  return names.includes(trimSlash(name)) || name.toLowerCase() === appId;
}

function trimSlash(name: string): string {
  return name.endsWith("/") ? name.slice(0, -1) : name;
}
