/** What userinfo tells of a person. Pure. @see https://learn.microsoft.com/entra/identity-platform/userinfo */
import type { User } from "../state/entities.ts";
import type { AppId } from "../state/identifiers.ts";
import { pairwiseSubject } from "./claims.ts";

/**
 * @param clientId whom the person is named to: `sub` is that of the client's id tokens.
 * @param scopes of the token; `email` adds the address.
 */
export function describeUserinfo(user: User, clientId: AppId, scopes: readonly string[]) {
  return {
    sub: pairwiseSubject(user, clientId),
    name: user.displayName,
    ...(user.surname === null ? {} : { family_name: user.surname }),
    ...(user.givenName === null ? {} : { given_name: user.givenName }),
    preferred_username: user.userPrincipalName,
    ...(scopes.includes("email") && user.mail !== null ? { email: user.mail } : {}),
  };
}
