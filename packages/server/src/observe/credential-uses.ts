/**
 * When each credential of an application was last used: so that an old secret can be removed once nothing uses it any more.
 *
 * Owns: the memory of last uses, by keyId, and its file: one line of JSON, written at most once a minute and at the stop, whole or not at all. A
 * crash loses the uses of the last minute, never the file. Not a row of the change log: a sign-in is no change, and there are many.
 * May use: files.
 */
import { open, rename } from "node:fs/promises";

/** Credentials remembered; those longest unused go first. Our choice: at about 100 bytes each, a file of 2 MB at most. */
export const maxCredentialUses = 20_000;
/** The shortest time between two writes, in milliseconds; our choice. */
const flushIntervalMs = 60_000;
const fileFormat = 1;

/** Told of every use. */
export type CredentialUse = { readonly keyId: string; readonly appId: string; readonly time: string };

export class CredentialUses {
  /** The newest use last, to the minute. */
  readonly #lastUses = new Map<string, string>();
  readonly #onUse: (use: CredentialUse) => void;
  #isDirty = false;

  constructor(onUse: (use: CredentialUse) => void = () => {}) {
    this.#onUse = onUse;
  }

  record(use: CredentialUse): void {
    this.#set(use.keyId, use.time);
    this.#isDirty = true;
    this.#onUse(use);
  }

  /** ISO 8601; undefined for one that was not used as far as is known here. */
  lastUse(keyId: string): string | undefined {
    return this.#lastUses.get(keyId);
  }

  /** What to write down, unless it is written down already. */
  takeUnsaved(): string | undefined {
    if (!this.#isDirty) return undefined;
    this.#isDirty = false;
    return `${JSON.stringify({ format: fileFormat, uses: [...this.#lastUses] })}\n`;
  }

  /** The last write failed: what it was to hold is still to be written. */
  markUnsaved(): void {
    this.#isDirty = true;
  }

  /** Takes over what an earlier process wrote down. @throws for text that is not of this form. */
  load(text: string): void {
    const { format, uses } = JSON.parse(text) as { format: unknown; uses: unknown };
    if (format !== fileFormat || !Array.isArray(uses)) throw new Error("not a file of credential uses");
    for (const entry of uses.slice(-maxCredentialUses) as unknown[]) {
      const [keyId, time] = Array.isArray(entry) ? (entry as unknown[]) : [];
      if (typeof keyId !== "string" || typeof time !== "string") throw new Error("not a file of credential uses");
      this.#set(keyId, time);
    }
  }

  #set(keyId: string, time: string): void {
    const known = this.#lastUses.get(keyId);
    // One that is in use all the time need not be put last each time: to the minute is near enough.
    if (known !== undefined && known.slice(0, 16) !== time.slice(0, 16)) this.#lastUses.delete(keyId);
    this.#lastUses.set(keyId, time);
    if (this.#lastUses.size <= maxCredentialUses) return;
    const [oldest] = this.#lastUses.keys();
    this.#lastUses.delete(oldest!);
  }
}

export type UseWriter = {
  /** Writes what is left and stops. */
  close(): Promise<void>;
};

/** Writes the uses down from time to time. @param report takes one line when a write fails; the next one tries again. */
export function startUseWriter(uses: CredentialUses, file: string, report: (line: string) => void): UseWriter {
  const flush = async (): Promise<void> => {
    const text = uses.takeUnsaved();
    if (text === undefined) return;
    try {
      await replaceFile(file, text);
    } catch (cause) {
      uses.markUnsaved();
      report(`last uses of credentials could not be written: ${(cause as Error).message}`);
    }
  };
  let last = Promise.resolve();
  const timer = setInterval(() => {
    last = last.then(flush);
  }, flushIntervalMs).unref();
  return {
    close: async () => {
      clearInterval(timer);
      await last.then(flush);
    },
  };
}

async function replaceFile(file: string, text: string): Promise<void> {
  const temporary = `${file}.tmp`;
  const handle = await open(temporary, "w", 0o600);
  try {
    await handle.writeFile(text);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}
