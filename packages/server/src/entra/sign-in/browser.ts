/**
 * The browser at the other end: what its cookie says, and the sign-ins it keeps.
 *
 * Owns: the cookie and the memory of sessions. One cookie holds two random names: the browser's, which binds a page's form to the browser the page
 * was sent to, and the session's, which is made anew at every sign-in, so that a name known before it is worth nothing after. Sessions are kept
 * in memory only: after a restart people sign in again. Spec: RFC 6265bis (`__Host-`, SameSite); RFC 9700.
 */
import { createHash } from "node:crypto";
import type { User } from "../../state/entities.ts";
import type { AppId, Guid, UserObjectId } from "../../state/identifiers.ts";
import type { Ports } from "../../state/ports.ts";
import { RecentMap } from "../../tokens/recent-map.ts";
import type { Visit } from "../visit.ts";

/** Sessions kept, at less than 1 KiB each; the ones not used for longest go. Our choice. */
const maxSessions = 10_000;
/** People signed in to one browser. Our choice. */
const maxAccounts = 10;
/** Applications of one session that are remembered for signing out. Our choice. */
const maxClients = 50;
/** How long a sign-in lasts, in seconds: Entra's for session cookies and for persistent ones. @see https://learn.microsoft.com/entra/identity-platform/configurable-token-lifetimes#session-tokens */
const sessionLifetimeSeconds = { ofBrowser: 24 * 60 * 60, persistent: 90 * 24 * 60 * 60 } as const;

const cookieName = "__Host-postern";
const nameBytes = 32;
const cookiePattern = /^([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/;

type Account = { readonly userId: UserObjectId; readonly signedInAtMs: number };

type Session = {
  /** Names the session to applications (`sid`); opens nothing. */
  readonly sid: Guid;
  readonly accounts: readonly Account[];
  readonly isPersistent: boolean;
  /** The applications signed in to. */
  readonly clientIds: readonly AppId[];
};

/** A person signed in to this browser, as the directory has them now. */
export type SignedIn = {
  readonly user: User;
  readonly signedInAtMs: number;
  /** The name that applications know the browser's session by. */
  readonly sid: Guid;
};

export type Browser = {
  /** Binds forms to this browser; not a credential. */
  readonly id: string;
  readonly sessionId: string;
  /** Set on the answer; undefined when the browser has it already. */
  readonly cookie: string | undefined;
};

export class Sessions {
  readonly #byHash = new RecentMap<Session>(maxSessions);

  get(sessionId: string): Session | undefined {
    return this.#byHash.get(hashOf(sessionId));
  }

  set(sessionId: string, session: Session): void {
    this.#byHash.set(hashOf(sessionId), session);
  }

  delete(sessionId: string): void {
    this.#byHash.delete(hashOf(sessionId));
  }
}

/** Looked up by hash, so that how long the look-up takes tells nothing of a name. */
function hashOf(sessionId: string): string {
  return createHash("sha256").update(sessionId).digest("base64url");
}

/** Reads the browser's cookie; makes names for one that has none. */
export function readBrowser({ exchange, cloud }: Visit): Browser {
  const given = cookieOf(exchange.request.headers.cookie ?? "");
  if (given !== undefined) return { ...given, cookie: undefined };
  const fresh = { id: makeName(cloud.ports), sessionId: makeName(cloud.ports) };
  return { ...fresh, cookie: formatCookie(fresh, false) };
}

function cookieOf(header: string): Pick<Browser, "id" | "sessionId"> | undefined {
  for (const part of header.split(";")) {
    const [name, value] = part.trim().split("=", 2);
    const [, id, sessionId] = name === cookieName ? (cookiePattern.exec(value ?? "") ?? []) : [];
    if (id !== undefined && sessionId !== undefined) return { id, sessionId };
  }
  return undefined;
}

function makeName(ports: Pick<Ports, "randomBytes">): string {
  return ports.randomBytes(nameBytes).toString("base64url");
}

/** `Lax`: an application's link to the sign-in page carries it, another site's form does not. */
function formatCookie({ id, sessionId }: Pick<Browser, "id" | "sessionId">, isPersistent: boolean): string {
  const age = isPersistent ? `; Max-Age=${sessionLifetimeSeconds.persistent}` : "";
  return `${cookieName}=${id}.${sessionId}; Path=/; Secure; HttpOnly; SameSite=Lax${age}`;
}

/** The people signed in to the browser whose sign-in still holds: not too old, not revoked since, not disabled. */
export function signedInPeople({ memory, cloud, now }: Visit, browser: Browser): SignedIn[] {
  const session = memory.sessions.get(browser.sessionId);
  if (session === undefined) return [];
  const lifetime = sessionLifetimeSeconds[session.isPersistent ? "persistent" : "ofBrowser"];
  return session.accounts.flatMap(({ userId, signedInAtMs }) => {
    const user = cloud.model.users.get(userId);
    const isHolding =
      user?.accountEnabled === true &&
      now.getTime() - signedInAtMs < lifetime * 1000 &&
      signedInAtMs >= Date.parse(user.signInSessionsValidFromDateTime);
    return isHolding ? [{ user, signedInAtMs, sid: session.sid }] : [];
  });
}

/**
 * Adds a person who gave the right password just now, under a new name of the session.
 * @returns the browser with its new cookie.
 */
export function startSession(visit: Visit, before: Browser, user: User, isKept: boolean): Browser {
  const { memory, cloud, now } = visit;
  const old = memory.sessions.get(before.sessionId);
  const others = (old?.accounts ?? []).filter(({ userId }) => userId !== user.id);
  const accounts = [{ userId: user.id, signedInAtMs: now.getTime() }, ...others].slice(0, maxAccounts);
  const names = { id: before.id, sessionId: makeName(cloud.ports) };
  // One person's wish to stay does not keep another.
  const isPersistent = isKept && (others.length === 0 || old?.isPersistent === true);
  memory.sessions.delete(before.sessionId);
  const sid = old?.sid ?? (cloud.ports.guid() as Guid);
  memory.sessions.set(names.sessionId, { sid, accounts, isPersistent, clientIds: old?.clientIds ?? [] });
  return { ...names, cookie: formatCookie(names, isPersistent) };
}

/** Remembers that the session signed in to an application. */
export function noteClient({ memory }: Visit, browser: Browser, clientId: AppId): void {
  const session = memory.sessions.get(browser.sessionId);
  if (session === undefined || session.clientIds.includes(clientId)) return;
  memory.sessions.set(browser.sessionId, {
    ...session,
    clientIds: [...session.clientIds, clientId].slice(-maxClients),
  });
}

/** Signs everyone out of the browser. @returns the session's name and the applications it had signed in to, and the cookie that ends it. */
export function endSession(
  visit: Visit,
  browser: Browser,
): { readonly sid: Guid | undefined; readonly clientIds: readonly AppId[]; readonly cookie: string } {
  const { sid, clientIds = [] } = visit.memory.sessions.get(browser.sessionId) ?? {};
  visit.memory.sessions.delete(browser.sessionId);
  return { sid, clientIds, cookie: `${cookieName}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0` };
}
