/**
 * What tokens say: the claims of access and id tokens, in the order Entra writes them. Pure: time and chance come in as values.
 *
 * The version follows the resource, not the endpoint: 1.0 for Azure's own resources, for others what their registration asks.
 * @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 * @see https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
 */
import { createHash } from "node:crypto";
import type { ServicePrincipal, Tenant, User } from "../state/entities.ts";
import type { AppId, Guid } from "../state/identifiers.ts";
import type { Resource } from "./audiences.ts";
import { issuerOf } from "./issuers.ts";
import type { TokenContent } from "./token-content.ts";

/** When a token holds, in seconds since 1970. */
export type Validity = { readonly notBefore: number; readonly expiresAt: number };

/** Identifiers of one token that mean nothing to clients. */
export type TokenMarks = {
  /** `uti`: 22 characters of base64url. */
  readonly tokenId: string;
  /** `rh`. */
  readonly revocationHint: string;
};

/** How the client proved itself (`appidacr`): "0" public, "1" secret, "2" certificate or another issuer's token. */
export type ClientProof = "0" | "1" | "2";

type Claims = Readonly<Record<string, unknown>>;

/** Directory role every application (or user) has in a Graph token's `wids`, from decoded tokens. */
const defaultRoleOfApps = "0997a1d0-0d1d-4acb-b408-d5ca73121e90" as Guid;
const defaultRoleOfUsers = "b79fbf4d-3ef9-4689-8143-76b194e85509" as Guid;
/** This cloud stands in no region: Entra's own word for world-wide tenants. */
const tenantRegion = "WW";

export type AppClaimsInput = {
  readonly tenant: Tenant;
  readonly servicePrincipal: ServicePrincipal;
  readonly resource: Resource;
  readonly validity: Validity;
  readonly marks: TokenMarks;
  /** Template ids of the directory roles the service principal holds. */
  readonly directoryRoleIds: readonly Guid[];
  /** A secret unless said. */
  readonly proof?: ClientProof;
  readonly content: TokenContent;
};

/** Claims of an access token of an application itself. */
export function appClaims(input: AppClaimsInput): Claims {
  return input.content.version === "2.0" ? appClaimsV2(input) : appClaimsV1(input);
}

function appClaimsV1(input: AppClaimsInput): Claims {
  const { tenant, servicePrincipal, resource, marks, content, proof = "1" } = input;
  const isGraph = speaksGraph(resource);
  const issuer = issuerOf("1.0", tenant.tenantId);
  return {
    aud: content.audience,
    iss: issuer,
    ...times(input.validity),
    ...(isGraph ? { app_displayname: servicePrincipal.displayName } : {}),
    appid: servicePrincipal.appId,
    appidacr: proof,
    idp: issuer,
    ...(content.isKindShown ? { idtyp: "app" } : {}),
    oid: servicePrincipal.id,
    rh: marks.revocationHint,
    ...rolesOf(content),
    sub: servicePrincipal.id,
    ...(isGraph ? { tenant_region_scope: tenantRegion } : {}),
    tid: tenant.tenantId,
    uti: marks.tokenId,
    ver: "1.0",
    ...(isGraph ? { wids: [...input.directoryRoleIds, defaultRoleOfApps], xms_tcdt: creationTime(tenant) } : {}),
    ...content.extra,
  };
}

function appClaimsV2({ tenant, servicePrincipal, marks, content, validity, proof = "1" }: AppClaimsInput): Claims {
  return {
    aud: content.audience,
    iss: issuerOf("2.0", tenant.tenantId),
    ...times(validity),
    azp: servicePrincipal.appId,
    azpacr: proof,
    ...(content.isKindShown ? { idtyp: "app" } : {}),
    oid: servicePrincipal.id,
    rh: marks.revocationHint,
    ...rolesOf(content),
    sub: servicePrincipal.id,
    tid: tenant.tenantId,
    uti: marks.tokenId,
    ver: "2.0",
    ...content.extra,
  };
}

export type UserClaimsInput = {
  readonly tenant: Tenant;
  readonly user: User;
  /** The client: its appId, its name (shown in Graph tokens), and its proof. */
  readonly client: { readonly appId: AppId; readonly displayName: string; readonly proof: ClientProof };
  readonly resource: Resource;
  /** Delegated permissions; at least one. */
  readonly scopes: readonly string[];
  readonly validity: Validity;
  readonly marks: TokenMarks;
  readonly directoryRoleIds: readonly Guid[];
  readonly content: TokenContent;
};

/** Claims of an access token on behalf of a person who gave a password. */
export function userClaims(input: UserClaimsInput): Claims {
  return input.content.version === "2.0" ? userClaimsV2(input) : userClaimsV1(input);
}

function userClaimsV2(input: UserClaimsInput): Claims {
  const { tenant, user, client, resource, marks, content } = input;
  return {
    aud: content.audience,
    iss: issuerOf("2.0", tenant.tenantId),
    ...times(input.validity),
    azp: client.appId,
    azpacr: client.proof,
    ...(content.isKindShown ? { idtyp: "user" } : {}),
    name: user.displayName,
    oid: user.id,
    preferred_username: user.userPrincipalName,
    rh: marks.revocationHint,
    ...rolesOf(content),
    scp: input.scopes.join(" "),
    sub: pairwiseSubject(user, resource.appId),
    tid: tenant.tenantId,
    uti: marks.tokenId,
    ver: "2.0",
    ...(content.areDirectoryRolesShown ? { wids: [...input.directoryRoleIds, defaultRoleOfUsers] } : {}),
    ...content.extra,
  };
}

function userClaimsV1(input: UserClaimsInput): Claims {
  const { tenant, user, client, resource, marks, content } = input;
  const isGraph = speaksGraph(resource);
  return {
    aud: content.audience,
    iss: issuerOf("1.0", tenant.tenantId),
    ...times(input.validity),
    acr: "1",
    amr: ["pwd"],
    ...(isGraph ? { app_displayname: client.displayName } : {}),
    appid: client.appId,
    appidacr: client.proof,
    ...personalNames(user),
    ...(content.isKindShown ? { idtyp: "user" } : {}),
    name: user.displayName,
    oid: user.id,
    rh: marks.revocationHint,
    ...rolesOf(content),
    scp: input.scopes.join(" "),
    sub: pairwiseSubject(user, resource.appId),
    ...(isGraph ? { tenant_region_scope: tenantRegion } : {}),
    tid: tenant.tenantId,
    unique_name: user.userPrincipalName,
    upn: user.userPrincipalName,
    uti: marks.tokenId,
    ver: "1.0",
    ...(content.areDirectoryRolesShown ? { wids: [...input.directoryRoleIds, defaultRoleOfUsers] } : {}),
    ...(isGraph ? { xms_tcdt: creationTime(tenant) } : {}),
    ...content.extra,
  };
}

export type IdClaimsInput = {
  readonly version: "1.0" | "2.0";
  readonly tenant: Tenant;
  readonly user: User;
  readonly clientId: AppId;
  /** OpenID scopes that were asked for: `profile` and `email` add claims. */
  readonly openIdScopes: ReadonlySet<string>;
  readonly nonce: string | undefined;
  readonly code?: string | undefined;
  readonly validity: Validity;
  readonly marks: TokenMarks;
  /** What the client's registration asks for beside all this. */
  readonly extra?: Claims;
};

/** Claims of an id token; its audience is the client. */
export function idClaims(input: IdClaimsInput): Claims {
  const { version, tenant, user, clientId, openIdScopes, nonce, marks } = input;
  const head = { aud: clientId, iss: issuerOf(version, tenant.tenantId), ...times(input.validity) };
  const nonceClaim = {
    ...(input.code === undefined ? {} : { c_hash: halfHash(input.code) }),
    ...(nonce === undefined ? {} : { nonce }),
  };
  const email = openIdScopes.has("email") && user.mail !== null ? { email: user.mail } : {};
  const sub = pairwiseSubject(user, clientId);
  const tail = { sub, tid: tenant.tenantId };
  if (version === "1.0") {
    return {
      ...head,
      amr: ["pwd"],
      ...email,
      ...personalNames(user),
      name: user.displayName,
      ...nonceClaim,
      oid: user.id,
      rh: marks.revocationHint,
      ...tail,
      unique_name: user.userPrincipalName,
      upn: user.userPrincipalName,
      uti: marks.tokenId,
      ver: version,
      ...input.extra,
    };
  }
  const profile = openIdScopes.has("profile")
    ? { name: user.displayName, oid: user.id, preferred_username: user.userPrincipalName }
    : {};
  return {
    ...head,
    ...email,
    ...nonceClaim,
    ...profile,
    rh: marks.revocationHint,
    ...tail,
    uti: marks.tokenId,
    ver: version,
    ...input.extra,
  };
}

/** Application permissions and app roles; a token without any has no such claim. */
function rolesOf({ roles }: TokenContent): Claims {
  return roles.length === 0 ? {} : { roles };
}

/** The left half of the SHA-256: binds an id token to what came with it. @see https://openid.net/specs/openid-connect-core-1_0.html#HybridIDToken */
function halfHash(text: string): string {
  return createHash("sha256").update(text).digest().subarray(0, 16).toString("base64url");
}

function times({ notBefore, expiresAt }: Validity): Claims {
  return { iat: notBefore, nbf: notBefore, exp: expiresAt };
}

/** The server's own name stands for Graph too. */
function speaksGraph(resource: Resource): boolean {
  return resource.kind === "graph" || resource.kind === "own-origin";
}

function personalNames(user: User): Claims {
  return {
    ...(user.surname === null ? {} : { family_name: user.surname }),
    ...(user.givenName === null ? {} : { given_name: user.givenName }),
  };
}

function creationTime(tenant: Tenant): number {
  return Math.floor(Date.parse(tenant.createdDateTime) / 1000);
}

/** A person's name towards one application, another for each: as Entra's, it is no key to the person's records elsewhere. */
export function pairwiseSubject(user: User, appId: AppId): string {
  return createHash("sha256").update(`${user.id}/${appId}`).digest("base64url");
}
