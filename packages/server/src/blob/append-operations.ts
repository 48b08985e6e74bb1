/** Operations on append blobs. Of rows that share method and query the first whose `when` holds is it. */
import { appendBlock, appendBlockFromUrl, sealBlob } from "./append-handlers.ts";
import { copySource, isCopy } from "./copy-rows.ts";
import { add, type Draft, write } from "./operation-draft.ts";

export const appendDrafts: readonly Draft[] = [
  {
    operation: "Append Block from URL",
    since: "appendFromUrl",
    methods: ["PUT"],
    level: "blob",
    comp: "appendblock",
    when: isCopy,
    match: "/{container}/{blob}?comp=appendblock (x-ms-copy-source)",
    anyOf: [write, add],
    handle: appendBlockFromUrl,
    page: "append-block-from-url",
    sampleHeaders: copySource,
  },
  {
    operation: "Append Block",
    methods: ["PUT"],
    level: "blob",
    comp: "appendblock",
    hasBody: true,
    anyOf: [write, add],
    handle: appendBlock,
    page: "append-block",
    sampleBody: "x",
  },
  {
    operation: "Append Blob Seal",
    since: "seal",
    methods: ["PUT"],
    level: "blob",
    comp: "seal",
    anyOf: [write],
    handle: sealBlob,
    page: "append-blob-seal",
  },
];
