/**
 * Files that only their owner may read: written whole or not at all. May use: node:fs.
 */
import { lstatSync, mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { describeError, failure } from "../faults.ts";

const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/** Makes a folder that only its owner may enter, and those above it that are missing. */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: OWNER_ONLY_FOLDER });
}

/** Writes a file of mode 0600 in one step: a reader sees the old text or the new one, and a crash leaves one of them. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  await makePrivateFolder(dirname(path));
  const draft = `${path}.${crypto.randomUUID()}.draft`;
  try {
    const file = await open(draft, "wx", OWNER_ONLY_FILE);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw failure(`Cannot write ${path}: ${describeError(error)}`);
  }
}

/** The same for what can be made again: nothing waits for the disk, and a file that cannot be written is none. */
export function writeDisposableFile(path: string, text: string): void {
  const draft = `${path}.${process.pid}.draft`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: OWNER_ONLY_FOLDER });
    writeFileSync(draft, text, { mode: OWNER_ONLY_FILE, flag: "wx" });
    renameSync(draft, path);
  } catch {
    dropDraft(draft);
  }
}

function dropDraft(draft: string): void {
  try {
    unlinkSync(draft);
  } catch {
    // There is none.
  }
}

/** @returns the file's text, or undefined when there is no such file. */
export async function readTextIfAny(path: string): Promise<string | undefined> {
  try {
    // Small, and read one after the other: waiting for another thread takes longer.
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw failure(`Cannot read ${path}: ${describeError(error)}`);
  }
}

/**
 * Reads a JSON object whose named members are texts or numbers.
 * @returns undefined when there is no such file. @throws CliFault when the file holds anything else.
 */
export async function readRecordIfAny(
  path: string,
  members: Readonly<Record<string, "string" | "number">>,
): Promise<Record<string, unknown> | undefined> {
  const text = await readTextIfAny(path);
  if (text === undefined) return undefined;
  const record = parseRecord(text);
  const isWhole = Object.entries(members).every(([name, type]) => typeof record?.[name] === type);
  if (record === undefined || !isWhole) throw failure(`${path} is damaged: it does not hold what it should.`);
  return record;
}

/** @returns the JSON object in a text, or undefined when it holds none. */
export function parseRecord(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Tells whether a socket is this user's and nobody else may open it. */
export function isOwnSocket(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isSocket() === true && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
}

export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === "ENOENT";
}
