/** The bounds of the blob surface. Each says its unit in its name and its source in a comment. */
import { featuresOf } from "./service-versions.ts";

const mebibyte = 1024 * 1024;

/** Put Blob's body, by the version of the service. @see https://learn.microsoft.com/rest/api/storageservices/put-blob#remarks */
export function maxPutBlobBytes(version: string): number {
  return (featuresOf(version).largeWrites ? 5000 : 256) * mebibyte;
}
/** One block. @see https://learn.microsoft.com/azure/storage/blobs/scalability-targets */
export function maxBlockBytes(version: string): number {
  return (featuresOf(version).largeWrites ? 4000 : 100) * mebibyte;
}
/** A block from a URL. @see https://learn.microsoft.com/rest/api/storageservices/put-block-from-url#remarks */
export function maxBlockFromUrlBytes(version: string): number {
  return (featuresOf(version).putFromUrl ? 4000 : 100) * mebibyte;
}
/** A block id before base64. @see https://learn.microsoft.com/rest/api/storageservices/put-block#uri-parameters */
export const maxBlockIdBytes = 64;
/** Put Block List's body: 50,000 blocks of a 64-byte id in base64 with their tags, and some room. Our choice. */
export const maxBlockListBytes = 8 * mebibyte;
/** Metadata, names and values together. @see https://learn.microsoft.com/rest/api/storageservices/setting-and-retrieving-properties-and-metadata-for-blob-resources */
export const maxMetadataBytes = 8 * 1024;
/** A blob's name, in characters. @see https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata */
export const maxBlobNameLength = 1024;
/** Parts of a blob's name between slashes. Source as above. */
export const maxBlobNameSegments = 254;
/** A container's name, in characters. Source as above. */
export const minContainerNameLength = 3;
export const maxContainerNameLength = 63;
/** Items of a listing's page. @see https://learn.microsoft.com/rest/api/storageservices/list-blobs#uri-parameters */
export const maxPageItems = 5000;
/** A range of which a sum is asked for. @see https://learn.microsoft.com/rest/api/storageservices/get-blob#request-headers */
export const maxSummedRangeBytes = 4 * mebibyte;
/** x-ms-client-request-id, in characters. @see https://learn.microsoft.com/rest/api/storageservices/get-blob#response-headers */
export const maxClientRequestIdLength = 1024;
/** Query parameters of a request. Our choice: a SAS has 20. */
export const maxQueryParameters = 64;
/** A refused request's body up to here is read and dropped, so that its sender hears the answer. Our choice: above the 64 MiB the Python SDK sends at once. */
export const maxDiscardedBytes = 256 * mebibyte;
/** And so long, in milliseconds. Our choice. */
export const maxDiscardMs = 30_000;
/** Index tags of a blob, and the characters of a key and of a value. @see https://learn.microsoft.com/rest/api/storageservices/set-blob-tags#request-body */
export const maxTags = 10;
export const maxTagKeyLength = 128;
export const maxTagValueLength = 256;
/** Set Blob Tags' body. Our choice: the ten longest tags with every character escaped, and some room. */
export const maxTagsBodyBytes = 64 * 1024;
/** Stored access policies of a container, and the characters of an id. @see https://learn.microsoft.com/rest/api/storageservices/define-stored-access-policy */
export const maxPolicies = 5;
export const maxPolicyIdLength = 64;
/** Set Container ACL's body. Our choice: five policies take less than two KiB. */
export const maxPoliciesBytes = 16 * 1024;
/** Get User Delegation Key's body. Our choice: it holds two times. */
export const maxDelegationKeyBytes = 4 * 1024;
/** How long a user delegation key is good, in milliseconds: seven days. @see https://learn.microsoft.com/rest/api/storageservices/get-user-delegation-key#request-body */
export const maxDelegationKeyMs = 7 * 24 * 60 * 60 * 1000;
/** A lease that has an end, in seconds; a break period is no longer. @see https://learn.microsoft.com/rest/api/storageservices/lease-blob#request-headers */
export const minLeaseSeconds = 15;
export const maxLeaseSeconds = 60;
/** Append Block's body. @see https://learn.microsoft.com/rest/api/storageservices/append-block#remarks */
export function maxAppendBlockBytes(version: string): number {
  return (featuresOf(version).largeAppends ? 100 : 4) * mebibyte;
}
/** Put Page's body. @see https://learn.microsoft.com/rest/api/storageservices/put-page#remarks */
export const maxPageWriteBytes = 4 * mebibyte;
/** A source of Copy Blob from URL. @see https://learn.microsoft.com/rest/api/storageservices/copy-blob-from-url#remarks */
export const maxSyncCopyBytes = 256 * mebibyte;
/** A copy source's URL, in characters. @see https://learn.microsoft.com/rest/api/storageservices/copy-blob#request-headers-all-blob-types */
export const maxCopySourceLength = 2048 + 2048;
/** A batch's parts, and its body. @see https://learn.microsoft.com/rest/api/storageservices/blob-batch#remarks */
export const maxBatchParts = 256;
export const maxBatchBytes = 4 * mebibyte;
/** Reads of a blob are noted once in so long, in milliseconds: a day. @see https://learn.microsoft.com/azure/storage/blobs/lifecycle-management-policy-access-time-tracking */
export const accessGranularityMs = 24 * 60 * 60 * 1000;
/** Set Blob Service Properties' body. Our choice: five CORS rules of the greatest length, and some room. */
export const maxServicePropertiesBytes = 64 * 1024;
