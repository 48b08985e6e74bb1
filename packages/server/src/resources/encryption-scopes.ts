/**
 * Encryption scopes of a storage account: named keys of the account's own, which blobs are encrypted with. Pure.
 * @see https://learn.microsoft.com/rest/api/storagerp/encryption-scopes
 */
import { type Change, put } from "../state/change.ts";
import type { EncryptionScope, StorageAccount } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { ReadModel } from "../state/read-model.ts";
import { type AccountPlace, requireStorageAccount } from "./storage-accounts.ts";

const objectKind = "storageAccount";

/** A scope's name. @see https://learn.microsoft.com/rest/api/storagerp/encryption-scopes/put#uri-parameters */
const namePattern = /^[a-z0-9](?:-?[a-z0-9]){2,62}$/i;
/** Scopes of an account. Our choice: Azure has 10,000. */
const maxScopes = 1000;

/** A key of 256 bits. */
export function scopeKeyOf({ secret }: EncryptionScope): Uint8Array {
  return Buffer.from(secret, "base64");
}

export function findEncryptionScope(account: StorageAccount, name: string): EncryptionScope | undefined {
  return account.encryptionScopes?.find((scope) => scope.name.toLowerCase() === name.toLowerCase());
}

/** What a caller said; undefined where nothing was said. */
export type GivenScope = {
  readonly name: string;
  readonly isEnabled: boolean | undefined;
  readonly isDoublyEncrypted: boolean | undefined;
};

/**
 * Makes a scope, or changes one; its key stays.
 * @param secret for a new one: 32 random bytes in base64.
 * @throws Refusal `resource-not-found`, `value-invalid`.
 */
export function putEncryptionScope(
  model: ReadModel,
  place: AccountPlace,
  given: GivenScope,
  secret: string,
  time: string,
): {
  readonly changes: readonly Change[];
  readonly result: { readonly scope: EncryptionScope; readonly isNew: boolean };
} {
  const account = requireStorageAccount(model, place);
  const before = findEncryptionScope(account, given.name);
  const others = (account.encryptionScopes ?? []).filter((scope) => scope !== before);
  if (!namePattern.test(given.name)) refuseValue("name", given.name);
  if (others.length >= maxScopes) refuseValue("name", given.name);
  const scope: EncryptionScope = {
    name: before?.name ?? given.name,
    isEnabled: given.isEnabled ?? before?.isEnabled ?? true,
    isDoublyEncrypted: given.isDoublyEncrypted ?? before?.isDoublyEncrypted ?? false,
    secret: before?.secret ?? secret,
    creationTime: before?.creationTime ?? time,
    lastModifiedTime: time,
  };
  const encryptionScopes = [...others, scope].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    changes: [put(objectKind, { ...account, encryptionScopes })],
    result: { scope, isNew: before === undefined },
  };
}

function refuseValue(property: string, value: string): never {
  return refuse({ kind: "value-invalid", objectKind, property, why: "not-allowed", value: value.slice(0, 64) });
}
