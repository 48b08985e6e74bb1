/**
 * Versions of the service: which there are, and since which of them each feature is there. Below it Azure knows nothing of the feature: its operation is
 * none, its answers say nothing of it, and its headers are ignored: see version-words.ts.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/previous-azure-storage-service-versions
 */
/** Every version that was published, the oldest first. Source as above. */
const versions = [
  "2009-04-14 2009-07-17 2009-09-19 2011-08-18 2012-02-12 2013-08-15 2014-02-14 2015-02-21 2015-04-05 2015-07-08",
  "2015-12-11 2016-05-31 2017-04-17 2017-07-29 2017-11-09 2018-03-28 2018-06-17 2018-11-09 2019-02-02 2019-07-07",
  "2019-10-10 2019-12-12 2020-02-10 2020-04-08 2020-06-12 2020-08-04 2020-10-02 2020-12-06 2021-02-12 2021-04-10",
  "2021-06-08 2021-08-06 2021-10-04 2021-12-02 2022-11-02 2023-01-03 2023-05-03 2023-08-03 2023-11-03 2024-02-04",
  "2024-05-04 2024-08-04 2024-11-04 2025-01-05 2025-05-05 2025-07-05 2025-11-05 2026-02-06 2026-04-06 2026-06-06",
  "2026-10-06",
].flatMap((line) => line.split(" "));
const published: ReadonlySet<string> = new Set(versions);
const newestVersion = versions.at(-1)!;

/** The service version of requests that name none: the first with bearer tokens. */
export const defaultVersion = "2017-11-09";

/**
 * Whether there is such a version. One that came after this release cannot be known: a date past the newest is taken for one, and answered as the newest,
 * unless it is yet to come.
 */
export function isServiceVersion(text: string, now: Date): boolean {
  if (published.has(text)) return true;
  return /^20\d\d-[01]\d-[0-3]\d$/.test(text) && text > newestVersion && text <= now.toISOString().slice(0, 10);
}

/** Since when. Sources: each operation's page, and as above. */
const since = {
  undelete: "2017-07-29",
  accountInformation: "2018-03-28",
  syncCopy: "2018-03-28",
  blockFromUrl: "2018-03-28",
  staticWebsite: "2018-03-28",
  batch: "2018-11-09",
  delegationKeys: "2018-11-09",
  pageFromUrl: "2018-11-09",
  appendFromUrl: "2018-11-09",
  tierWithWrite: "2018-11-09",
  crc64: "2019-02-02",
  customerKeys: "2019-02-02",
  encryptionScopes: "2019-02-02",
  snapshotUrl: "2019-07-07",
  hierarchyFlag: "2019-07-07",
  largeWrites: "2019-12-12",
  tags: "2019-12-12",
  versions: "2019-12-12",
  query: "2019-12-12",
  seal: "2019-12-12",
  restoreContainer: "2019-12-12",
  rehydratePriority: "2019-12-12",
  replication: "2019-12-12",
  expiry: "2020-02-10",
  lastAccess: "2020-02-10",
  permanentDelete: "2020-02-10",
  putFromUrl: "2020-04-08",
  containerBatch: "2020-04-08",
  immutability: "2020-06-12",
  showDeleted: "2020-08-04",
  sourceAuthorization: "2020-10-02",
  gone: "2020-10-02",
  pagedRanges: "2020-10-02",
  systemContainers: "2020-10-02",
  versionImmutability: "2020-10-02",
  showKinds: "2020-12-06",
  encodedNames: "2021-02-12",
  tagsOfSource: "2021-04-10",
  findInContainer: "2021-04-10",
  coldTier: "2021-12-02",
  largeAppends: "2022-11-02",
  expiryWithWrite: "2023-08-03",
} as const;

export type Feature = keyof typeof since;

/** Which features a version has. */
export type Features = Readonly<Record<Feature, boolean>>;

const names = Object.keys(since) as Feature[];
/** The version from which on there is everything that this release knows. */
export const newestFeature = names.map((name) => since[name] as string).reduce((a, b) => (a > b ? a : b));
const everything = Object.fromEntries(names.map((name) => [name, true])) as Features;
const remembered = new Map<string, Features>();

export function featuresOf(version: string): Features {
  if (version >= newestFeature) return everything;
  let features = remembered.get(version);
  if (features === undefined) {
    features = Object.fromEntries(names.map((name) => [name, version >= since[name]])) as Features;
    // Only versions that there are get here: some fifty.
    remembered.set(version, features);
  }
  return features;
}
