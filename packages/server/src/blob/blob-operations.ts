/** Operations on a blob; those on it as a whole are here. Of rows that share method and query the first whose `when` holds is it. */
import { appendDrafts } from "./append-operations.ts";
import { getBlob, getBlobMetadata, getBlobProperties } from "./blob-read-handlers.ts";
import { putBlob, setBlobMetadata, setBlobProperties } from "./blob-write-handlers.ts";
import { blockDrafts } from "./block-operations.ts";
import { abortCopy, copyBlob, copyBlobFromUrl, putBlobFromUrl } from "./copy-handlers.ts";
import { copySource, isCopy } from "./copy-rows.ts";
import { historyDrafts } from "./history-operations.ts";
import { addNew, type Draft, data, read, withPolicyHeaders, withTagHeader, write } from "./operation-draft.ts";
import { pageDrafts } from "./page-operations.ts";
import type { RequestHeaders } from "./request-headers.ts";
import { stateDrafts } from "./state-operations.ts";
import { getBlobTags, setBlobTags } from "./tag-handlers.ts";

const isSyncCopy = (headers: RequestHeaders): boolean =>
  isCopy(headers) && headers.get("x-ms-requires-sync")?.toLowerCase() === "true";
const isPutFromUrl = (headers: RequestHeaders): boolean =>
  isCopy(headers) && headers.get("x-ms-blob-type") === "BlockBlob";

const alsoSource = `${read.operation}[source,same-account]`;

const wholeDrafts: readonly Draft[] = [
  {
    operation: "Copy Blob from URL",
    since: "syncCopy",
    methods: ["PUT"],
    level: "blob",
    when: isSyncCopy,
    match: "/{container}/{blob} (x-ms-copy-source, x-ms-requires-sync: true)",
    anyOf: [write, addNew],
    further: [withTagHeader, ...withPolicyHeaders],
    alsoNeeds: alsoSource,
    handle: copyBlobFromUrl,
    page: "copy-blob-from-url",
    sampleHeaders: { ...copySource, "x-ms-requires-sync": "true" },
  },
  {
    operation: "Put Blob from URL",
    since: "putFromUrl",
    methods: ["PUT"],
    level: "blob",
    when: isPutFromUrl,
    match: "/{container}/{blob} (x-ms-copy-source, x-ms-blob-type: BlockBlob)",
    anyOf: [write, addNew],
    further: [withTagHeader, ...withPolicyHeaders],
    handle: putBlobFromUrl,
    page: "put-blob-from-url",
    sampleHeaders: { ...copySource, "x-ms-blob-type": "BlockBlob" },
  },
  {
    operation: "Copy Blob",
    methods: ["PUT"],
    level: "blob",
    when: isCopy,
    match: "/{container}/{blob} (x-ms-copy-source)",
    anyOf: [write, addNew],
    further: [withTagHeader, ...withPolicyHeaders],
    alsoNeeds: alsoSource,
    handle: copyBlob,
    page: "copy-blob",
    sampleHeaders: copySource,
  },
  {
    operation: "Put Blob",
    methods: ["PUT"],
    level: "blob",
    hasBody: true,
    match: "/{container}/{blob} (x-ms-blob-type)",
    anyOf: [write, addNew],
    further: [withTagHeader, ...withPolicyHeaders],
    handle: putBlob,
    page: "put-blob",
    sampleHeaders: { "x-ms-blob-type": "BlockBlob" },
    sampleBody: "x",
  },
  {
    operation: "Get Blob",
    methods: ["GET"],
    level: "blob",
    parameters: ["snapshot", "versionid"],
    anyOf: [read],
    handle: getBlob,
    page: "get-blob",
  },
  {
    operation: "Get Blob Properties",
    methods: ["HEAD"],
    level: "blob",
    parameters: ["snapshot", "versionid"],
    anyOf: [read],
    handle: getBlobProperties,
    page: "get-blob-properties",
  },
  {
    operation: "Set Blob Properties",
    methods: ["PUT"],
    level: "blob",
    comp: "properties",
    anyOf: [write],
    handle: setBlobProperties,
    page: "set-blob-properties",
  },
  {
    operation: "Get Blob Metadata",
    methods: ["GET", "HEAD"],
    level: "blob",
    comp: "metadata",
    parameters: ["snapshot", "versionid"],
    anyOf: [read],
    handle: getBlobMetadata,
    page: "get-blob-metadata",
  },
  {
    operation: "Set Blob Metadata",
    methods: ["PUT"],
    level: "blob",
    comp: "metadata",
    anyOf: [write],
    handle: setBlobMetadata,
    page: "set-blob-metadata",
  },
  {
    operation: "Get Blob Tags",
    since: "tags",
    methods: ["GET"],
    level: "blob",
    comp: "tags",
    parameters: ["snapshot", "versionid"],
    anyOf: [data("tags/read")],
    handle: getBlobTags,
    page: "get-blob-tags",
  },
  {
    operation: "Set Blob Tags",
    since: "tags",
    methods: ["PUT"],
    level: "blob",
    comp: "tags",
    isTagsBody: true,
    parameters: ["versionid"],
    anyOf: [data("tags/write")],
    handle: setBlobTags,
    page: "set-blob-tags",
    sampleBody: "<Tags><TagSet /></Tags>",
  },
  {
    operation: "Abort Copy Blob",
    methods: ["PUT"],
    level: "blob",
    comp: "copy",
    parameters: ["copyid"],
    anyOf: [write],
    handle: abortCopy,
    page: "abort-copy-blob",
    sampleQuery: "copyid=00000000-0000-0000-0000-000000000000",
    sampleHeaders: { "x-ms-copy-action": "abort" },
  },
];

export const blobDrafts: readonly Draft[] = [
  ...wholeDrafts,
  ...historyDrafts,
  ...stateDrafts,
  ...blockDrafts,
  ...pageDrafts,
  ...appendDrafts,
];
