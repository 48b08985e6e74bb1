/**
 * Secrets that all processes on one database share: sealed before they leave the process, so that neither the database nor its backups can be used
 * to sign tokens. AES-256-GCM under a key that the database never sees; an entry's name and version are authenticated with it.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { PostgresConnection } from "./postgres-connection.ts";

const cipherName = "aes-256-gcm";
/** AES-256's. */
export const vaultKeyBytes = 32;
/** NIST SP 800-38D's nonce; random ones are safe for 2^32 entries a key, and there are a handful a year. */
const nonceBytes = 12;
const tagBytes = 16;

export type VaultEntry = { readonly version: number; readonly content: string };

/** The key opens nothing here: it is another database's, or somebody changed the entry. */
export class VaultSealed extends Error {
  constructor() {
    super("the database's secrets do not open with this key file: it is another database's, or they were changed");
    this.name = "VaultSealed";
  }
}

export class PostgresVault {
  readonly #connection: PostgresConnection;
  readonly #key: Buffer;

  constructor(connection: PostgresConnection, key: Buffer) {
    if (key.length !== vaultKeyBytes) throw new RangeError(`a vault's key has ${vaultKeyBytes} bytes`);
    this.#connection = connection;
    this.#key = key;
  }

  /** Keeps a secret unless there is one of that name. @returns what is kept then, which is the same for everyone who asks. */
  async agree(name: string, content: string): Promise<VaultEntry> {
    await this.#connection.change(
      "INSERT INTO postern_secrets (name, version, sealed) VALUES ($1, 1, $2) ON CONFLICT (name) DO NOTHING",
      [name, this.#seal(name, 1, content)],
    );
    return (await this.read(name))!;
  }

  /** @throws VaultSealed */
  async read(name: string): Promise<VaultEntry | undefined> {
    const [row] = await this.#connection.query<{ version: string; sealed: string }>(
      "SELECT version, sealed FROM postern_secrets WHERE name = $1",
      [name],
    );
    if (row === undefined) return undefined;
    const version = Number(row.version);
    return { version, content: this.#open(name, version, row.sealed) };
  }

  /** Keeps a secret in the place of the version that the caller knows. @returns false when there is another by now. */
  async replace(name: string, knownVersion: number, content: string): Promise<boolean> {
    const next = knownVersion + 1;
    const changed = await this.#connection.change(
      "UPDATE postern_secrets SET version = $1, sealed = $2 WHERE name = $3 AND version = $4",
      [next, this.#seal(name, next, content), name, knownVersion],
    );
    return changed === 1;
  }

  /** The version of each secret. */
  async versions(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#connection.query<{ name: string; version: string }>(
      "SELECT name, version FROM postern_secrets",
    );
    return new Map(rows.map(({ name, version }) => [name, Number(version)]));
  }

  #seal(name: string, version: number, content: string): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(cipherName, this.#key, nonce, { authTagLength: tagBytes });
    cipher.setAAD(associatedData(name, version));
    const sealed = Buffer.concat([cipher.update(content, "utf8"), cipher.final()]);
    return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString("base64");
  }

  #open(name: string, version: number, text: string): string {
    const bytes = Buffer.from(text, "base64");
    try {
      const decipher = createDecipheriv(cipherName, this.#key, bytes.subarray(0, nonceBytes), {
        authTagLength: tagBytes,
      });
      decipher.setAAD(associatedData(name, version)).setAuthTag(bytes.subarray(-tagBytes));
      const sealed = bytes.subarray(nonceBytes, -tagBytes);
      return Buffer.concat([decipher.update(sealed), decipher.final()]).toString("utf8");
    } catch {
      throw new VaultSealed();
    }
  }
}

function associatedData(name: string, version: number): Buffer {
  return Buffer.from(`postern ${version} ${name}`);
}
