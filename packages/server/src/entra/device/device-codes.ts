/**
 * The device codes that are out: each a request of a program that waits for a person to allow it from a browser elsewhere.
 *
 * Owns: their memory (bounded; anyone may ask for one, so they are not written to the log; after a restart the program starts again), the form of
 * user codes, and the bound on guessing them. Spec: RFC 8628; https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
 */
import { createHash } from "node:crypto";
import { AttemptBuckets } from "../../directory/attempt-buckets.ts";
import type { AppId, UserObjectId } from "../../state/identifiers.ts";
import type { Ports } from "../../state/ports.ts";
import { RecentMap } from "../../tokens/recent-map.ts";
import type { Dialect } from "../requested-resource.ts";

/** Entra's: 15 minutes, asked for every 5 seconds. @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code#device-authorization-response */
export const deviceCodeLifetimeSeconds = 900;
export const pollIntervalSeconds = 5;
/** Codes kept, spent and expired ones too, so that they can be told so. Our choice. */
const maxDeviceCodes = 10_000;
/** Wrong user codes an address may enter at once, and how fast they come back, a second. Our choice; RFC 8628 section 5.1 asks for a bound. */
const guessBurst = 20;
const guessRefillPerSecond = 1 / 30;
const deviceCodeBytes = 32;
/** As Entra's: nine capital letters and digits, none of which is taken for another or makes words. 29^9 is about 2^43.7. */
export const userCodeChars = 9;
const userCodeAlphabet = "BCDFGHJKLMNPQRSTVWXYZ23456789";

export type DeviceRequest = {
  readonly userCode: string;
  readonly clientId: AppId;
  readonly dialect: Dialect;
  readonly scope: string | null;
  readonly resource: string | null;
  readonly expiresAtMs: number;
  readonly state: DeviceState;
};

export type DeviceState =
  | { readonly kind: "pending" }
  | { readonly kind: "approved"; readonly userId: UserObjectId; readonly signedInAtMs: number }
  | { readonly kind: "declined" }
  | { readonly kind: "redeemed" };

export class DeviceCodes {
  readonly #byUserCode = new RecentMap<DeviceRequest>(maxDeviceCodes);
  readonly #userCodes = new RecentMap<string>(maxDeviceCodes);
  readonly #guesses = new AttemptBuckets(guessBurst, guessRefillPerSecond);
  readonly #ports: Pick<Ports, "randomBytes">;

  constructor(ports: Pick<Ports, "randomBytes">) {
    this.#ports = ports;
  }

  /** @returns the device code, which only the program learns, and the request with its user code. */
  issue(asked: Pick<DeviceRequest, "clientId" | "dialect" | "scope" | "resource">, now: Date) {
    const deviceCode = this.#ports.randomBytes(deviceCodeBytes).toString("base64url");
    const userCode = this.#makeUserCode();
    const expiresAtMs = now.getTime() + deviceCodeLifetimeSeconds * 1000;
    const request: DeviceRequest = { ...asked, userCode, expiresAtMs, state: { kind: "pending" } };
    this.#byUserCode.set(userCode, request);
    this.#userCodes.set(hashOf(deviceCode), userCode);
    return { deviceCode, request };
  }

  findByDeviceCode(deviceCode: string): DeviceRequest | undefined {
    const userCode = this.#userCodes.get(hashOf(deviceCode));
    return userCode === undefined ? undefined : this.#byUserCode.get(userCode);
  }

  /** What a page knows the code of already. */
  find(userCode: string): DeviceRequest | undefined {
    return this.#byUserCode.get(userCode);
  }

  /**
   * Looks up what a person typed: without case, blanks and dashes.
   * @returns undefined for no such code, "too-many" when the address has entered too many wrong ones to be told.
   */
  enter(typed: string, address: string, now: Date): DeviceRequest | "too-many" | undefined {
    if (!this.#guesses.take(address, now)) return "too-many";
    const request = this.#byUserCode.get(typed.replace(/[\s-]/g, "").toUpperCase());
    if (request !== undefined) this.#guesses.giveBack(address);
    return request;
  }

  settle(request: DeviceRequest, state: DeviceState): void {
    this.#byUserCode.set(request.userCode, { ...request, state });
  }

  #makeUserCode(): string {
    const limit = 256 - (256 % userCodeAlphabet.length);
    for (;;) {
      // Bytes past the last whole multiple of the alphabet would make its first letters likelier.
      const bytes = [...this.#ports.randomBytes(userCodeChars * 2)].filter((byte) => byte < limit);
      const code = bytes
        .slice(0, userCodeChars)
        .map((byte) => userCodeAlphabet[byte % userCodeAlphabet.length])
        .join("");
      if (code.length === userCodeChars && this.#byUserCode.get(code) === undefined) return code;
    }
  }
}

function hashOf(deviceCode: string): string {
  return createHash("sha256").update(deviceCode).digest("base64url");
}
