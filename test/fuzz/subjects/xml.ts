/** XML bodies that come to Blob storage, and the answers of a storage service that the command line reads. */
import { parseXml } from "../../../packages/cli/src/blob/xml.ts";
import { parseBlockList } from "../../../packages/server/src/blob/block-list-xml.ts";
import { StorageError } from "../../../packages/server/src/blob/errors.ts";
import {
  maxBlockListBytes,
  maxPoliciesBytes,
  maxServicePropertiesBytes,
  maxTagsBodyBytes,
} from "../../../packages/server/src/blob/limits.ts";
import { readServiceProperties } from "../../../packages/server/src/blob/service-properties-xml.ts";
import { parseTags, renderTags } from "../../../packages/server/src/blob/tags.ts";
import { readPolicies, writePolicies } from "../../../packages/server/src/blob/ways-in/container-access-xml.ts";
import { escapeXml } from "../../../packages/server/src/blob/xml.ts";
import { readXml, type XmlElement } from "../../../packages/server/src/blob/xml-reader.ts";
import type { Draw } from "../draw.ts";
import { accepted, mustEqual, refusalsOf, refused, type Subject } from "../subject.ts";

const isRefusal = refusalsOf(StorageError);
const declaration = '<?xml version="1.0" encoding="utf-8"?>';

/** Inputs are texts; a tenth have a byte that is no UTF-8. */
const bytesOf = (input: string): Buffer =>
  Buffer.from(input, /[\u0080-\u00ff]/.test(input) && input.length % 2 === 0 ? "latin1" : "utf8");

const words = [
  ...[
    "<",
    ">",
    "/>",
    "</",
    "<!--",
    "-->",
    "--",
    "<![CDATA[",
    "]]>",
    "<?xml ?>",
    "<!DOCTYPE a [",
    '<!ENTITY b "c">',
    "&b;",
    "&amp;",
    "&lt;",
  ],
  ...[
    "&#0;",
    "&#x110000;",
    "&#99999999;",
    "&#xD800;",
    "&#x41;",
    "&",
    ";",
    "\ufeff",
    " a='b'",
    ' xmlns="x"',
    "\r\n",
    "\u0000",
  ],
];
const pumps: Subject["pumps"] = [
  ["", "<a>", ""],
  ["<a>", "<!--", "</a>"],
  ["<a>", "<!---->", "</a>"],
  ["<a", " b='c'", ">"],
  ["<a", " ", ""],
  ["<a>", "&amp;", "</a>"],
  ["<a>", "<b/>", "</a>"],
  ["<!--", "-", ""],
  ["<?xml ", " ", ""],
  ["<a ", "b ", "=''/>"],
];

/** Text as it stands in an element. */
function text(draw: Draw, value: string): string {
  return draw.chance(0.9)
    ? escapeXml(value)
    : draw.pick(["&#x41;", "&#0;", "&nbsp;", "&", "<!-- x -->", "<b/>", value]);
}

const blank = (draw: Draw): string => draw.maybe(() => draw.pick([" ", "\n", "<!-- a -->", "\t", "\u00a0"]), 0.15);

/** An element with content that is written already. */
function tag(draw: Draw, name: string, content: string): string {
  const attributes = draw.maybe(() => draw.pick([" a='b'", ' xmlns:x="y"', " a=b", ' a="<"', "  "]), 0.06);
  if (content === "" && draw.chance(0.5)) return `<${name}${attributes}/>`;
  return `<${name}${attributes}>${blank(draw)}${content}${blank(draw)}</${draw.chance(0.99) ? name : draw.word()}>`;
}

const document = (draw: Draw, root: string): string =>
  `${draw.maybe(() => "\ufeff", 0.05)}${draw.maybe(() => declaration, 0.7)}${blank(draw)}${root}${blank(draw)}`;

function drawTree(draw: Draw, depth = 0): string {
  const content =
    depth > 4 || draw.chance(0.4)
      ? text(draw, draw.text())
      : draw.many(() => drawTree(draw, depth + 1)).join(blank(draw));
  return tag(draw, draw.pick(["a", "b", "Key", "x.y", "_", "A-1"]), content);
}

function printTree({ name, children, text: own }: XmlElement): string {
  return `<${name}>${escapeXml(own)}${children.map(printTree).join("")}</${name}>`;
}

export const xml: Subject = {
  ...{
    name: "xml",
    files: ["packages/server/src/blob/xml-reader.ts"],
    maxChars: maxServicePropertiesBytes,
    words,
    pumps,
    isRefusal,
  },
  generate: (draw) => document(draw, drawTree(draw)),
  read: (input) => {
    const tree = readXml(bytesOf(input));
    mustEqual(readXml(Buffer.from(printTree(tree))), tree, "a tree printed and read again");
    return accepted(`${tree.children.length} children`, true);
  },
};

export const xmlBlockList: Subject = {
  ...{ name: "xml-block-list", files: ["packages/server/src/blob/block-list-xml.ts"], isRefusal, pumps },
  maxChars: maxBlockListBytes / 8,
  words: [
    ...words,
    "<Latest>",
    "</Latest>",
    "<Committed>",
    "<Uncommitted/>",
    "QUFB",
    "=",
    "<BlockList>",
    "</BlockList>",
  ],
  generate: (draw) => {
    const entry = () =>
      tag(
        draw,
        draw.pick(["Latest", "Committed", "Uncommitted", "Latest", "Other"]),
        draw.pick(["QUFB", "QkJC", "", "A", "====", "QUFBQUFB", "Q U F B"]),
      );
    return document(
      draw,
      tag(draw, draw.chance(0.97) ? "BlockList" : "BlockLists", draw.many(entry).join(blank(draw))),
    );
  },
  read: async (input) => {
    const entries = await parseBlockList(bytesOf(input));
    const names = { latest: "Latest", committed: "Committed", uncommitted: "Uncommitted" };
    const written = entries.map(({ source, blockId }) => `<${names[source]}>${blockId}</${names[source]}>`).join("");
    mustEqual(
      await parseBlockList(Buffer.from(`<BlockList>${written}</BlockList>`)),
      entries,
      "a list printed and read again",
    );
    return accepted(`${Math.min(entries.length, 5)} blocks`, true);
  },
};

export const xmlTags: Subject = {
  ...{ name: "xml-tags", files: ["packages/server/src/blob/tags.ts"], maxChars: maxTagsBodyBytes, isRefusal, pumps },
  words: [...words, "<Tag>", "</Tag>", "<TagSet>", "<Key>", "</Key>", "<Value>", "</Value>", "<Tags>"],
  generate: (draw) => {
    const one = () =>
      tag(
        draw,
        "Tag",
        tag(
          draw,
          "Key",
          text(
            draw,
            draw.one(
              () => draw.word(),
              () => draw.text(),
              () => "k".repeat(120 + draw.int(16)),
            ),
          ),
        ) +
          tag(
            draw,
            "Value",
            text(
              draw,
              draw.one(
                () => draw.word(),
                () => "1",
              ),
            ),
          ),
      );
    return document(draw, tag(draw, "Tags", tag(draw, "TagSet", draw.many(one).join(blank(draw)))));
  },
  read: (input) => {
    const tags = parseTags(bytesOf(input));
    mustEqual(parseTags(Buffer.from(renderTags(tags))), tags, "tags rendered and read again");
    return accepted(`${tags.length} tags`, true);
  },
};

export const xmlPolicies: Subject = {
  ...{
    name: "xml-policies",
    files: ["packages/server/src/blob/ways-in/container-access-xml.ts"],
    maxChars: maxPoliciesBytes,
    isRefusal,
    pumps,
  },
  words: [
    ...words,
    "<SignedIdentifier>",
    "<Id>",
    "</Id>",
    "<AccessPolicy>",
    "<Start>",
    "<Expiry>",
    "<Permission>",
    "racwd",
  ],
  generate: (draw) => {
    const time = () =>
      draw.pick(["2026-01-01", "2026-01-01T00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00.0000000Z", "x", ""]);
    const policy = () =>
      [
        tag(draw, "Start", time()),
        tag(draw, "Expiry", time()),
        tag(draw, "Permission", draw.pick(["r", "racwdl", "wr", "", "zz"])),
      ]
        .filter(() => draw.chance(0.9))
        .join("");
    const one = () =>
      tag(
        draw,
        "SignedIdentifier",
        tag(
          draw,
          "Id",
          text(
            draw,
            draw.one(
              () => draw.word(),
              () => draw.digits(),
              () => draw.text(80),
            ),
          ),
        ) + tag(draw, "AccessPolicy", policy()),
      );
    return document(draw, tag(draw, "SignedIdentifiers", draw.many(one).join(blank(draw))));
  },
  read: (input) => {
    const policies = readPolicies(bytesOf(input));
    mustEqual(readPolicies(Buffer.from(writePolicies(policies))), policies, "policies written and read again");
    return accepted(`${policies.length} policies`, true);
  },
};

export const xmlServiceProperties: Subject = {
  ...{
    name: "xml-service-properties",
    files: ["packages/server/src/blob/service-properties-xml.ts"],
    maxChars: maxServicePropertiesBytes,
    isRefusal,
    pumps,
  },
  words: [
    ...words,
    "<Cors>",
    "<CorsRule>",
    "<DeleteRetentionPolicy>",
    "<Enabled>true</Enabled>",
    "<Days>",
    "<Logging>",
    "<StaticWebsite>",
  ],
  generate: (draw) => {
    const flag = () => tag(draw, "Enabled", draw.pick(["true", "false", "True", "x", ""]));
    const rule = () =>
      tag(
        draw,
        "CorsRule",
        ["AllowedOrigins", "AllowedMethods", "MaxAgeInSeconds", "ExposedHeaders", "AllowedHeaders"]
          .map((name) =>
            tag(draw, name, text(draw, draw.pick(["*", "GET,PUT", "5", "", ",,", "1e9", "https://a.test"]))),
          )
          .join(""),
      );
    const parts = [
      () => tag(draw, "Cors", draw.many(rule).join("")),
      () => tag(draw, "DeleteRetentionPolicy", flag() + tag(draw, "Days", draw.digits())),
      () => tag(draw, "Logging", tag(draw, "Read", draw.pick(["true", "false"]))),
      () => tag(draw, "HourMetrics", flag()),
      () => tag(draw, "StaticWebsite", flag()),
      () => tag(draw, "DefaultServiceVersion", draw.pick(["2023-11-03", "x", ""])),
    ];
    return document(draw, tag(draw, "StorageServiceProperties", draw.many(() => draw.pick(parts)()).join(blank(draw))));
  },
  read: (input) => {
    const given = readServiceProperties(readXml(bytesOf(input)));
    return accepted(`${given.corsRules?.length ?? "no"} rules ${given.deletedBlobs?.isEnabled}`);
  },
};

export const xmlAnswers: Subject = {
  ...{
    name: "xml-answers",
    files: ["packages/cli/src/blob/xml.ts"],
    maxChars: 1_048_576,
    words,
    pumps,
    isRefusal: () => undefined,
  },
  generate: (draw) => document(draw, drawTree(draw)),
  read: (input) => {
    const tree = parseXml(input);
    return tree === undefined ? refused("none") : accepted(`${tree.children.length} children`);
  },
};
