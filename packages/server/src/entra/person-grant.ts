/**
 * The phases shared by every grant on behalf of a person: what is asked, what the client may, and the tokens.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth-ropc#successful-authentication-response
 */
import type { User } from "../state/entities.ts";
import type { ClientProof } from "../tokens/claims.ts";
import { delegatedPermissions, firstPartyFamily } from "../tokens/delegated-permissions.ts";
import { refuse } from "./fault.ts";
import { readUserScope, type UserScope } from "./requested-resource.ts";
import type { TokenGrant, TokenRequest } from "./token-request.ts";

export type SignedInPerson = {
  readonly user: User;
  readonly proof: ClientProof;
  /** A GUID: all refresh tokens that descend from one sign-in carry the same. */
  readonly familyId: string;
};

/** @throws EntraRefusal for a scope that is not there or not consented to. */
export async function issueForPerson(request: TokenRequest, person: SignedInPerson): Promise<TokenGrant> {
  const { visit, client, form, dialect } = request;
  const { tokens } = visit.cloud;
  const { user, proof, familyId } = person;
  const scope = readUserScope(visit, form, dialect, request.attempt);
  const permissions = consentedPermissions(request, scope);
  const { appId, displayName } = client;
  const access = await tokens.issueUserToken({
    user,
    client: { appId, displayName, proof },
    resource: scope.resource,
    scopes: permissions,
  });
  const isIdAsked = scope.openId.has("openid");
  const version = dialect === "v1" ? "1.0" : "2.0";
  const idToken = isIdAsked
    ? await tokens.issueIdToken({ version, user, clientId: appId, openIdScopes: scope.openId, nonce: undefined })
    : undefined;
  const refreshToken = scope.openId.has("offline_access")
    ? tokens.refreshTokens.seal({ userId: user.id, clientId: appId, issuedAtMs: visit.now.getTime(), familyId })
    : undefined;
  const family = client.isFirstParty ? firstPartyFamily : undefined;
  const scopes = spellScopes(scope, permissions, dialect);
  return { resource: scope.resource, access, person: { userId: user.id, scopes, refreshToken, idToken, family } };
}

/** @returns all permissions the client holds on the resource, as Entra gives them however few were asked for. */
function consentedPermissions(request: TokenRequest, scope: UserScope): readonly string[] {
  const { appId, displayName } = request.client;
  const held = delegatedPermissions(appId, scope.resource);
  const lower = new Set(held.map((permission) => permission.toLowerCase()));
  const isConsented = scope.permissions.every((permission) => lower.has(permission.toLowerCase()));
  if (held.length === 0 || !isConsented) refuse({ kind: "consent-missing", appId, appName: displayName });
  return held;
}

/**
 * Scopes as a v2 response lists them: with the resource before each, and the ones asked for as they were asked for, because clients
 * look their cache up by them.
 */
function spellScopes(scope: UserScope, permissions: readonly string[], dialect: string): string[] {
  if (dialect === "v1") return [...permissions];
  const isBare = (permission: string) => permission === "openid" || permission === "profile" || permission === "email";
  const spelled = permissions.map((permission) =>
    isBare(permission) ? permission : `${scope.resource.audience}/${permission}`,
  );
  return [...new Set([...spelled, ...scope.asked])];
}
