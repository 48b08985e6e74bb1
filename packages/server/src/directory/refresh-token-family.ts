/**
 * The rules of refresh token families: every sign-in of a person has one row, which says which of its tokens is the newest. Pure.
 *
 * A public client cannot prove that a token is its own, so its tokens rotate: each renewal makes the next generation, and whoever comes with an
 * older one has a copy. Then either may be the thief, and the whole family ends (RFC 9700 section 4.14.2). Entra does not go that far; a client
 * that keeps the newest token, as all of Microsoft's libraries do, does not see the difference. A client with a secret proves itself at every
 * renewal, so its tokens do not rotate.
 *
 * The row is also what makes an authorization code serve once: redeeming it makes the row, and a second time finds it there.
 */
import { type Change, put, remove } from "../state/change.ts";
import type { RefreshTokenFamily, RefreshTokenLine } from "../state/entities.ts";
import type { AppId, Guid, UserObjectId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import type { Outcome } from "./values.ts";

/**
 * For this long after a renewal, in seconds, the token it replaced still serves: answers get lost, and two processes that share a cache ask at
 * once. Our choice; RFC 9700 leaves it to the server.
 */
export const reuseGraceSeconds = 60;
/** Sign-ins remembered of one person; past it the oldest end. Our choice. */
export const maxFamiliesPerUser = 500;
/** No row younger than this is dropped for want of room, in seconds: the code it stands for could be redeemed again. */
const leastAgeSeconds = 600;
/** A row whose end moves by less than this is not written again, in seconds. Our choice. */
const expiryStepSeconds = 24 * 60 * 60;

type Issue = {
  readonly familyId: Guid;
  readonly clientId: AppId;
  readonly now: Date;
  /** When the newest token of the family ends. */
  readonly expires: Date;
};

export type FamilyStart = Issue & { readonly userId: UserObjectId };

/**
 * Starts a family with generation 0.
 * @returns false when there is one of that id already: its code was redeemed before, and the family is revoked now.
 */
export function startFamily(model: ReadModel, start: FamilyStart): Outcome<boolean> {
  const { familyId, userId, clientId, now, expires } = start;
  const before = model.refreshTokenFamilies.get(familyId);
  if (before !== undefined) return { changes: revoke(before), result: false };
  const startedDateTime = now.toISOString();
  const row: RefreshTokenFamily = {
    familyId,
    userId,
    lines: [{ clientId, generation: 0, issuedDateTime: startedDateTime }],
    startedDateTime,
    expiresDateTime: expires.toISOString(),
    isRevoked: false,
  };
  return { changes: [...makeRoom(model, userId, now), put("refreshTokenFamily", row)], result: true };
}

/** Drops what has ended, and the oldest of too many. */
function makeRoom(model: ReadModel, userId: UserObjectId, now: Date): Change[] {
  const rows = model.refreshTokenFamilies.find("userId", userId);
  const isOver = (row: RefreshTokenFamily) => Date.parse(row.expiresDateTime) <= now.getTime();
  const isOld = (row: RefreshTokenFamily) => now.getTime() - Date.parse(row.startedDateTime) >= leastAgeSeconds * 1000;
  const ended = rows.filter((row) => isOver(row) && isOld(row));
  const left = rows.filter((row) => !ended.includes(row));
  const surplus = left.slice(0, Math.max(0, left.length + 1 - maxFamiliesPerUser)).filter(isOld);
  return [...ended, ...surplus].map((row) => remove("refreshTokenFamily", row.familyId));
}

export type FamilyRenewal = Issue & {
  /** The client the token was issued to; another than `clientId` only among clients that share theirs. */
  readonly issuedTo: AppId;
  readonly generation: number;
  readonly isRotating: boolean;
};

export type RenewalOutcome =
  | { readonly kind: "renewed"; readonly generation: number }
  /** There is no such family or token: dropped, or of another state folder's past. */
  | { readonly kind: "unknown" }
  | { readonly kind: "revoked" }
  /** An older token came back; the family has been revoked for it. */
  | { readonly kind: "reused" };

/** Judges one renewal and takes the family's line one generation on. */
export function renewFamily(model: ReadModel, renewal: FamilyRenewal): Outcome<RenewalOutcome> {
  const row = model.refreshTokenFamilies.get(renewal.familyId);
  const line = row?.lines.find(({ clientId }) => clientId === renewal.issuedTo);
  if (row === undefined || line === undefined) return { changes: [], result: { kind: "unknown" } };
  if (row.isRevoked) return { changes: [], result: { kind: "revoked" } };
  if (!renewal.isRotating) return keepLine(row, renewal);
  if (renewal.generation > line.generation) return { changes: [], result: { kind: "unknown" } };
  if (renewal.generation === line.generation) return advance(row, renewal);
  const ageMs = renewal.now.getTime() - Date.parse(line.issuedDateTime);
  const isRetry = renewal.generation === line.generation - 1 && ageMs <= reuseGraceSeconds * 1000;
  if (!isRetry) return { changes: revoke(row), result: { kind: "reused" } };
  if (renewal.clientId !== renewal.issuedTo) return advance(row, renewal);
  return { changes: [], result: { kind: "renewed", generation: line.generation } };
}

/** The line of the client that asks; another client's, which lent its token, stays as it is. */
function advance(row: RefreshTokenFamily, renewal: FamilyRenewal): Outcome<RenewalOutcome> {
  const { clientId, now, expires } = renewal;
  const before = row.lines.find((line) => line.clientId === clientId);
  const generation = before === undefined ? 0 : before.generation + 1;
  const line: RefreshTokenLine = { clientId, generation, issuedDateTime: now.toISOString() };
  const lines = [...row.lines.filter((other) => other.clientId !== clientId), line];
  const after = { ...row, lines, expiresDateTime: expires.toISOString() };
  return { changes: [put("refreshTokenFamily", after)], result: { kind: "renewed", generation } };
}

/** Without rotation only the end moves, and is written once a day at most. */
function keepLine(row: RefreshTokenFamily, { expires }: FamilyRenewal): Outcome<RenewalOutcome> {
  const isFar = expires.getTime() - Date.parse(row.expiresDateTime) >= expiryStepSeconds * 1000;
  const after = { ...row, expiresDateTime: expires.toISOString() };
  return { changes: isFar ? [put("refreshTokenFamily", after)] : [], result: { kind: "renewed", generation: 0 } };
}

function revoke(row: RefreshTokenFamily): Change[] {
  return row.isRevoked ? [] : [put("refreshTokenFamily", { ...row, isRevoked: true })];
}
