/**
 * Authorization codes: sealed, so that none need be kept until it is redeemed. That each serves once is the store's to see to: redeeming one
 * makes the row of its refresh token family, and there can be only one such row.
 * Spec: RFC 6749 section 4.1.2, RFC 7636; https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 */
import type { AppId, Guid, UserObjectId } from "../state/identifiers.ts";
import type { ClientPlatform } from "./refresh-token.ts";
import type { Sealer, SealPurpose } from "./sealer.ts";

/** How long a code serves, in seconds: Entra's "about 10 minutes", RFC 6749's most. */
export const authorizationCodeLifetimeSeconds = 600;

/** Holds the scope and the redirect URI as they were asked for; a query is bounded to 8 KiB. */
const purpose: SealPurpose = { prefix: "0.", maxChars: 16_384 };

export type CodeChallenge = { readonly method: "S256" | "plain"; readonly value: string };

export type CodeGrant = {
  /** Names the code; becomes the id of the refresh token family. */
  readonly codeId: Guid;
  readonly userId: UserObjectId;
  readonly clientId: AppId;
  /** As the authorization request carried it; null when it carried none. */
  readonly redirectUri: string | null;
  readonly platform: ClientPlatform;
  /** Single-page apps: where it may be redeemed from; else "". */
  readonly origin: string;
  readonly challenge: CodeChallenge | null;
  readonly scope: string | null;
  readonly resource: string | null;
  readonly nonce: string | null;
  /** Milliseconds since 1970. */
  readonly issuedAtMs: number;
  readonly signedInAtMs: number;
  /** The browser's session (`sid`); codes of the release before this one have none. */
  readonly sid?: string | undefined;
};

export class AuthorizationCodes {
  readonly #sealer: Sealer;

  constructor(sealer: Sealer) {
    this.#sealer = sealer;
  }

  seal(grant: CodeGrant): string {
    return this.#sealer.seal(purpose, grant);
  }

  /** @returns undefined for anything this folder's keys did not seal as a code. Says nothing of age or of use. */
  open(code: string): CodeGrant | undefined {
    // Sealed by this release or the one before it, which had the same members but for those marked.
    return this.#sealer.open(purpose, code) as CodeGrant | undefined;
  }
}
