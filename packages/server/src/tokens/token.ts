/**
 * What a token says and how a resource server asks for it to be judged.
 *
 * Owns: the shapes between the token service and the surfaces. Spec: RFC 7519, RFC 9068 in spirit, Entra's v1.0 and v2.0 claims.
 */
import type { AppId, PrincipalId, TenantId } from "../state/identifiers.ts";

/** A bearer token that passed every check; the only way to get one is {@link TokenVerifier.verify}. */
export type VerifiedToken = {
  /** `oid`: the object id of the user or service principal. */
  readonly principalId: PrincipalId;
  /** `appid` or `azp`: the client that asked. */
  readonly appId: AppId;
  readonly tenantId: TenantId;
  /** `app` for a token of an application itself, `user` for one on behalf of a person. */
  readonly kind: "app" | "user";
  readonly audience: string;
  /** Delegated permissions, from `scp`; empty for app tokens. */
  readonly scopes: readonly string[];
  /** Application permissions, from `roles`. */
  readonly roles: readonly string[];
  /** Seconds since 1970. */
  readonly expiresAt: number;
  readonly issuedAt: number;
  readonly claims: Readonly<Record<string, unknown>>;
};

/** Why a token is refused; each surface words it in its own protocol. */
export type TokenFault =
  | { readonly kind: "token-malformed" }
  | { readonly kind: "token-algorithm"; readonly algorithm: string }
  | { readonly kind: "token-key-unknown" }
  | { readonly kind: "token-signature" }
  | { readonly kind: "token-issuer"; readonly issuer: string; readonly tenantId: string }
  | { readonly kind: "token-audience"; readonly audience: string }
  | { readonly kind: "token-expired"; readonly expiredAt: Date }
  | { readonly kind: "token-not-yet-valid"; readonly validFrom: Date }
  /** Claims that must be there are missing or of the wrong type. */
  | { readonly kind: "token-claims" }
  /** The principal is gone from the directory or disabled. */
  | { readonly kind: "token-principal"; readonly principalId: string }
  /** A long-lived token that something has ended; the client is told what a new one must satisfy, in seconds since 1970. */
  | { readonly kind: "token-revoked"; readonly requiredNotBefore: number };

export class TokenRefusal extends Error {
  readonly fault: TokenFault;
  constructor(fault: TokenFault) {
    super(fault.kind);
    this.name = "TokenRefusal";
    this.fault = fault;
  }
}

export type TokenVerifier = {
  /**
   * Checks signature, algorithm, key, issuer, tenant, audience and lifetime, and that the principal still is in the directory and enabled.
   * @param token the compact JWS, without `Bearer `.
   * @param isAudience judges `aud` exactly as the token carries it.
   * @param headKey of the request, where its head was read once for many: the token's digest is then taken once, too.
   * @throws TokenRefusal
   */
  verify(token: string, isAudience: (audience: string) => boolean, headKey?: object): VerifiedToken;
};
