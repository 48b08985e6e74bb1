/** Signatures as the JavaScript SDK makes them, and blobs to try them on. */
import assert from "node:assert/strict";
import {
  type BlobSASSignatureValues,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { delegationKey } from "../ways-in/delegation-key.ts";
import { accountKeys, delegationSecret, now, type TrialSurface, tenantId } from "./trial-surface.ts";

export const blockBlob = { "x-ms-blob-type": "BlockBlob" };
export const minute = 60_000;
export const later = new Date(now.getTime() + 60 * minute);
export const credential = (account = "acct", key: string = accountKeys[0].value) =>
  new StorageSharedKeyCredential(account, key);

/** Two containers with two blobs each. */
export async function withBlobs(trial: TrialSurface, account = "acct"): Promise<TrialSurface> {
  const headers = { "x-ms-version": "2025-07-05" };
  for (const container of ["box", "other"]) {
    const made = await trial.send("PUT", `/${container}?restype=container`, { account, headers });
    assert.equal(made.status, 201, made.text);
    for (const blob of ["a", "b"]) {
      await trial.send("PUT", `/${container}/${blob}`, { account, headers: { ...headers, ...blockBlob }, body: blob });
    }
  }
  return trial;
}

export type Sas = Partial<BlobSASSignatureValues> & { readonly account?: string; readonly key?: string };

/** A signature as the JavaScript SDK makes it; the oracle of ours. */
export function serviceSas({ account = "acct", key = accountKeys[0].value, ...values }: Sas): string {
  const all = { containerName: "box", expiresOn: later, ...values } as BlobSASSignatureValues;
  return generateBlobSASQueryParameters(all, credential(account, key)).toString();
}

type Term = { readonly startsOn: Date; readonly expiresOn: Date };

/** A user delegation key as the service would give it. */
export function delegatedKey(principalId: string, over: Partial<Term> = {}) {
  const { startsOn = new Date(now.getTime() - minute), expiresOn = later } = over;
  const version = "2025-07-05";
  const terms = {
    objectId: principalId,
    tenantId,
    startMs: startsOn.getTime(),
    expiryMs: expiresOn.getTime(),
    version,
  };
  return {
    signedObjectId: principalId,
    signedTenantId: tenantId,
    signedStartsOn: startsOn,
    signedExpiresOn: expiresOn,
    signedService: "b",
    signedVersion: version,
    value: delegationKey(delegationSecret, terms),
  };
}

/** A signature by delegation, as the JavaScript SDK makes it. */
export function delegationSas(principalId: string, values: Sas, over: Partial<Term> = {}): string {
  const all = { containerName: "box", expiresOn: later, ...values } as BlobSASSignatureValues;
  return generateBlobSASQueryParameters(all, delegatedKey(principalId, over), "acct").toString();
}
