/** Tokens as a function, for clients that take one. */
import type { GetTokenOptions, TokenCredential } from "./token-credential.ts";

export interface GetBearerTokenProviderOptions {
  abortSignal?: GetTokenOptions["abortSignal"];
  tracingOptions?: GetTokenOptions["tracingOptions"];
}

/** @returns a function that gives the token's text; caching is the credential's. */
export function getBearerTokenProvider(
  credential: TokenCredential,
  scopes: string | string[],
  options: GetBearerTokenProviderOptions = {},
): () => Promise<string> {
  return async () => {
    const token = await credential.getToken(scopes, options);
    if (token === null) throw new Error("The credential gave no token.");
    return token.token;
  };
}
