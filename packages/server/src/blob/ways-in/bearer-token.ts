/**
 * Bearer tokens, and Azure's own words for those that are not good and for whoever shows nothing.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory
 */
import type { StorageAccount } from "../../state/entities.ts";
import { requireImpersonation } from "../../tokens/impersonation.ts";
import { type TokenFault, TokenRefusal, type TokenVerifier, type VerifiedToken } from "../../tokens/token.ts";
import { invalidToken, StorageError } from "../errors.ts";

/** First service version that takes bearer tokens. Source as above. */
const firstBearerVersion = "2017-11-09";
/** First service version that challenges an anonymous caller. Source as above. */
const firstChallengeVersion = "2019-12-12";

/** As nearly every client writes it. What the verifier takes for a token has the form of one; of what it refuses the form is looked at. */
const usualScheme = "Bearer ";
/** The scheme, in any case, and the compact form of a signed token: spelled out, for a pattern without case takes longer over a token's 2 KiB. */
const bearerPattern = /^[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/;

export type BearerPorts = {
  readonly verifier: TokenVerifier;
  readonly tenantId: string;
  readonly isAudience: (audience: string, account: string) => boolean;
};

/**
 * Verifies a bearer token.
 * @param version of the service as the request asks for it; undefined when it does not.
 * @param headKey as the verifier takes it.
 * @throws StorageError for one that is malformed or refused.
 */
export function verifyBearer(
  ports: BearerPorts,
  account: StorageAccount,
  authorization: string,
  version: string | undefined,
  headKey?: object,
): VerifiedToken {
  const hasVersion = version !== undefined && version >= firstBearerVersion;
  const isUsual = hasVersion && authorization.startsWith(usualScheme) && authorization[usualScheme.length] !== " ";
  const token = isUsual ? authorization.slice(usualScheme.length) : readToken(authorization);
  if (!hasVersion) {
    const details = { AuthenticationErrorDetail: "Authentication scheme Bearer is not supported in this version." };
    throw new StorageError("AuthenticationFailed", { details });
  }
  try {
    const isAudience = (audience: string) => ports.isAudience(audience, account.name);
    const verified = ports.verifier.verify(token, isAudience, headKey);
    return requireImpersonation(verified);
  } catch (cause) {
    readToken(authorization);
    if (cause instanceof TokenRefusal) throw wordTokenFault(cause.fault, challengeOf(ports));
    throw cause;
  }
}

/** @throws StorageError for what has not the form of a token. */
function readToken(authorization: string): string {
  const token = bearerPattern.exec(authorization)?.[1];
  if (token === undefined) throw new StorageError("InvalidAuthenticationInfo");
  return token;
}

/** Clients read the tenant and the resource out of this. */
function challengeOf({ tenantId }: Pick<BearerPorts, "tenantId">): string {
  return `Bearer authorization_uri=https://login.microsoftonline.com/${tenantId}/oauth2/authorize resource_id=https://storage.azure.com`;
}

/** The refusal of a caller who shows nothing; newer versions say what is wanted. */
export function refuseAnonymous(
  ports: Pick<BearerPorts, "tenantId">,
  account: StorageAccount,
  version: string | undefined,
): StorageError {
  if (version !== undefined && version >= firstChallengeVersion) {
    return new StorageError("NoAuthenticationInformation", { headers: { "WWW-Authenticate": challengeOf(ports) } });
  }
  return new StorageError(account.allowBlobPublicAccess ? "ResourceNotFound" : "PublicAccessNotPermitted");
}

function wordTokenFault(fault: TokenFault, challenge: string): StorageError {
  switch (fault.kind) {
    case "token-malformed":
      return new StorageError("InvalidAuthenticationInfo");
    case "token-algorithm":
    case "token-key-unknown":
    case "token-signature":
      return invalidToken(challenge, "Signature validation failed. Signature verification failed.");
    case "token-issuer":
      return invalidToken(challenge, "Issuer validation failed. Issuer did not match.");
    case "token-audience":
      return invalidToken(challenge, "Audience validation failed. Audience did not match.");
    case "token-expired":
      return invalidToken(challenge, "Lifetime validation failed. The token is expired.");
    case "token-not-yet-valid":
      return invalidToken(challenge, "Lifetime validation failed.");
    case "token-claims":
      return invalidToken(challenge, "Claims validation failed. A required claim is missing.");
    // Storage takes no part in continuous access evaluation: its tokens are never revoked so.
    case "token-revoked":
    case "token-principal":
      return invalidToken(challenge, "The principal of the token is not active in the directory.");
  }
}
