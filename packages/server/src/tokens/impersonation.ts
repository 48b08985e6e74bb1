/**
 * Resource Manager and Storage know one delegated permission, to act as the person in everything. A token on behalf of a person that lacks it says
 * something else: this server's own address is an audience of Graph as well, and who may read a name there may do nothing here.
 * @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
import { TokenRefusal, type VerifiedToken } from "./token.ts";

/** The permission; in `scp`. */
export const impersonation = "user_impersonation";

/** @returns the token. @throws TokenRefusal `token-claims` for one on behalf of a person that does not carry the permission. */
export function requireImpersonation(token: VerifiedToken): VerifiedToken {
  if (token.kind === "user" && !token.scopes.includes(impersonation)) throw new TokenRefusal({ kind: "token-claims" });
  return token;
}
