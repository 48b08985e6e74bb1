/**
 * A replica's state folder: what of it is everyone's (keys, the certificate authority, the operator's credentials). The database's copy, sealed, is the
 * one that counts; the files are where the rooms read it.
 */
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { ensureCertificates } from "./edge/certificate-authority.ts";
import { openPepper, type SecretFiles } from "./secret-files.ts";
import type { Ports } from "./state/ports.ts";
import { readIfThere, type StateFolder, writeSecretFile } from "./state-folder.ts";
import type { PostgresVault } from "./store/postgres-vault.ts";
import { openKeyKeeper } from "./tokens/key-keeper.ts";
import { openSealer } from "./tokens/sealer.ts";

const signingKeys = "signing-keys";
/** The files that all replicas share, by the name they have in the database. */
const sharedFiles: Readonly<Record<string, readonly string[]>> = {
  [signingKeys]: ["keys/signing-keys.json"],
  "secret-pepper": ["keys/secret-pepper"],
  "sealing-keys": ["keys/refresh-token-keys.json"],
  "certificate-authority": ["ca/ca.key", "ca/ca.pem"],
};

/** What stands between this process and a replica, in words for whoever started it. */
export class ReplicaFault extends Error {}

export class ReplicaFolder {
  readonly #folder: StateFolder;
  readonly #vault: PostgresVault;
  readonly #files: SecretFiles;
  /** The version of each shared secret that the folder holds. */
  readonly #versions = new Map<string, number>();

  /** What this cloud and no other is called; known once the folder is prepared. */
  cloud = "";

  constructor(folder: StateFolder, vault: PostgresVault, files: SecretFiles) {
    this.#folder = folder;
    this.#vault = vault;
    this.#files = files;
  }

  /**
   * Puts what all share into the folder; what nobody has yet is made here, and is everyone's if nobody else was first.
   * @throws ReplicaFault for a folder of another cloud.
   */
  async prepare(ports: Ports, systemCaFiles: readonly string[]): Promise<void> {
    const { root } = this.#folder;
    await this.#claim();
    mkdirSync(join(root, "ca"), { recursive: true, mode: 0o700 });
    const names = Object.keys(sharedFiles);
    for (const name of names) await this.#take(name);
    const files = this.#files;
    openPepper(root, files);
    openSealer(root, ports, files);
    await openKeyKeeper({ stateDir: root, ports, files });
    await ensureCertificates({ stateDir: root, systemCaFiles, now: ports.now(), files });
    for (const name of names) await this.#settle(name);
  }

  /** Takes over what other replicas have changed. @returns whether the signing keys are among it. */
  async takeChanges(): Promise<boolean> {
    let areKeysNew = false;
    for (const [name, version] of await this.#vault.versions()) {
      if (sharedFiles[name] === undefined || this.#versions.get(name) === version) continue;
      await this.#take(name);
      areKeysNew ||= name === signingKeys;
    }
    return areKeysNew;
  }

  /** @returns false when another replica was first: the folder holds its keys then. */
  async replaceSigningKeys(content: string): Promise<boolean> {
    const [file] = sharedFiles[signingKeys]!;
    const known = this.#versions.get(signingKeys)!;
    if (await this.#vault.replace(signingKeys, known, JSON.stringify({ [file!]: content }))) {
      this.#versions.set(signingKeys, known + 1);
      return true;
    }
    await this.#take(signingKeys);
    return false;
  }

  async #claim(): Promise<void> {
    const { root, database } = this.#folder;
    if (existsSync(database)) {
      throw new ReplicaFault(`${root} holds a cloud of its own; name an empty folder with --state`);
    }
    const { content: cloud } = await this.#vault.agree("cloud", randomUUID());
    const marker = join(root, "database-cloud");
    const known = readIfThere(marker);
    if (known !== undefined && known !== cloud)
      throw new ReplicaFault(`${root} belongs to another database; name an empty folder with --state`);
    if (known === undefined) writeSecretFile(marker, cloud);
    this.cloud = cloud;
  }

  /** Makes the folder's copy of a secret and the database's the same. */
  async #settle(name: string): Promise<void> {
    const wasTaken = this.#versions.has(name);
    const mine = this.#pack(name);
    const { version, content } = await this.#vault.agree(name, mine);
    this.#versions.set(name, version);
    if (content === mine) return;
    // What was taken and is another now is an authority near its end, made anew: the first to say so makes it everyone's.
    if (wasTaken && (await this.#vault.replace(name, version, mine))) this.#versions.set(name, version + 1);
    else await this.#take(name);
  }

  /** Writes the database's copy of a secret into the folder, if there is one. */
  async #take(name: string): Promise<void> {
    const entry = await this.#vault.read(name);
    if (entry === undefined) return;
    const { root } = this.#folder;
    const files = JSON.parse(entry.content) as Readonly<Record<string, string>>;
    for (const file of sharedFiles[name]!) {
      const text = files[file]!;
      if (this.#read(file) === text) continue;
      if (isPublic(file)) writeSecretFile(join(root, file), text);
      else this.#files.write(join(root, file), text);
    }
    this.#versions.set(name, entry.version);
  }

  #pack(name: string): string {
    return JSON.stringify(Object.fromEntries(sharedFiles[name]!.map((file) => [file, this.#read(file)])));
  }

  #read(file: string): string | undefined {
    const path = join(this.#folder.root, file);
    return isPublic(file) ? readIfThere(path) : this.#files.read(path);
  }
}

/** A certificate beside its key. */
function isPublic(file: string): boolean {
  return file.endsWith(".pem");
}
