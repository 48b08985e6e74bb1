/**
 * The phases shared by every grant on behalf of a person: what is asked, what the client may, and the tokens.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth-ropc#successful-authentication-response
 */
import { consentedScopes } from "../directory/consent.ts";
import { publishedScopes } from "../directory/delegated-scopes.ts";
import { startFamily } from "../directory/refresh-token-family.ts";
import type { Actor } from "../state/change.ts";
import type { User } from "../state/entities.ts";
import type { AppId, Guid } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import type { Resource } from "../tokens/audiences.ts";
import type { ClientProof } from "../tokens/claims.ts";
import { delegatedPermissions, firstPartyFamily } from "../tokens/delegated-permissions.ts";
import {
  type ClientPlatform,
  refreshTokenLifetimeSeconds,
  spaRefreshTokenLifetimeSeconds,
} from "../tokens/refresh-token.ts";
import { checkDirectoryAccess, checkOwnName, checkPersonAssigned, trustedPermissions } from "./api-access.ts";
import { refuse } from "./fault.ts";
import { readUserScope, type UserScope } from "./requested-resource.ts";
import type { TokenGrant, TokenRequest } from "./token-request.ts";
import type { Visit } from "./visit.ts";

/** A place in a family of refresh tokens. */
export type Descent = { readonly familyId: Guid; readonly generation: number };

export type SignedInPerson = {
  readonly user: User;
  readonly proof: ClientProof;
  /** The family of refresh tokens the sign-in has, and the place in it of the next one; undefined when the sign-in is a new one. */
  readonly descent?: Descent;
  readonly platform: ClientPlatform;
  /** Single-page apps: the origin that may use the refresh token; else "". */
  readonly origin: string;
  /** Milliseconds since 1970. */
  readonly signedInAtMs: number;
  readonly nonce?: string | undefined;
  /** The browser's session; undefined where none was signed in. */
  readonly sid?: string | undefined;
};

/** @throws EntraRefusal for a scope that is not there or not consented to. */
export async function issueForPerson(request: TokenRequest, person: SignedInPerson): Promise<TokenGrant> {
  const { visit, client, form, dialect } = request;
  const { tokens } = visit.cloud;
  const { user, proof, nonce, signedInAtMs, sid } = person;
  const scope = readUserScope(visit, form, dialect, request.attempt);
  checkOwnName(client, scope.resource);
  if (dialect === "v1") checkDirectoryAccess(visit.cloud.model, user, client, scope.resource);
  checkPersonAssigned(visit.cloud.model, user, client, scope.resource);
  const permissions = consentedPermissions(request, scope, user);
  const { appId, displayName } = client;
  const isRefreshAsked = scope.openId.has("offline_access");
  const descent = person.descent ?? (isRefreshAsked ? await beginFamily(request, person) : undefined);
  const access = await tokens.issueUserToken({
    user,
    client: { appId, displayName, proof },
    resource: scope.resource,
    scopes: permissions,
    signedInAtMs,
    session: descent?.familyId,
    asked: request.asked,
  });
  const isIdAsked = scope.openId.has("openid");
  const version = dialect === "v1" ? "1.0" : "2.0";
  const idToken = isIdAsked
    ? await tokens.issueIdToken({
        version,
        user,
        clientId: appId,
        openIdScopes: scope.openId,
        nonce,
        signedInAtMs,
        sid,
      })
    : undefined;
  const refreshToken = isRefreshAsked && descent !== undefined ? sealRefreshToken(request, person, descent) : undefined;
  const family = client.isFirstParty ? firstPartyFamily : undefined;
  const scopes = spellScopes(scope, permissions, dialect);
  return { resource: scope.resource, access, person: { userId: user.id, scopes, refreshToken, idToken, family } };
}

async function beginFamily({ visit, client }: TokenRequest, person: SignedInPerson): Promise<Descent> {
  const { user, platform, signedInAtMs } = person;
  const familyId = visit.cloud.ports.guid() as Guid;
  const expires = refreshTokenEnd(visit.now, platform, signedInAtMs);
  const start = { familyId, userId: user.id, clientId: client.appId, now: visit.now, expires };
  await visit.cloud.store.change(actorOf(user), "Sign in", (model) => startFamily(model, start));
  return { familyId, generation: 0 };
}

function sealRefreshToken({ visit, client }: TokenRequest, person: SignedInPerson, descent: Descent): string {
  const { user, platform, origin, signedInAtMs, sid } = person;
  const issuedAtMs = visit.now.getTime();
  const grant = {
    userId: user.id,
    clientId: client.appId,
    issuedAtMs,
    signedInAtMs,
    platform,
    origin,
    sid,
    ...descent,
  };
  return visit.cloud.tokens.refreshTokens.seal(grant);
}

/** The moment after which a refresh token issued now serves no more. */
export function refreshTokenEnd(now: Date, platform: ClientPlatform, signedInAtMs: number): Date {
  return platform === "spa"
    ? new Date(signedInAtMs + spaRefreshTokenLifetimeSeconds * 1000)
    : new Date(now.getTime() + refreshTokenLifetimeSeconds * 1000);
}

/** Whom the change log names for what a sign-in changes. */
export function actorOf(user: User): Actor {
  return { principalId: user.id, displayName: user.displayName };
}

/** The platform of a client that signs people in without a redirect. */
export function platformOf(proof: ClientProof): ClientPlatform {
  return proof === "0" ? "native" : "web";
}

/** @returns all permissions the client holds on the resource, as Entra gives them however few were asked for. */
function consentedPermissions(request: TokenRequest, scope: UserScope, user: User): readonly string[] {
  const { appId, displayName } = request.client;
  const held = heldPermissions(request.visit, appId, scope.resource, user);
  const lower = new Set(held.map((permission) => permission.toLowerCase()));
  const isConsented = scope.permissions.every((permission) => lower.has(permission.toLowerCase()));
  if (held.length === 0 || !isConsented) refuse({ kind: "consent-missing", appId, appName: displayName });
  return held;
}

/** What anyone may let the client do, and what this person or an administrator let it do. */
function heldPermissions({ cloud }: Visit, appId: AppId, resource: Resource, user: User): readonly string[] {
  const free = [...delegatedPermissions(appId, resource), ...trustedPermissions(cloud.model, appId, resource)];
  return [...free, ...consentedTo(cloud.model, appId, resource, user).filter((value) => !free.includes(value))];
}

function consentedTo(model: ReadModel, appId: AppId, resource: Resource, user: User): readonly string[] {
  const given = consentedScopes(model, appId, resource.appId, user.id);
  return publishedScopes(model, resource.appId)
    .map(({ value }) => value)
    .filter((value) => value !== "offline_access" && given.has(value.toLowerCase()));
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
