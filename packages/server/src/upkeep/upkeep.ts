/**
 * What whoever runs the cloud looks after: the keys tokens are signed with, the secrets and certificates of applications before they end, backups and
 * the soundness of what is stored. On our own plane, under /postern/keys, /postern/credentials, /postern/backup and /postern/storage.
 *
 * Owns: the rows of this folder. May use: the key keeper, the records, the directory's decision. match -> authenticate -> decide and handle -> render
 */
import type { Cloud } from "../cloud.ts";
import { permissionsFor } from "../directory/permissions.ts";
import { answerCaller, type TakenTokens } from "../postern-caller.ts";
import type { PosternRow } from "../postern-surface.ts";
import type { KeyKeeper } from "../tokens/key-keeper.ts";
import type { Reply } from "../wire/exchange.ts";
import { type Backup, backupAction, makeBackup } from "./backup.ts";
import type { Call } from "./call.ts";
import { listCredentials } from "./credentials.ts";
import { listSigningKeys, readKeysAction, rotateKeysAction, rotateSigningKeys } from "./signing-keys.ts";
import { createStorageCheck, type StorageReport, storageCheckAction } from "./storage-check.ts";

export type UpkeepOptions = {
  readonly keys: KeyKeeper;
  /** Judges a token's `aud`: those of Resource Manager, and of Graph. */
  readonly isArmAudience: TakenTokens["isAudience"];
  readonly isGraphAudience: TakenTokens["isAudience"];
  /** Copies the state folder as it is at one moment. */
  readonly backUp: () => Promise<Backup>;
  /** Reads the whole blob store and compares it with its sums. */
  readonly checkStorage: () => Promise<StorageReport>;
  /** Takes one line without a secret in it. */
  readonly say: (line: string) => void;
};

type RowInput = {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly permission: string;
  readonly doc: string;
  readonly service: TakenTokens["service"];
  readonly body?: string;
  readonly handle: (call: Call) => Promise<Reply>;
};

const keyDoc = "https://learn.microsoft.com/entra/identity-platform/signing-key-rollover";

/** The rows, for the surface of our own plane. */
export function createUpkeepRows(cloud: Cloud, options: UpkeepOptions): readonly PosternRow[] {
  const { keys, say, backUp, checkStorage } = options;
  const inputs: readonly RowInput[] = [
    {
      operation: "List signing keys",
      method: "GET",
      path: "/postern/keys",
      permission: readKeysAction,
      doc: keyDoc,
      service: "Resource Manager",
      handle: (call) => listSigningKeys(call, keys),
    },
    {
      operation: "Rotate signing keys",
      method: "POST",
      path: "/postern/keys/rotate",
      permission: rotateKeysAction,
      doc: keyDoc,
      service: "Resource Manager",
      body: JSON.stringify({ kind: "scheduled" }),
      handle: (call) => rotateSigningKeys(call, keys, say),
    },
    {
      operation: "Back up the state folder",
      method: "POST",
      path: "/postern/backup",
      permission: backupAction,
      doc: "https://sqlite.org/backup.html",
      service: "Resource Manager",
      handle: (call) => makeBackup(call, backUp, say),
    },
    {
      operation: "Check the blob store",
      method: "POST",
      path: "/postern/storage/check",
      permission: storageCheckAction,
      doc: "https://sqlite.org/pragma.html#pragma_integrity_check",
      service: "Resource Manager",
      handle: createStorageCheck(checkStorage, say),
    },
    {
      operation: "List credentials",
      method: "GET",
      path: "/postern/credentials",
      permission: permissionsFor("read-applications"),
      doc: "https://learn.microsoft.com/graph/api/resources/passwordcredential",
      service: "Microsoft Graph",
      handle: listCredentials,
    },
  ];
  return inputs.map((input) => makeRow(cloud, options, input));
}

function makeRow(cloud: Cloud, options: UpkeepOptions, input: RowInput): PosternRow {
  const { operation, method, path, permission, doc, service, body, handle } = input;
  const isAudience = service === "Resource Manager" ? options.isArmAudience : options.isGraphAudience;
  return {
    operation,
    method,
    match: path,
    permission,
    doc,
    sample:
      body === undefined ? { target: path } : { target: path, body, headers: { "content-type": "application/json" } },
    pattern: new RegExp(`^${path}$`, "i"),
    handle: (exchange) =>
      answerCaller(cloud, exchange, { service, isAudience }, (caller) => handle({ cloud, exchange, caller })),
  };
}
