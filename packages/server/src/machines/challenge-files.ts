/**
 * Azure Arc's proof: a secret in a file that only the right account of this machine can read, named in the challenge.
 *
 * Clients insist on the folder that the Arc agent uses, and that folder is root's to make. It is used when it is there and this process may
 * write it (the guide says how to make it once); else a folder below the state folder, which some clients take and some refuse.
 * @see https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication
 */

import { timingSafeEqual } from "node:crypto";
import { accessSync, constants, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ports } from "../state/ports.ts";
import { challengeLifeSeconds, maxOpenChallenges, secretSizeBytes } from "./limits.ts";

/** Where the Arc agent of Linux keeps its own, and the one place that MSAL takes a challenge from. */
const arcTokenFolder = "/var/opt/azcmagent/tokens";

/** Tells our files from an agent's. */
const filePrefix = "postern-";
/** Clients take no other. */
const fileSuffix = ".key";

type Challenge = { readonly file: string; readonly secret: Buffer; readonly expiresAtMs: number };

export class ChallengeFiles {
  readonly #ports: Ports;
  readonly #ownFolder: string;
  readonly #sharedFolder: string;
  readonly #open = new Map<string, Challenge[]>();

  /**
   * @param ownFolder of this state folder alone; made when first needed.
   * @param sharedFolder used instead, when it is there and may be written.
   */
  constructor(ports: Ports, ownFolder: string, sharedFolder: string = arcTokenFolder) {
    this.#ports = ports;
    this.#ownFolder = ownFolder;
    this.#sharedFolder = sharedFolder;
  }

  /** The folder that challenges are put into now. */
  folder(): string {
    if (isWritableFolder(this.#sharedFolder)) return this.#sharedFolder;
    mkdirSync(this.#ownFolder, { recursive: true, mode: 0o700 });
    return this.#ownFolder;
  }

  /** Whether clients that know the agent's folder only can be served. */
  isSharedFolderUsed(): boolean {
    return this.folder() === this.#sharedFolder;
  }

  /** Removes what an earlier process of this state folder left behind; the secrets in it were that process's. */
  clearOwnFolder(): void {
    rmSync(this.#ownFolder, { recursive: true, force: true });
  }

  /** Writes a new secret for a session. @returns the file's path. */
  make(sessionId: string): string {
    const kept = this.#alive(sessionId);
    while (kept.length >= maxOpenChallenges) removeFile(kept.shift()!.file);
    const file = join(this.folder(), `${filePrefix}${this.#ports.guid()}${fileSuffix}`);
    const secret = this.#ports.randomBytes(secretSizeBytes).toString("hex");
    // "wx" follows no link that somebody else put there.
    writeFileSync(file, secret, { flag: "wx", mode: 0o600 });
    const expiresAtMs = this.#ports.now().getTime() + challengeLifeSeconds * 1000;
    kept.push({ file, secret: Buffer.from(secret), expiresAtMs });
    this.#open.set(sessionId, kept);
    return file;
  }

  /** Judges a presented secret, and spends it: each serves once. */
  spend(sessionId: string, presented: string): boolean {
    const given = Buffer.from(presented.trim());
    const kept = this.#alive(sessionId);
    const match = kept.filter(({ secret }) => secret.length === given.length && timingSafeEqual(secret, given))[0];
    if (match === undefined) return false;
    removeFile(match.file);
    this.#open.set(
      sessionId,
      kept.filter((challenge) => challenge !== match),
    );
    return true;
  }

  /** Removes a session's files. */
  end(sessionId: string): void {
    for (const { file } of this.#open.get(sessionId) ?? []) removeFile(file);
    this.#open.delete(sessionId);
  }

  #alive(sessionId: string): Challenge[] {
    const now = this.#ports.now().getTime();
    const all = this.#open.get(sessionId) ?? [];
    for (const { file } of all.filter(({ expiresAtMs }) => expiresAtMs <= now)) removeFile(file);
    return all.filter(({ expiresAtMs }) => expiresAtMs > now);
  }
}

function removeFile(file: string): void {
  rmSync(file, { force: true });
}

function isWritableFolder(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return statSync(folder).isDirectory();
  } catch {
    return false;
  }
}
