/**
 * What of requests and answers a version of the service knows: headers, parameters, what a listing includes. Headers that a version does not know are
 * ignored, as Azure does; those of them that would protect something are refused.
 */
import { invalidHeader, StorageError } from "./errors.ts";
import type { RequestHeaders } from "./request-headers.ts";
import { type Feature, featuresOf, isServiceVersion, newestFeature } from "./service-versions.ts";

/** Request headers by their feature. What an older version would have to ignore though it protects something is refused. */
const ignored: Readonly<Record<string, Feature>> = {
  "x-ms-access-tier": "tierWithWrite",
  "x-ms-content-crc64": "crc64",
  "x-ms-range-get-content-crc64": "crc64",
  "x-ms-source-content-crc64": "crc64",
  "x-ms-tags": "tags",
  "x-ms-copy-source-tag-option": "tagsOfSource",
  "x-ms-rehydrate-priority": "rehydratePriority",
  "x-ms-seal-blob": "seal",
};
const refused: Readonly<Record<string, Feature>> = {
  "x-ms-encryption-key": "customerKeys",
  "x-ms-encryption-key-sha256": "customerKeys",
  "x-ms-encryption-scope": "encryptionScopes",
  "x-ms-default-encryption-scope": "encryptionScopes",
  "x-ms-deny-encryption-scope-override": "encryptionScopes",
  "x-ms-if-tags": "tags",
  "x-ms-source-if-tags": "tags",
  "x-ms-immutability-policy-until-date": "immutability",
  "x-ms-immutability-policy-mode": "immutability",
  "x-ms-legal-hold": "immutability",
  "x-ms-previous-snapshot-url": "snapshotUrl",
  "x-ms-copy-source-authorization": "sourceAuthorization",
};

/**
 * The headers that a version knows. Set Blob Tier is older than tiers with writes: its header is left to it.
 * @param comp of the operation that was asked for.
 * @throws StorageError `UnsupportedHeader`.
 */
export function knownHeaders(headers: RequestHeaders, version: string, comp: string | null): RequestHeaders {
  if (version >= newestFeature) return headers;
  const features = featuresOf(version);
  for (const [name, feature] of Object.entries(refused)) {
    if (!features[feature] && headers.has(name)) {
      throw new StorageError("UnsupportedHeader", { details: { HeaderName: name } });
    }
  }
  const isTier = comp === "tier";
  const dropped = Object.entries(ignored).filter(
    ([name, feature]) => !features[feature] && headers.has(name) && !(isTier && name === "x-ms-access-tier"),
  );
  // An end with a write is newer than one by an operation of its own.
  if (!features.expiryWithWrite && comp !== "expiry") {
    dropped.push(["x-ms-expiry-option", "expiryWithWrite"], ["x-ms-expiry-time", "expiryWithWrite"]);
  }
  return dropped.length === 0 ? headers : headers.without(new Set(dropped.map(([name]) => name)));
}

/** Headers of answers by their feature. */
const answered: Readonly<Record<string, Feature>> = {
  "x-ms-blob-sealed": "seal",
  "x-ms-content-crc64": "crc64",
  "x-ms-default-encryption-scope": "encryptionScopes",
  "x-ms-deny-encryption-scope-override": "encryptionScopes",
  "x-ms-encryption-scope": "encryptionScopes",
  "x-ms-expiry-time": "expiry",
  "x-ms-immutability-policy-mode": "immutability",
  "x-ms-immutability-policy-until-date": "immutability",
  "x-ms-immutable-storage-with-versioning-enabled": "versionImmutability",
  "x-ms-is-current-version": "versions",
  "x-ms-is-hns-enabled": "hierarchyFlag",
  "x-ms-last-access-time": "lastAccess",
  "x-ms-legal-hold": "immutability",
  "x-ms-rehydrate-priority": "rehydratePriority",
  "x-ms-tag-count": "tags",
  "x-ms-version-id": "versions",
};

/** An answer's headers as a version knows them. */
export function answerHeadersOf(
  headers: Readonly<Record<string, string>>,
  version: string,
): Readonly<Record<string, string>> {
  if (version >= newestFeature) return headers;
  const features = featuresOf(version);
  const isKnown = (name: string): boolean => {
    const feature = answered[name];
    return feature === undefined || features[feature];
  };
  return Object.fromEntries(Object.entries(headers).filter(([name]) => isKnown(name)));
}

/** Values of a listing's `include` by their feature. */
const included: Readonly<Record<string, Feature>> = {
  deleted: "undelete",
  deletedwithversions: "gone",
  immutabilitypolicy: "immutability",
  legalhold: "immutability",
  system: "systemContainers",
  tags: "tags",
  versions: "versions",
};

/** Those of a listing's `include` values that a version knows. */
export function knownIncludes(includes: readonly string[], version: string): readonly string[] {
  const features = featuresOf(version);
  return includes.filter((name) => included[name] === undefined || features[included[name]]);
}

/** Query parameters by their feature. */
const parameters: Readonly<Record<string, Feature>> = {
  versionid: "versions",
  deletetype: "permanentDelete",
  showonly: "showDeleted",
};

/** Whether a version knows a query parameter. */
export function isKnownParameter(name: string, version: string): boolean {
  const feature = parameters[name];
  return feature === undefined || featuresOf(version)[feature];
}

/** The version that a request asks for. @throws StorageError `InvalidHeaderValue` for one that there is not. */
export function readVersion(headers: RequestHeaders, now: Date): string | undefined {
  const version = headers.get("x-ms-version");
  if (version !== undefined && !isServiceVersion(version, now)) throw invalidHeader("x-ms-version", version);
  return version;
}

/**
 * The version that a signature's bearer is answered by, when no header says one: `api-version`, else the signature's own.
 * @param query raw. It is read strictly later on; here it only says what the answer looks like.
 * @see https://learn.microsoft.com/rest/api/storageservices/versioning-for-the-azure-storage-services
 */
export function versionOfSignature(query: string, now: Date): string | undefined {
  if (!/(?:^|&)sig=/i.test(query)) return undefined;
  const text = /(?:^|&)api-version=([^&]*)/i.exec(query)?.[1] ?? /(?:^|&)sv=([^&]*)/i.exec(query)?.[1];
  return text !== undefined && isServiceVersion(text, now) ? text : undefined;
}
