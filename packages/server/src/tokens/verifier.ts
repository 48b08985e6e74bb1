/**
 * Judges bearer tokens for the resource servers: signature first, then what the token says, then whether its principal still may.
 *
 * Owns: the order and strictness of the checks; the memory of tokens whose signature was checked. May use: key ring, read model, clock.
 * Worked example: a token of a service principal deleted a second ago is still remembered and well signed, yet refused with
 * `token-principal`: the directory is asked on every call, as are the audience and the clock. Only signature and shape are remembered.
 * Spec: RFC 7519, RFC 8725; https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens
 */
import { hash, verify as verifySignature } from "node:crypto";
import { type AppId, type PrincipalId, parseGuid, type TenantId } from "../state/identifiers.ts";
import type { Ports } from "../state/ports.ts";
import type { ReadModel } from "../state/read-model.ts";
import { parseCompactJws, parseJsonObject } from "./compact-jws.ts";
import { findRevocation, isContinuousToken } from "./continuous-access.ts";
import { issuerOf } from "./issuers.ts";
import type { KeyRing, SigningKey } from "./key-ring.ts";
import { RecentMap } from "./recent-map.ts";
import { type TokenFault, TokenRefusal, type TokenVerifier, type VerifiedToken } from "./token.ts";

/**
 * How far the clocks of issuer and resource server may be apart, in seconds: the default of Microsoft's token validators.
 * @see https://learn.microsoft.com/dotnet/api/microsoft.identitymodel.tokens.tokenvalidationparameters.clockskew
 */
export const clockSkewSeconds = 300;

/** Tokens remembered, at about 2 KiB each; our choice. */
export const maxRememberedTokens = 8192;

/** Members a header may have. Whatever else stands there (jwk, jku, x5u, x5c, crit, b64, zip, nonce) was not put there by us. */
const headerMembers: ReadonlySet<string> = new Set(["typ", "alg", "kid", "x5t"]);

type CheckedToken = VerifiedToken & {
  readonly issuer: string;
  readonly notBefore: number;
  /** `kid`: asked for at every use, because a key can be withdrawn before its tokens end. */
  readonly keyId: string;
  readonly isContinuous: boolean;
};

export function createTokenVerifier(options: {
  readonly keyRing: KeyRing;
  readonly model: ReadModel;
  readonly ports: Pick<Ports, "now">;
}): TokenVerifier {
  const { keyRing, model, ports } = options;
  const remembered = new RecentMap<CheckedToken>(maxRememberedTokens);
  return {
    verify(token, isAudience, headKey) {
      const digest = digestOf(token, headKey);
      let checked = remembered.get(digest);
      if (checked !== undefined && keyRing.find(checked.keyId) === undefined) {
        remembered.delete(digest);
        refuse({ kind: "token-key-unknown" });
      }
      if (checked === undefined) {
        checked = checkSignatureAndShape(token, keyRing);
        checkIssuer(checked, model.tenant.tenantId);
        remembered.set(digest, checked);
      }
      if (!isAudience(checked.audience)) refuse({ kind: "token-audience", audience: checked.audience });
      try {
        checkTime(checked, ports.now());
      } catch (refusal) {
        remembered.delete(digest);
        throw refusal;
      }
      if (checked.isContinuous) checkRevocation(checked, model, ports.now());
      checkPrincipal(checked, model);
      return checked;
    },
  };
}

type Digested = { readonly token: string; readonly digest: string };
/** Of the token that a remembered head bears: it lasts no longer than the head does. */
const digests = new WeakMap<object, Digested>();

/** The name that a token is remembered by. To take it costs more than all that is asked of a remembered token. */
function digestOf(token: string, headKey: object | undefined): string {
  const known = headKey && digests.get(headKey);
  if (known?.token === token) return known.digest;
  const digest = hash("sha256", token, "base64");
  if (headKey !== undefined) digests.set(headKey, { token, digest });
  return digest;
}

function refuse(fault: TokenFault): never {
  throw new TokenRefusal(fault);
}

function checkSignatureAndShape(token: string, keyRing: KeyRing): CheckedToken {
  const jws = parseCompactJws(token);
  if (jws === undefined) refuse({ kind: "token-malformed" });
  const key = chooseKey(jws.header, keyRing);
  if (!verifySignature("RSA-SHA256", Buffer.from(jws.signedContent), key.publicKey, jws.signature)) {
    refuse({ kind: "token-signature" });
  }
  const claims = parseJsonObject(jws.payload);
  const checked = claims && readClaims(claims, key.kid);
  return checked ?? refuse({ kind: "token-claims" });
}

/** The algorithm is fixed, the key comes from our own ring: the header only names which. */
function chooseKey(header: Readonly<Record<string, unknown>>, keyRing: KeyRing): SigningKey {
  const { alg, typ, kid, x5t } = header;
  if (alg !== "RS256") refuse({ kind: "token-algorithm", algorithm: typeof alg === "string" ? alg : "" });
  const isForeign = Object.keys(header).some((member) => !headerMembers.has(member));
  if (isForeign || typ !== "JWT" || typeof kid !== "string" || (x5t !== undefined && x5t !== kid)) {
    refuse({ kind: "token-malformed" });
  }
  return keyRing.find(kid) ?? refuse({ kind: "token-key-unknown" });
}

/** @returns undefined when a claim is missing, of the wrong type, or says two things at once. */
function readClaims(claims: Readonly<Record<string, unknown>>, keyId: string): CheckedToken | undefined {
  const { ver, iss, aud, sub, iat, nbf, exp } = claims;
  // A token for an application's own API says what it is only when the application asks; its permissions tell, too.
  const idtyp = claims.idtyp ?? (claims.scp === undefined ? "app" : "user");
  const tenantId = parseGuid<"TenantId">(claims.tid);
  const principalId = parseGuid(claims.oid);
  const appId = ver === "1.0" ? parseGuid(claims.appid) : ver === "2.0" ? parseGuid(claims.azp) : undefined;
  if (tenantId === undefined || principalId === undefined || appId === undefined) return undefined;
  if (!isText(iss) || !isText(aud) || !isText(sub)) return undefined;
  if (!isTime(iat) || !isTime(nbf) || !isTime(exp)) return undefined;
  if (idtyp !== "app" && idtyp !== "user") return undefined;
  // Only a token on behalf of a person has `scp`; one without would be taken for a person with no rights, or for an app.
  if (isText(claims.scp) !== (idtyp === "user")) return undefined;
  const roles = claims.roles ?? [];
  if (!Array.isArray(roles) || !roles.every(isText)) return undefined;
  return {
    principalId: principalId as string as PrincipalId,
    appId: appId as string as AppId,
    tenantId: tenantId as string as TenantId,
    kind: idtyp,
    audience: aud,
    scopes: idtyp === "user" ? (claims.scp as string).split(" ") : [],
    roles,
    expiresAt: exp,
    issuedAt: iat,
    notBefore: nbf,
    issuer: iss,
    keyId,
    isContinuous: isContinuousToken(claims, idtyp),
    claims,
  };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** One key ring may outlive a tenant (a restored folder), so the issuer is checked although the signature is ours. */
function checkIssuer(token: CheckedToken, tenantId: TenantId): void {
  const version = token.claims.ver as "1.0" | "2.0";
  if (token.tenantId !== tenantId || token.issuer !== issuerOf(version, tenantId)) {
    refuse({ kind: "token-issuer", issuer: token.issuer, tenantId });
  }
}

function checkTime(token: CheckedToken, now: Date): void {
  const seconds = Math.floor(now.getTime() / 1000);
  if (seconds >= token.expiresAt + clockSkewSeconds) {
    refuse({ kind: "token-expired", expiredAt: new Date(token.expiresAt * 1000) });
  }
  if (seconds < token.notBefore - clockSkewSeconds) {
    refuse({ kind: "token-not-yet-valid", validFrom: new Date(token.notBefore * 1000) });
  }
}

function checkRevocation(token: CheckedToken, model: ReadModel, now: Date): void {
  const fault = findRevocation(token, model, now);
  if (fault !== undefined) refuse(fault);
}

function checkPrincipal({ kind, principalId, appId }: CheckedToken, model: ReadModel): void {
  const row = kind === "user" ? model.users.get(principalId) : model.servicePrincipals.get(principalId);
  const isTheApp = row === undefined || !("appId" in row) || row.appId === appId;
  if (!row?.accountEnabled || !isTheApp) refuse({ kind: "token-principal", principalId });
}
