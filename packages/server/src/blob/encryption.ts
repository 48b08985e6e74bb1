/**
 * What a blob is encrypted with: a key that comes with each request and is never kept, or the key of one of the account's encryption scopes, which lies beside
 * the account's other keys. Most blobs are encrypted with neither.
 *
 * @see https://learn.microsoft.com/azure/storage/blobs/encryption-customer-provided-keys
 * @see https://learn.microsoft.com/azure/storage/blobs/encryption-scope-overview
 */
import { scopeKeyOf } from "../resources/encryption-scopes.ts";
import type { StorageAccount } from "../state/entities.ts";
import { containerName, requireContainer } from "./container-handlers.ts";
import { type ContentKey, keyBytes, makeKey } from "./engine/content-cipher.ts";
import type { BlobView } from "./engine/engine.ts";
import type { BlobRecord, BlobState } from "./engine/model.ts";
import { invalidHeader, StorageError } from "./errors.ts";
import type { BlobCall, Call } from "./operation-row.ts";
import type { RequestHeaders } from "./request-headers.ts";
import { accountScope, describeEncryption } from "./resource-headers.ts";

/** A key with what is said of it: in the blob's state, and in answers. */
export type Encryption = {
  readonly key: ContentKey | undefined;
  readonly state: Pick<BlobState, "keySha256" | "encryptionScope">;
};

const unencrypted: Encryption = { key: undefined, state: {} };

const keyHeader = "x-ms-encryption-key";
const sha256Header = "x-ms-encryption-key-sha256";
const algorithmHeader = "x-ms-encryption-algorithm";

/**
 * The key that a request brings.
 * @throws StorageError `MissingRequiredHeader`, `InvalidHeaderValue`. An algorithm without a key is ignored, as Azure does.
 */
function readCustomerKey(headers: RequestHeaders): ContentKey | undefined {
  if (!headers.has(keyHeader) && !headers.has(sha256Header)) return undefined;
  const bytes = Buffer.from(headers.require(keyHeader), "base64");
  // Its value is a secret: an error does not repeat it.
  if (bytes.length !== keyBytes) throw invalidHeader(keyHeader, "");
  const key = makeKey(bytes);
  const sha256 = headers.require(sha256Header);
  if (sha256 !== key.sha256) throw invalidHeader(sha256Header, sha256);
  const algorithm = headers.require(algorithmHeader);
  if (algorithm !== "AES256") throw invalidHeader(algorithmHeader, algorithm);
  return key;
}

/** @throws StorageError for a scope that the account does not have, or has switched off. */
function openScope(account: StorageAccount, name: string): Encryption {
  const scope = account.encryptionScopes?.find((one) => one.name === name);
  if (scope === undefined) throw invalidHeader("x-ms-encryption-scope", name);
  if (!scope.isEnabled) {
    throw new StorageError("AuthorizationFailure", { message: "The encryption scope is disabled." });
  }
  const key = makeKey(scopeKeyOf(scope));
  return { key, state: { keySha256: key.sha256, encryptionScope: name } };
}

function readScope({ headers }: Pick<Call, "headers">): string | null {
  const scope = headers.text("x-ms-encryption-scope");
  if (scope !== null && headers.has("x-ms-encryption-key")) throw new StorageError("InvalidInput");
  return scope;
}

/**
 * What a new blob, or a block of one, is encrypted with.
 * @throws StorageError as above; `RequestForbiddenByContainerEncryptionPolicy` where the container has a scope that may not be passed by.
 */
export async function encryptionOfNew(call: BlobCall): Promise<Encryption> {
  const scope = readScope(call);
  const key = readCustomerKey(call.headers);
  const { record } = await requireContainer(call.engine, containerName(call));
  const { defaultScope, isScopeFixed } = record.state;
  const isOther = key !== undefined || (scope !== null && scope !== (defaultScope ?? accountScope));
  if (isScopeFixed && isOther) throw new StorageError("RequestForbiddenByContainerEncryptionPolicy");
  if (key !== undefined) return { key, state: { keySha256: key.sha256 } };
  const name = scope ?? defaultScope;
  return name === undefined || name === accountScope ? unencrypted : openScope(call.account, name);
}

/**
 * What the blob that is there is encrypted with, for a request that may go on with it.
 * @throws StorageError for a key that is missing, superfluous, or another.
 */
export function encryptionOf(call: Pick<Call, "headers" | "account">, { state }: BlobRecord): Encryption {
  const scope = readScope(call);
  const key = readCustomerKey(call.headers);
  if (state.encryptionScope !== undefined) {
    if (key !== undefined || (scope !== null && scope !== state.encryptionScope)) {
      throw new StorageError("BlobCustomerSpecifiedEncryptionMismatch");
    }
    return openScope(call.account, state.encryptionScope);
  }
  if (state.keySha256 === undefined) {
    if (key === undefined && (scope === null || scope === accountScope)) return unencrypted;
    throw new StorageError("BlobDoesNotUseCustomerSpecifiedEncryption");
  }
  if (key === undefined) throw new StorageError("BlobUsesCustomerSpecifiedEncryption");
  if (key.sha256 !== state.keySha256) throw new StorageError("BlobCustomerSpecifiedEncryptionMismatch");
  return { key, state: { keySha256: key.sha256 } };
}

/** The same for a change of the present blob; one that is not there is refused by the change itself. */
export async function encryptionOfPresent(call: BlobCall): Promise<Encryption> {
  const container = await requireContainer(call.engine, containerName(call));
  const record = await call.engine.findBlob(container, call.target.blob);
  return record === undefined ? unencrypted : encryptionOf(call, record);
}

/** A view that can be read. @throws StorageError as above. */
export function unlockView(call: Pick<Call, "headers" | "account">, view: BlobView): BlobView {
  const { key } = encryptionOf(call, view.record);
  return key === undefined ? view : { ...view, key };
}

/** What a write answers of it. */
export function encryptionHeaders({ state }: Pick<Encryption, "state">): Record<string, string> {
  return { "x-ms-request-server-encrypted": String(state.keySha256 !== undefined), ...describeEncryption(state) };
}
