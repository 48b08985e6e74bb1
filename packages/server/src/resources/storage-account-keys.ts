/** The two keys of a storage account: made, and made anew. They are secrets: nothing here puts one into a fault. */
import { type Change, put } from "../state/change.ts";
import type { StorageAccount, StorageAccountKey } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { Ports } from "../state/ports.ts";

/** Bytes of a key. @see https://learn.microsoft.com/azure/storage/common/storage-account-keys-manage */
const keySizeBytes = 64;

const keyNames = ["key1", "key2"] as const;

type KeyPorts = Pick<Ports, "now" | "randomBytes">;

function makeKey(keyName: StorageAccountKey["keyName"], ports: KeyPorts): StorageAccountKey {
  return {
    keyName,
    creationTime: ports.now().toISOString(),
    value: Buffer.from(ports.randomBytes(keySizeBytes)).toString("base64"),
  };
}

/** Makes both keys of a new account. */
export function makeKeys(ports: KeyPorts): StorageAccountKey[] {
  return keyNames.map((keyName) => makeKey(keyName, ports));
}

/**
 * Makes one key anew; the old one is void at once.
 * @throws Refusal `value-invalid` of keyName.
 * @see https://learn.microsoft.com/rest/api/storagerp/storage-accounts/regenerate-key
 */
export function regenerateKey(
  account: StorageAccount,
  keyName: string,
  ports: KeyPorts,
): { readonly changes: readonly Change[]; readonly result: StorageAccount } {
  const chosen =
    keyNames.find((name) => name === keyName) ??
    refuse({ kind: "value-invalid", objectKind: "storageAccount", property: "keyName", why: "not-allowed" });
  const keys = account.keys.map((key) => (key.keyName === chosen ? makeKey(chosen, ports) : key));
  const changed: StorageAccount = { ...account, keys };
  return { changes: [put("storageAccount", changed)], result: changed };
}

/** Bytes of the secret that user delegation keys are made of. Our choice: as many as such a key has. */
const delegationSecretSizeBytes = 32;

/** The secret that an account's user delegation keys are made of; made when the first key is asked for. */
export function giveDelegationSecret(
  account: StorageAccount,
  ports: KeyPorts,
): { readonly changes: readonly Change[]; readonly result: string } {
  if (account.delegationSecret !== undefined) return { changes: [], result: account.delegationSecret };
  return renewDelegationSecret(account, ports);
}

/**
 * Replaces that secret, so that every key made of it is void.
 * @see https://learn.microsoft.com/rest/api/storagerp/storage-accounts/revoke-user-delegation-keys
 */
export function renewDelegationSecret(
  account: StorageAccount,
  ports: KeyPorts,
): { readonly changes: readonly Change[]; readonly result: string } {
  const delegationSecret = Buffer.from(ports.randomBytes(delegationSecretSizeBytes)).toString("base64");
  return { changes: [put("storageAccount", { ...account, delegationSecret })], result: delegationSecret };
}
