/**
 * Refresh tokens: opaque to clients and sealed, so that none need be kept.
 *
 * Owns: what a refresh token holds, and how long. May use: the sealer.
 * What voids one: its age, everything the grant asks the directory (user gone, disabled, sessions revoked), and its family: the row of the
 * sign-in it descends from says which generation is the newest (directory/refresh-token-family.ts).
 * @see https://learn.microsoft.com/entra/identity-platform/refresh-tokens
 */
import { type AppId, isGuid, type UserObjectId } from "../state/identifiers.ts";
import type { Sealer, SealPurpose } from "./sealer.ts";

/** Entra's: 90 days without use. @see https://learn.microsoft.com/entra/identity-platform/refresh-tokens#token-lifetime */
export const refreshTokenLifetimeSeconds = 90 * 24 * 60 * 60;
/** Entra's for single-page apps: 24 hours from the sign-in, however often it is renewed. Same page. */
export const spaRefreshTokenLifetimeSeconds = 24 * 60 * 60;

/** Ours have about 500 characters. */
const purpose: SealPurpose = { prefix: "1.", maxChars: 4096 };

/** What kind of client a person signed in with: one that holds a secret, a program on the person's own machine, a page in a browser. */
export type ClientPlatform = "web" | "native" | "spa";

export type RefreshGrant = {
  readonly userId: UserObjectId;
  readonly clientId: AppId;
  /** Milliseconds since 1970. */
  readonly issuedAtMs: number;
  /** When the person gave the password, in milliseconds since 1970; the same for the whole family. */
  readonly signedInAtMs: number;
  /** A GUID, the same for all tokens that descend from one sign-in. */
  readonly familyId: string;
  /** Place in its line: one more than that of the token it replaced. */
  readonly generation: number;
  readonly platform: ClientPlatform;
  /** Single-page apps: the origin that may use it; else "". */
  readonly origin: string;
  /** The browser's session (`sid`); undefined where no browser was signed in. */
  readonly sid?: string | undefined;
};

export class RefreshTokens {
  readonly #sealer: Sealer;

  constructor(sealer: Sealer) {
    this.#sealer = sealer;
  }

  seal(grant: RefreshGrant): string {
    return this.#sealer.seal(purpose, grant);
  }

  /** @returns undefined for anything this folder's keys did not seal. Says nothing of age. */
  open(token: string): RefreshGrant | undefined {
    const value = this.#sealer.open(purpose, token);
    return value && readGrant(value);
  }
}

/** What an older release sealed may lack members this one needs. */
function readGrant(value: Partial<RefreshGrant>): RefreshGrant | undefined {
  const { userId, clientId, issuedAtMs, signedInAtMs, familyId, generation, platform, origin, sid } = value;
  const isWhole =
    [userId, clientId, familyId].every(isGuid) &&
    [issuedAtMs, signedInAtMs, generation].every(Number.isSafeInteger) &&
    (platform === "web" || platform === "native" || platform === "spa") &&
    typeof origin === "string" &&
    (sid === undefined || isGuid(sid));
  return isWhole ? (value as RefreshGrant) : undefined;
}
