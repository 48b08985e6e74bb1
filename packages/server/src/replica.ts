/**
 * One of several processes on one database: opens what they share, keeps this one up with it, and says when it must not answer.
 *
 * Owns: the order in which these things are opened and closed, and the bound on how old an answer may be.
 * Decision: docs/decisions/0024-postgresql.md
 */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Agreement } from "./first-start.ts";
import { OwnFileFault, readOwnFile } from "./own-file.ts";
import { openBlobPlace, type SharedBlobs } from "./replica-blobs.ts";
import { ReplicaFault, ReplicaFolder } from "./replica-folder.ts";
import type { SecretFiles } from "./secret-files.ts";
import type { Ports } from "./state/ports.ts";
import { readIfThere, type StateFolder, writeSecretFile } from "./state-folder.ts";
import { type HistoryDiverged, type StateBackend, StoreUnavailable } from "./store/backend.ts";
import { lockFolder } from "./store/folder-lock.ts";
import { type Follower, pollIntervalMs, startFollower } from "./store/log-follower.ts";
import { openPostgresBackend } from "./store/postgres-backend.ts";
import type { BlobHome } from "./store/postgres-blob-home.ts";
import { openConnection } from "./store/postgres-connection.ts";
import { PostgresRoster } from "./store/postgres-roster.ts";
import { PostgresVault, VaultSealed, vaultKeyBytes } from "./store/postgres-vault.ts";
import type { StateStore } from "./store/state-store.ts";
import type { KeyKeeper, SharedKeys } from "./tokens/key-keeper.ts";
import { ownVersion } from "./version-record.ts";

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
  /** A folder that all replicas reach, for blobs; without one a single replica keeps them. */
  readonly blobFolder?: string | undefined;
  /** Shorter, for tests. */
  readonly answerTimeoutMs?: number | undefined;
};

const firstState = "first-state";

export type ReplicaParts = {
  readonly folder: StateFolder;
  readonly ports: Ports;
  readonly systemCaFiles: readonly string[];
  /** How the folder's secret files are kept. */
  readonly files: SecretFiles;
  /** Takes one line without a secret in it. */
  readonly log: (line: string) => void;
};

type OpenedParts = {
  readonly backend: StateBackend;
  readonly blobHome: BlobHome;
  readonly sharedBlobs: SharedBlobs | undefined;
  readonly vault: PostgresVault;
  readonly roster: PostgresRoster;
  readonly shared: ReplicaFolder;
  readonly unlock: () => void;
  readonly log: (line: string) => void;
};

export class Replica {
  readonly backend: StateBackend;
  readonly blobHome: BlobHome;
  /** Blobs that every replica serves; undefined where one does. */
  readonly sharedBlobs: SharedBlobs | undefined;
  readonly #vault: PostgresVault;
  readonly #roster: PostgresRoster;
  readonly #shared: ReplicaFolder;
  readonly #log: (line: string) => void;
  readonly #unlock: () => void;
  #store: StateStore | undefined;
  #keys: KeyKeeper | undefined;
  #follower: Follower | undefined;
  #isLost = false;

  constructor(opened: OpenedParts) {
    this.backend = opened.backend;
    this.blobHome = opened.blobHome;
    this.sharedBlobs = opened.sharedBlobs;
    this.#vault = opened.vault;
    this.#roster = opened.roster;
    this.#shared = opened.shared;
    this.#log = opened.log;
    this.#unlock = opened.unlock;
  }

  get sharedKeys(): SharedKeys {
    return { replace: (content) => this.#shared.replaceSigningKeys(content) };
  }

  get agreement(): Agreement {
    return {
      agree: async (plan) => (await this.#vault.agree(firstState, plan)).content,
      recall: async () => (await this.#vault.read(firstState))?.content,
    };
  }

  /** Follows the log from now on. */
  start(store: StateStore, keys: KeyKeeper, follow: { onDeleting: () => void; onLost: (why: string) => void }): void {
    this.#store = store;
    this.#keys = keys;
    let revision = -1;
    this.#follower = startFollower({
      store,
      backend: this.backend,
      say: this.#log,
      onLook: async () => {
        await this.blobHome.renew();
        await this.#roster.beat();
        if (await this.#shared.takeChanges()) this.#keys?.reload();
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
    const { refusal } = this;
    if (refusal !== undefined || this.#store === undefined) return { isReady: false, text: refusal ?? "starting" };
    const behindMs = Math.ceil(this.#store.ageMs);
    return { isReady: true, text: `ok: revision ${this.#store.model.revision}, at most ${behindMs} ms behind` };
  }

  /** Stops to follow and gives the lease back; the store closes the connection. */
  async close(): Promise<void> {
    await this.#follower?.close();
    // A database that is away takes the lease back by itself.
    await this.blobHome.release().catch(() => undefined);
    await this.#roster.leave().catch(() => undefined);
    await this.sharedBlobs?.close();
    this.#unlock();
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
    options.passwordFile === undefined ? undefined : readSecret(options.passwordFile).replace(/\r?\n$/, "");
  const { url, answerTimeoutMs } = options;
  const { folder, ports, systemCaFiles, files, log } = parts;
  const unlock = lock(folder);
  const database = { url, password, answerTimeoutMs };
  const connection = await openConnection(database);
  try {
    const backend = await openPostgresBackend(connection);
    const vault = new PostgresVault(connection, key);
    const shared = new ReplicaFolder(folder, vault, files);
    await shared.prepare(ports, systemCaFiles);
    const me = { replicaId: readReplicaId(folder), version: ownVersion.version };
    const roster = await PostgresRoster.open(connection, me);
    // Last: who cannot open the cloud must not be the one that holds its blobs.
    const place = { folder: options.blobFolder, stateDir: folder.root, replicaId: readReplicaId(folder), log };
    const { home, shared: sharedBlobs } = await openBlobPlace(connection, database, {
      ...place,
      processId: randomUUID(),
      cloud: shared.cloud,
    });
    return new Replica({ backend, blobHome: home, sharedBlobs, vault, shared, roster, unlock, log });
  } catch (cause) {
    unlock();
    await connection.close().catch(() => undefined);
    const isMendable = cause instanceof StoreUnavailable || cause instanceof VaultSealed;
    throw isMendable ? new ReplicaFault(cause.message) : cause;
  }
}

function lock({ root }: StateFolder): () => void {
  try {
    return lockFolder(join(root, "run", "replica.lock"));
  } catch (cause) {
    if (!/database is locked/.test((cause as Error).message)) throw cause;
    throw new ReplicaFault(`another Postern is running on ${root}; stop it, or name another folder with --state`);
  }
}

/** What the blobs' lease knows this folder by. */
function readReplicaId({ root }: StateFolder): string {
  const file = join(root, "replica-id");
  const kept = readIfThere(file);
  if (kept !== undefined) return kept;
  const id = randomUUID();
  writeSecretFile(file, id);
  return id;
}

/** @throws ReplicaFault for a file that others may read. */
function readSecret(file: string): string {
  try {
    return readOwnFile(file);
  } catch (cause) {
    throw cause instanceof OwnFileFault ? new ReplicaFault(cause.message) : cause;
  }
}

function readVaultKey(file: string): Buffer {
  const text = readSecret(file).trim();
  const key = Buffer.from(text, "base64");
  if (!/^[A-Za-z0-9+/]+=*$/.test(text) || key.length !== vaultKeyBytes)
    throw new ReplicaFault(
      `${file} does not hold ${vaultKeyBytes} bytes as base64: openssl rand -base64 32 makes some`,
    );
  return key;
}
