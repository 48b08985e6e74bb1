/** Operations on page blobs. Of rows that share method and query the first whose `when` holds is it. */
import { copySource, isCopy } from "./copy-rows.ts";
import { copyIncrementally } from "./incremental-copy-handlers.ts";
import { addNew, type Draft, read, write } from "./operation-draft.ts";
import { getPageRanges, putPage, putPageFromUrl } from "./page-handlers.ts";

export const pageDrafts: readonly Draft[] = [
  {
    operation: "Put Page from URL",
    since: "pageFromUrl",
    methods: ["PUT"],
    level: "blob",
    comp: "page",
    when: isCopy,
    match: "/{container}/{blob}?comp=page (x-ms-copy-source)",
    anyOf: [write],
    handle: putPageFromUrl,
    page: "put-page-from-url",
    sampleHeaders: { ...copySource, "x-ms-page-write": "update" },
  },
  {
    operation: "Put Page",
    methods: ["PUT"],
    level: "blob",
    comp: "page",
    hasBody: true,
    anyOf: [write],
    handle: putPage,
    page: "put-page",
    sampleHeaders: { "x-ms-page-write": "clear", "x-ms-range": "bytes=0-511" },
  },
  {
    operation: "Get Page Ranges",
    methods: ["GET"],
    level: "blob",
    comp: "pagelist",
    parameters: ["prevsnapshot", "snapshot", "marker", "maxresults"],
    anyOf: [read],
    handle: getPageRanges,
    page: "get-page-ranges",
  },
  {
    operation: "Incremental Copy Blob",
    methods: ["PUT"],
    level: "blob",
    comp: "incrementalcopy",
    anyOf: [write, addNew],
    alsoNeeds: `${read.operation}[source]`,
    handle: copyIncrementally,
    page: "incremental-copy-blob",
    sampleHeaders: copySource,
  },
];
