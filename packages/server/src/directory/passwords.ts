/** People's passwords: chosen by people, so hashed slowly (scrypt), off the event loop. */
import { scrypt, timingSafeEqual } from "node:crypto";
import type { Ports } from "../state/ports.ts";
import { passwordLength } from "./password-rules.ts";

/** scrypt cost: 2^14 blocks of 1 KiB (16 MiB), about 40 ms. Source: OWASP password storage cheat sheet's scrypt minimum for r=8 is N=2^17,p=1; we choose less because test suites sign people in often, and say so in docs/decisions. */
const cost = { N: 16384, r: 8, p: 1 } as const;
const keyBytes = 32;

function derive(password: string, salt: Buffer, options: { N: number; r: number; p: number }): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFC"), salt, keyBytes, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

/** @returns `scrypt$N$r$p$salt$hash` */
export async function hashPassword(password: string, ports: Pick<Ports, "randomBytes">): Promise<string> {
  const salt = ports.randomBytes(16);
  const key = await derive(password, salt, cost);
  return ["scrypt", cost.N, cost.r, cost.p, salt.toString("base64url"), key.toString("base64url")].join("$");
}

/** A hash that no password has; compared against for unknown users, so that they cost the same time. */
const unmatchable = [
  "scrypt",
  cost.N,
  cost.r,
  cost.p,
  Buffer.alloc(16).toString("base64url"),
  Buffer.alloc(keyBytes).toString("base64url"),
].join("$");

/**
 * Compares in constant time; an undefined hash (no such user) takes as long as a wrong password and is false.
 */
export async function verifyPassword(password: string, passwordHash: string | undefined): Promise<boolean> {
  const [scheme, n, r, p, salt, hash] = (passwordHash ?? unmatchable).split("$");
  if (scheme !== "scrypt" || salt === undefined || hash === undefined || password.length > passwordLength.max)
    return false;
  const kept = Buffer.from(hash, "base64url");
  const key = await derive(password, Buffer.from(salt, "base64url"), { N: Number(n), r: Number(r), p: Number(p) });
  return passwordHash !== undefined && kept.length === key.length && timingSafeEqual(kept, key);
}
