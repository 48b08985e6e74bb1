/**
 * User delegation keys: what a principal signs with in place of the account's key. None is kept: each is made again from the account's secret and
 * what the signature says of its key, so that to change the secret revokes them all.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/get-user-delegation-key
 */
import { createHmac } from "node:crypto";
import { type Change, put } from "../../state/change.ts";
import type { StorageAccount } from "../../state/entities.ts";
import { writeMoment } from "./signed-parameters.ts";

/** Bytes of an account's secret. Our choice: as many as the keys that are made of it have. */
export const delegationSecretSizeBytes = 32;

/** What a key is made for. */
export type DelegationKeyTerms = {
  readonly objectId: string;
  readonly tenantId: string;
  readonly startMs: number;
  readonly expiryMs: number;
  /** Of the service when the key was asked for. */
  readonly version: string;
};

/** @param secret the account's, in base64. @returns the key, in base64. */
export function delegationKey(secret: string, terms: DelegationKeyTerms): string {
  const { objectId, tenantId, startMs, expiryMs, version } = terms;
  const text = ["user delegation key", objectId, tenantId, writeMoment(startMs), writeMoment(expiryMs), "b", version];
  return createHmac("sha256", Buffer.from(secret, "base64")).update(text.join("\n"), "utf8").digest("base64");
}

/** A rule: sees to it that an account has a secret, or a new one. */
export function giveDelegationSecret(
  account: StorageAccount,
  fresh: string,
  isRenewed: boolean,
): { readonly changes: readonly Change[]; readonly result: string } {
  if (account.delegationSecret !== undefined && !isRenewed) return { changes: [], result: account.delegationSecret };
  return { changes: [put("storageAccount", { ...account, delegationSecret: fresh })], result: fresh };
}
