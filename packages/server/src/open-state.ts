/**
 * Opens what is kept: the state folder and its secret files, directory and access (the folder's own, or a database that replicas share), keys, blobs.
 * What a first start needs is made here. May use: every room that keeps something; no surface, no socket.
 */
import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { builtinRoles } from "@postern/access/roles";
import type { BlobStore } from "./blob/engine/blob-store.ts";
import { openBlobEngine } from "./blob/engine/engine.ts";
import { type CloudOptions, StartFault } from "./cloud-start.ts";
import { SecretKeeper } from "./directory/secrets.ts";
import { ensureFirstState } from "./first-start.ts";
import { CredentialUses, startUseWriter, type UseWriter } from "./observe/credential-uses.ts";
import { createExpiryWarnings } from "./observe/expiry-warnings.ts";
import type { Replica } from "./replica.ts";
import { blobsOfAnotherReplica } from "./replica-answers.ts";
import { openPepper, SecretFiles } from "./secret-files.ts";
import type { Ports } from "./state/ports.ts";
import { openStateFolder, readIfThere, type StateFolder } from "./state-folder.ts";
import { openSqliteBackend } from "./store/sqlite-backend.ts";
import { StateStore } from "./store/state-store.ts";
import { createJsonFetch } from "./tokens/json-fetch.ts";
import { openTokens } from "./tokens/service.ts";
import { defaultReuseSeconds } from "./tokens/token-reuse.ts";
import { explainUnopened } from "./unopened.ts";

export type OpenState = {
  readonly folder: StateFolder;
  readonly files: SecretFiles;
  /** Where directory and access are in a database. */
  readonly replica: Replica | undefined;
  readonly store: StateStore;
  readonly secrets: SecretKeeper;
  readonly tokens: Awaited<ReturnType<typeof openTokens>>;
  readonly engine: BlobStore;
  /** When each credential was last used; its writer keeps it over restarts. */
  readonly uses: CredentialUses;
  readonly useWriter: UseWriter;
};

/**
 * Opens everything.
 * @throws StartFault for what the user can mend, FolderFault and SealFault of the state folder, else the system's error.
 */
export async function openState(options: CloudOptions, ports: Ports): Promise<OpenState> {
  const warn = (line: string) => options.log.warn(line);
  const folder = openStateFolder(resolve(options.stateDir));
  const files = new SecretFiles(folder.root, { key: options.sealingKey, previousKey: options.previousSealingKey });
  const replica = await openDatabase(options, folder, files, ports);
  const store = await openStore(folder, replica, ports);
  rmSync(folder.statusFile, { force: true });
  const { model } = store;
  const secrets = new SecretKeeper(await openFirstSecret(store, folder, files));
  // Keys and certificates of a first start take the longest; neither waits for the other.
  const [tokens, engine] = await Promise.all([
    openTokens({
      stateDir: folder.root,
      model,
      ports,
      reuseSeconds: options.tokenReuseSeconds ?? defaultReuseSeconds,
      // Offline, only files in the state folder tell the keys of outside issuers.
      fetchJson: options.isOffline ? undefined : createJsonFetch(readCertificates(options.systemCaFiles)),
      sharedKeys: replica?.sharedKeys,
      files,
    }),
    openBlobs(folder, replica, (problem) => warn(`blob store: ${problem}`)),
    ensureFirstState(store, folder, secrets, ports, replica?.agreement),
  ]);
  const uses = new CredentialUses(createExpiryWarnings(model, warn));
  return { folder, files, replica, store, secrets, tokens, engine, uses, useWriter: openUses(uses, folder, warn) };
}

/** What nobody asks for any more is closed before what it stands on. */
export async function closeState({ useWriter, engine, replica, store }: OpenState): Promise<void> {
  await useWriter.close();
  await engine.close();
  await replica?.close();
  await store.close();
}

/** The first of the folder's secrets to be read: here it turns out when the key is not the folder's. */
async function openFirstSecret(store: StateStore, folder: StateFolder, files: SecretFiles): Promise<Buffer> {
  try {
    return openPepper(folder.root, files);
  } catch (cause) {
    await store.close();
    throw cause;
  }
}

/** The last uses of credentials, from where the last process left them; a file that cannot be read is said so and begun anew. */
function openUses(uses: CredentialUses, folder: StateFolder, log: (line: string) => void): UseWriter {
  const file = join(folder.root, "credential-uses.json");
  const kept = readIfThere(file);
  try {
    if (kept !== undefined) uses.load(kept);
  } catch {
    log(`${file} cannot be read: when credentials were last used is known from now on only`);
  }
  return startUseWriter(uses, file, log);
}

/** The machine's own certificates, for asking outside issuers; a file that is not there has none. */
function readCertificates(files: readonly string[]): string[] {
  return files.flatMap((file) => readIfThere(file) ?? []);
}

async function openDatabase(
  options: CloudOptions,
  folder: StateFolder,
  files: SecretFiles,
  ports: Ports,
): Promise<Replica | undefined> {
  const { database, systemCaFiles, log } = options;
  if (database === undefined) return undefined;
  const [{ openReplica }, { ReplicaFault }] = await Promise.all([
    import("./replica.ts"),
    import("./replica-folder.ts"),
  ]);
  try {
    return await openReplica(database, { folder, ports, systemCaFiles, files, log: (line) => log.warn(line) });
  } catch (cause) {
    throw cause instanceof ReplicaFault ? new StartFault(cause.message) : cause;
  }
}

/** The blobs' engine: the folder's own, the one that all replicas share, or none where another replica has them. */
async function openBlobs(
  folder: StateFolder,
  replica: Replica | undefined,
  report: (problem: string) => void,
): Promise<BlobStore> {
  if (replica?.blobHome.isHome === false) return blobsOfAnotherReplica();
  if (replica?.sharedBlobs !== undefined) return replica.sharedBlobs.open(report);
  try {
    return await openBlobEngine({ stateDir: folder.root, report });
  } catch (cause) {
    throw explainUnopened(cause, folder.root, join(folder.root, "blobs", "metadata.db"));
  }
}

async function openStore(folder: StateFolder, replica: Replica | undefined, ports: Ports): Promise<StateStore> {
  try {
    return await StateStore.open(replica?.backend ?? openSqliteBackend(folder.database), builtinRoles, ports);
  } catch (cause) {
    throw explainUnopened(cause, folder.root, folder.database);
  }
}
