/**
 * One of several processes on one database: opens what they share, keeps this one up with it, and says when it must not answer.
 *
 * Owns: what of the state folder is everyone's (keys, the certificate authority, the operator's credentials: the database's copy, sealed, is the one
 * that counts, the files are where the rooms read it), the blobs' lease, and the bound on how old an answer may be.
 * Decision: docs/decisions/0023-postgresql.md
 */
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { ensureCertificates } from "./edge/certificate-authority.ts";
import type { Agreement } from "./first-start.ts";
import type { Ports } from "./state/ports.ts";
import { openPepper, readIfThere, type StateFolder, writeSecretFile } from "./state-folder.ts";
import { type HistoryDiverged, type StateBackend, StoreUnavailable } from "./store/backend.ts";
import { type Follower, pollIntervalMs, startFollower } from "./store/log-follower.ts";
import { openPostgresBackend } from "./store/postgres-backend.ts";
import { PostgresBlobHome } from "./store/postgres-blob-home.ts";
import { openConnection } from "./store/postgres-connection.ts";
import { PostgresVault, VaultSealed, vaultKeyBytes } from "./store/postgres-vault.ts";
import type { StateStore } from "./store/state-store.ts";
import { type KeyKeeper, openKeyKeeper, type SharedKeys } from "./tokens/key-keeper.ts";
import { openSealer } from "./tokens/sealer.ts";

/**
 * How old the model may be before nothing is answered from it, in milliseconds: as long as Azure takes at most until a role that was taken away is gone.
 * @see https://learn.microsoft.com/azure/role-based-access-control/troubleshooting#symptom---role-assignment-changes-are-not-being-detected
 */
const maxAgeMs = 600_000;

/** Where the database is, and what opens its secrets. */
export type ReplicaOptions = {
  /** `postgres://…`; see store/postgres-connection.ts. */
  readonly url: string;
  readonly passwordFile?: string | undefined;
  /** Holds 32 random bytes as base64, and is readable by its owner alone. */
  readonly keyFile: string;
  /** Shorter, for tests. */
  readonly answerTimeoutMs?: number | undefined;
};

/** What stands between this process and a replica, in words for whoever started it. */
export class ReplicaFault extends Error {}

const signingKeys = "signing-keys";
/** The files of the state folder that all replicas share, by the name they have in the database. */
const sharedFiles: Readonly<Record<string, readonly string[]>> = {
  [signingKeys]: ["keys/signing-keys.json"],
  "secret-pepper": ["keys/secret-pepper"],
  "sealing-keys": ["keys/refresh-token-keys.json"],
  "certificate-authority": ["ca/ca.key", "ca/ca.pem"],
};
const firstState = "first-state";

export type ReplicaParts = {
  readonly folder: StateFolder;
  readonly ports: Ports;
  readonly systemCaFiles: readonly string[];
  /** Takes one line without a secret in it. */
  readonly log: (line: string) => void;
};

export class Replica {
  readonly backend: StateBackend;
  readonly blobHome: PostgresBlobHome;
  readonly #vault: PostgresVault;
  readonly #parts: ReplicaParts;
  /** The version of each shared secret that the folder holds. */
  readonly #versions = new Map<string, number>();
  #store: StateStore | undefined;
  #keys: KeyKeeper | undefined;
  #follower: Follower | undefined;
  #isLost = false;
  #isDraining = false;

  constructor(backend: StateBackend, blobHome: PostgresBlobHome, vault: PostgresVault, parts: ReplicaParts) {
    this.backend = backend;
    this.blobHome = blobHome;
    this.#vault = vault;
    this.#parts = parts;
  }

  get sharedKeys(): SharedKeys {
    return { replace: (content) => this.#replaceSigningKeys(content) };
  }

  get agreement(): Agreement {
    return {
      agree: async (plan) => (await this.#vault.agree(firstState, plan)).content,
      recall: async () => (await this.#vault.read(firstState))?.content,
    };
  }

  /** Puts what all share into the folder; what nobody has yet is made here, and is everyone's if nobody else was first. */
  async prepareFolder(): Promise<void> {
    const { folder, ports, systemCaFiles } = this.#parts;
    mkdirSync(join(folder.root, "ca"), { recursive: true, mode: 0o700 });
    await this.#claimFolder();
    for (const name of Object.keys(sharedFiles)) await this.#take(name);
    openPepper(folder);
    openSealer(folder.root, ports);
    await openKeyKeeper({ stateDir: folder.root, ports });
    await ensureCertificates({ stateDir: folder.root, systemCaFiles, now: ports.now() });
    for (const name of Object.keys(sharedFiles)) await this.#settle(name);
  }

  /** Follows the log from now on. */
  start(store: StateStore, keys: KeyKeeper, follow: { onDeleting: () => void; onLost: (why: string) => void }): void {
    this.#store = store;
    this.#keys = keys;
    let revision = -1;
    this.#follower = startFollower({
      store,
      backend: this.backend,
      say: this.#parts.log,
      onLook: async () => {
        await this.blobHome.renew();
        await this.#takeChangedSecrets();
        if (this.blobHome.isHome && store.model.revision !== revision) follow.onDeleting();
        revision = store.model.revision;
      },
      onDiverged: (cause: HistoryDiverged) => {
        this.#isLost = true;
        follow.onLost(cause.message);
      },
    });
  }

  /** Why nothing may be answered from the model, if so. */
  get refusal(): string | undefined {
    if (this.#isLost) return "the database lost changes that this replica answered from; it ends";
    if ((this.#store?.ageMs ?? 0) > maxAgeMs) return "the database has not answered for too long";
    return undefined;
  }

  /** What `/readyz` says. */
  readiness(): { readonly isReady: boolean; readonly text: string } {
    if (this.#isDraining) return { isReady: false, text: "this replica is ending" };
    const { refusal } = this;
    if (refusal !== undefined || this.#store === undefined) return { isReady: false, text: refusal ?? "starting" };
    const behindMs = Math.ceil(this.#store.ageMs);
    return { isReady: true, text: `ok: revision ${this.#store.model.revision}, at most ${behindMs} ms behind` };
  }

  /** From now on no new work is to be sent here. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Stops to follow and gives the lease back; the store closes the connection. */
  async close(): Promise<void> {
    await this.#follower?.close();
    // A database that is away takes the lease back by itself.
    await this.blobHome.release().catch(() => undefined);
  }

  /** A storage account that is marked as going is gone once the replica that holds its blobs says so. */
  async awaitAccountGone(name: string): Promise<void> {
    const givenUpAtMs = performance.now() + accountGoneTimeoutMs;
    for (;;) {
      if (this.#store?.model.storageAccounts.get(name)?.provisioningState !== "Deleting") return;
      if (performance.now() > givenUpAtMs)
        throw new StoreUnavailable("the replica that holds the account's blobs has not removed them yet");
      await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
    }
  }

  async #claimFolder(): Promise<void> {
    const { folder } = this.#parts;
    if (existsSync(folder.database)) {
      throw new ReplicaFault(`${folder.root} holds a cloud of its own; name an empty folder with --state`);
    }
    const { content: cloud } = await this.#vault.agree("cloud", randomUUID());
    const marker = join(folder.root, "database-cloud");
    const known = readIfThere(marker);
    if (known !== undefined && known !== cloud)
      throw new ReplicaFault(`${folder.root} belongs to another database; name an empty folder with --state`);
    if (known === undefined) writeSecretFile(marker, cloud);
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
    const { root } = this.#parts.folder;
    const files = JSON.parse(entry.content) as Readonly<Record<string, string>>;
    for (const file of sharedFiles[name]!) {
      const text = files[file]!;
      if (readIfThere(join(root, file)) !== text) writeSecretFile(join(root, file), text);
    }
    this.#versions.set(name, entry.version);
  }

  #pack(name: string): string {
    const { root } = this.#parts.folder;
    return JSON.stringify(Object.fromEntries(sharedFiles[name]!.map((file) => [file, readIfThere(join(root, file))])));
  }

  async #takeChangedSecrets(): Promise<void> {
    for (const [name, version] of await this.#vault.versions()) {
      if (sharedFiles[name] === undefined || this.#versions.get(name) === version) continue;
      await this.#take(name);
      if (name === signingKeys) this.#keys?.reload();
    }
  }

  async #replaceSigningKeys(content: string): Promise<boolean> {
    const [file] = sharedFiles[signingKeys]!;
    const known = this.#versions.get(signingKeys)!;
    if (await this.#vault.replace(signingKeys, known, JSON.stringify({ [file!]: content }))) {
      this.#versions.set(signingKeys, known + 1);
      return true;
    }
    await this.#take(signingKeys);
    return false;
  }
}

/** How long a request to delete an account waits for the replica that holds its blobs, in milliseconds; our choice: clients wait a minute and more. */
const accountGoneTimeoutMs = 30_000;

/**
 * Connects to the database and brings its schema and the folder up to date.
 * @throws ReplicaFault for what the user can mend, a database that does not answer too.
 */
export async function openReplica(options: ReplicaOptions, parts: ReplicaParts): Promise<Replica> {
  const key = readVaultKey(options.keyFile);
  const password =
    options.passwordFile === undefined ? undefined : readOwnFile(options.passwordFile).replace(/\r?\n$/, "");
  const { url, answerTimeoutMs } = options;
  const connection = await openConnection({ url, password, answerTimeoutMs });
  try {
    const backend = await openPostgresBackend(connection);
    const home = await PostgresBlobHome.open(connection, readReplicaId(parts.folder), randomUUID());
    const replica = new Replica(backend, home, new PostgresVault(connection, key), parts);
    await replica.prepareFolder();
    if (!home.isHome) parts.log("blobs are held by another replica's state folder: this one answers 501 for them");
    return replica;
  } catch (cause) {
    await connection.close().catch(() => undefined);
    const isMendable = cause instanceof StoreUnavailable || cause instanceof VaultSealed;
    throw isMendable ? new ReplicaFault(cause.message) : cause;
  }
}

/** What the blobs' lease knows this folder by. */
function readReplicaId({ root }: StateFolder): string {
  const file = join(root, "replica-id");
  const kept = readIfThere(file);
  if (kept !== undefined) return kept;
  const id = randomUUID();
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeSecretFile(file, id);
  return id;
}

/** @throws ReplicaFault for a file that others may read. */
function readOwnFile(file: string): string {
  const content = readIfThere(file);
  if (content === undefined) throw new ReplicaFault(`${file} is not there`);
  if (process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0)
    throw new ReplicaFault(`${file} may be read by others: chmod 600 it first`);
  return content;
}

function readVaultKey(file: string): Buffer {
  const text = readOwnFile(file).trim();
  const key = Buffer.from(text, "base64");
  if (!/^[A-Za-z0-9+/]+=*$/.test(text) || key.length !== vaultKeyBytes)
    throw new ReplicaFault(
      `${file} does not hold ${vaultKeyBytes} bytes as base64: openssl rand -base64 32 makes some`,
    );
  return key;
}
