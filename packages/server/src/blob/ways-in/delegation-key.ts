/**
 * User delegation keys: what a principal signs with in place of the account's key. None is kept: each is made again from the account's secret and
 * what the signature says of its key, so that to change the secret revokes them all.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/get-user-delegation-key
 */
import { createHmac } from "node:crypto";
import { writeMoment } from "./signed-parameters.ts";

/** What a key is made for. */
export type DelegationKeyTerms = {
  readonly objectId: string;
  readonly tenantId: string;
  readonly startMs: number;
  readonly expiryMs: number;
  /** Of the service when the key was asked for. */
  readonly version: string;
  /** Of the users whom signatures by the key are bound to, where it was asked for; else "". */
  readonly delegatedTenantId?: string;
};

/** @param secret the account's, in base64. @returns the key, in base64. */
export function delegationKey(secret: string, terms: DelegationKeyTerms): string {
  const { objectId, tenantId, startMs, expiryMs, version, delegatedTenantId = "" } = terms;
  const text = ["user delegation key", objectId, tenantId, writeMoment(startMs), writeMoment(expiryMs), "b", version];
  if (delegatedTenantId !== "") text.push(delegatedTenantId);
  return createHmac("sha256", Buffer.from(secret, "base64")).update(text.join("\n"), "utf8").digest("base64");
}
