/**
 * What an account's blob service keeps: versions, and for how many days what was deleted. Pure.
 * @see https://learn.microsoft.com/rest/api/storagerp/blob-services/set-service-properties
 */
import { type Change, put } from "../state/change.ts";
import type {
  Analytics,
  AnalyticsMetrics,
  BlobServiceSettings,
  CorsRule,
  StaticWebsite,
  StorageAccount,
} from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { ReadModel } from "../state/read-model.ts";
import { type AccountPlace, requireStorageAccount } from "./storage-accounts.ts";

/** Days that deleted blobs and containers are kept. @see https://learn.microsoft.com/azure/storage/blobs/soft-delete-blob-overview */
const minRetentionDays = 1;
const maxRetentionDays = 365;

const objectKind = "storageAccount";

/** What is kept while nobody says otherwise. */
export const keepsNothing: BlobServiceSettings = {
  isVersioningEnabled: false,
  deletedBlobDays: null,
  isPermanentDeleteAllowed: false,
  deletedContainerDays: null,
  isLastAccessTracked: false,
};

/** A rule of retention as a caller says it. */
export type GivenRetention = { readonly isEnabled: boolean | undefined; readonly days: number | undefined };

/** What a caller said; undefined where nothing was said. */
export type GivenBlobService = {
  readonly isVersioningEnabled: boolean | undefined;
  readonly deletedBlobs: GivenRetention | undefined;
  readonly isPermanentDeleteAllowed: boolean | undefined;
  readonly deletedContainers: GivenRetention | undefined;
  readonly isLastAccessTracked: boolean | undefined;
  readonly corsRules?: readonly CorsRule[] | undefined;
  readonly defaultServiceVersion?: string | undefined;
  /** null switches it off. */
  readonly staticWebsite?: StaticWebsite | null | undefined;
  readonly analytics?: Partial<Analytics> | undefined;
};

export function blobServiceOf(account: Pick<StorageAccount, "blobService">): BlobServiceSettings {
  return account.blobService ?? keepsNothing;
}

function settleDays(given: GivenRetention | undefined, now: number | null, property: string): number | null {
  if (given === undefined) return now;
  if (given.isEnabled !== true) return null;
  const { days } = given;
  if (days === undefined || !Number.isInteger(days) || days < minRetentionDays || days > maxRetentionDays) {
    refuse({ kind: "value-invalid", objectKind, property, why: "not-allowed", value: String(days) });
  }
  return days;
}

const corsMethods: ReadonlySet<string> = new Set([
  "DELETE",
  "GET",
  "HEAD",
  "MERGE",
  "POST",
  "OPTIONS",
  "PUT",
  "PATCH",
  "CONNECT",
  "TRACE",
]);
/** @see https://learn.microsoft.com/rest/api/storageservices/cross-origin-resource-sharing--cors--support-for-the-azure-storage-services#enabling-cors-for-azure-storage */
const maxCorsRules = 5;
const maxCorsItems = 64;
const maxCorsTextLength = 256;
const maxCorsPrefixes = 2;
/** All rules together, in characters. Source as above: 2 KiB. */
const maxCorsSize = 2048;

function settleCors(rules: readonly CorsRule[] | undefined): { readonly corsRules?: readonly CorsRule[] } {
  if (rules === undefined) return {};
  const property = "cors.corsRules";
  const refuseRule = (value: string): never =>
    refuse({ kind: "value-invalid", objectKind, property, why: "not-allowed", value: value.slice(0, 64) });
  if (rules.length > maxCorsRules) refuseRule(String(rules.length));
  let size = 0;
  for (const rule of rules) {
    const { allowedOrigins, allowedMethods, allowedHeaders, exposedHeaders, maxAgeSeconds } = rule;
    const badMethod = allowedMethods.find((method) => !corsMethods.has(method));
    if (badMethod !== undefined) refuseRule(badMethod);
    if (allowedMethods.length === 0 || allowedOrigins.length === 0) refuseRule("");
    if (!Number.isInteger(maxAgeSeconds) || maxAgeSeconds < 0 || maxAgeSeconds > 2 ** 31 - 1)
      refuseRule(String(maxAgeSeconds));
    for (const list of [allowedOrigins, allowedHeaders, exposedHeaders]) {
      const bad = list.find((text) => text === "" || text.length > maxCorsTextLength || !/^[\x21-\x7e]+$/.test(text));
      if (bad !== undefined || list.length > maxCorsItems + maxCorsPrefixes) refuseRule(bad ?? String(list.length));
      size += list.join(",").length;
    }
    for (const list of [allowedHeaders, exposedHeaders]) {
      if (list.filter((header) => header.endsWith("*") && header !== "*").length > maxCorsPrefixes) refuseRule("*");
    }
  }
  if (size > maxCorsSize) refuseRule(String(size));
  return { corsRules: rules };
}

function settleVersion(version: string | undefined): { readonly defaultServiceVersion?: string } {
  if (version === undefined) return {};
  if (!/^20\d\d-\d\d-\d\d$/.test(version)) {
    refuse({
      kind: "value-invalid",
      objectKind,
      property: "defaultServiceVersion",
      why: "not-allowed",
      value: version.slice(0, 64),
    });
  }
  return { defaultServiceVersion: version };
}

/** A document's path, in characters. @see https://learn.microsoft.com/rest/api/storageservices/set-blob-service-properties#request-body */
const maxDocumentLength = 255;
const minDocumentLength = 3;

function settleWebsite(
  given: StaticWebsite | null | undefined,
  now: StaticWebsite | undefined,
): { readonly staticWebsite?: StaticWebsite } {
  const website = given === undefined ? now : given;
  if (website === undefined || website === null) return {};
  const { indexDocument, errorDocument, defaultIndexDocument } = website;
  const check = (property: string, text: string | null): void => {
    if (text === null) return;
    const isPath = text.length >= minDocumentLength && text.length <= maxDocumentLength && !/^\/|\/$|[\\?#]/.test(text);
    // An index document stands in each folder, so it is a name and no path.
    if (isPath && !(property === "IndexDocument" && text.includes("/"))) return;
    refuse({ kind: "value-invalid", objectKind, property, why: "not-allowed", value: text.slice(0, 64) });
  };
  check("IndexDocument", indexDocument);
  check("ErrorDocument404Path", errorDocument);
  check("DefaultIndexDocumentPath", defaultIndexDocument);
  if (indexDocument !== null && defaultIndexDocument !== null) check("DefaultIndexDocumentPath", "");
  return { staticWebsite: website };
}

const noMetrics: AnalyticsMetrics = { version: "1.0", isEnabled: false, hasApis: false, keptDays: null };

/** What is written while nobody says otherwise: nothing. */
export const noAnalytics: Analytics = {
  logging: { version: "1.0", isRead: false, isWritten: false, isDeleted: false, keptDays: null },
  hourMetrics: noMetrics,
  minuteMetrics: noMetrics,
};

function settleAnalytics(
  given: Partial<Analytics> | undefined,
  now: Analytics | undefined,
): { readonly analytics?: Analytics } {
  if (given === undefined || Object.keys(given).length === 0) return now === undefined ? {} : { analytics: now };
  const analytics = { ...(now ?? noAnalytics), ...given };
  for (const { version, keptDays } of Object.values(analytics)) {
    const areDaysGood =
      keptDays === null || (Number.isInteger(keptDays) && keptDays >= minRetentionDays && keptDays <= maxRetentionDays);
    if (areDaysGood && /^[12]\.0$/.test(version)) continue;
    const value = areDaysGood ? version.slice(0, 16) : String(keptDays);
    refuse({ kind: "value-invalid", objectKind, property: "RetentionPolicy", why: "not-allowed", value });
  }
  return { analytics };
}

/**
 * Changes the settings; what is undefined stays.
 * @throws Refusal `resource-not-found`, `value-invalid`.
 */
export function changeBlobService(
  model: ReadModel,
  place: AccountPlace,
  given: GivenBlobService,
): { readonly changes: readonly Change[]; readonly result: StorageAccount } {
  const account = requireStorageAccount(model, place);
  const now = blobServiceOf(account);
  const blobService: BlobServiceSettings = {
    isVersioningEnabled: given.isVersioningEnabled ?? now.isVersioningEnabled,
    deletedBlobDays: settleDays(given.deletedBlobs, now.deletedBlobDays, "deleteRetentionPolicy.days"),
    isPermanentDeleteAllowed: given.isPermanentDeleteAllowed ?? now.isPermanentDeleteAllowed,
    deletedContainerDays: settleDays(
      given.deletedContainers,
      now.deletedContainerDays,
      "containerDeleteRetentionPolicy.days",
    ),
    isLastAccessTracked: given.isLastAccessTracked ?? now.isLastAccessTracked,
    ...settleCors(given.corsRules ?? now.corsRules),
    ...settleVersion(given.defaultServiceVersion ?? now.defaultServiceVersion),
    ...settleWebsite(given.staticWebsite, now.staticWebsite),
    ...settleAnalytics(given.analytics, now.analytics),
  };
  const changed: StorageAccount = { ...account, blobService };
  return { changes: [put(objectKind, changed)], result: changed };
}

/** Notes that an account has, or had, blobs that may not be deleted. */
export function markKeptBlobs(account: StorageAccount): {
  readonly changes: readonly Change[];
  readonly result: undefined;
} {
  const changes = account.hasKeptBlobs === true ? [] : [put(objectKind, { ...account, hasKeptBlobs: true })];
  return { changes, result: undefined };
}
