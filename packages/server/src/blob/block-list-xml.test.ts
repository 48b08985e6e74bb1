import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { parseBlockList } from "./block-list-xml.ts";
import { StorageError } from "./errors.ts";

const parse = (text: string) => parseBlockList(Buffer.from(text));

function refusal(code: string) {
  return (cause: unknown): boolean => cause instanceof StorageError && cause.code === code;
}

test("lists as clients write them", async () => {
  const expected = [
    { source: "latest", blockId: "MDE=" },
    { source: "committed", blockId: "MDI=" },
    { source: "uncommitted", blockId: "MDM=" },
  ];
  const body = "<Latest>MDE=</Latest><Committed>MDI=</Committed><Uncommitted>MDM=</Uncommitted>";
  for (const text of [
    `<BlockList>${body}</BlockList>`,
    `\ufeff<?xml version="1.0" encoding="utf-8"?>\r\n<BlockList>${body}</BlockList>\n`,
    `<?xml version='1.0'?><!-- made by hand --><BlockList xmlns:i="http://x">\n\t${body.replaceAll("><", ">\n <")}\n</BlockList>`,
    `<BlockList>${body.replace("MDE=", " MDE=\n")}</BlockList>`,
  ]) {
    assert.deepEqual(await parse(text), expected);
  }
  assert.deepEqual(await parse("<BlockList/>"), []);
  assert.deepEqual(await parse("<BlockList></BlockList>"), []);
});

const hostile = [
  "",
  "text",
  "<BlockList>",
  "<BlockList><Latest>MDE=</Latest>",
  "<BlockList><Latest>MDE=</Committed></BlockList>",
  "<BlockList><Newest>MDE=</Newest></BlockList>",
  "<BlockList><Latest a='1'>MDE=</Latest></BlockList>",
  "<BlockList>MDE=</BlockList>",
  "<BlockList><Latest><Latest>MDE=</Latest></Latest></BlockList>",
  "<BlockList><Latest>&#77;DE=</Latest></BlockList>",
  "<BlockList><Latest><![CDATA[MDE=]]></Latest></BlockList>",
  "<BlockList/><BlockList/>",
  "<BlockList/>trailing",
  "<!DOCTYPE x><BlockList/>",
  '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><BlockList><Latest>&b;</Latest></BlockList>',
  '<!DOCTYPE a SYSTEM "file:///etc/passwd"><BlockList/>',
  "<?xml-stylesheet href='x'?><BlockList/>",
  "<blocklist/>",
];

test("anything else is refused", async () => {
  for (const text of hostile) await assert.rejects(parse(text), refusal("InvalidXmlDocument"), text);
  await assert.rejects(parseBlockList(Buffer.from([0xff, 0xfe, 0x3c, 0x00])), refusal("InvalidXmlDocument"));
  for (const id of ["", "MDF=", "x", "A".repeat(92)]) {
    await assert.rejects(parse(`<BlockList><Latest>${id}</Latest></BlockList>`), refusal("InvalidBlockList"), id);
  }
});

test("50,000 blocks are taken and one more is not", async () => {
  const many = (count: number): string => `<BlockList>${"<Latest>MDE=</Latest>".repeat(count)}</BlockList>`;
  assert.equal((await parse(many(50_000))).length, 50_000);
  await assert.rejects(parse(many(50_001)), refusal("BlockListTooLong"));
});

test("no text makes the reader go back over it again and again", async () => {
  const long = 200_000;
  for (const text of [
    `<BlockList>${" ".repeat(long)}x`,
    `<BlockList>${"<!---".repeat(long / 5)}`,
    `<BlockList${" a='b'".repeat(long / 6)}x`,
    `<BlockList><Latest>${" ".repeat(long)}`,
    `<BlockList><Latest>${"A".repeat(long)}`,
    `${"<!-- -->".repeat(long / 8)}x`,
  ]) {
    const before = process.cpuUsage();
    await assert.rejects(parse(text), refusal("InvalidXmlDocument"));
    // Processor time, not the clock's: a text of that length takes a millisecond or two when it is read once.
    assert.ok(process.cpuUsage(before).user < 2_000_000);
  }
});

test("what it takes, a general parser reads the same", async () => {
  const blockId = fc.uint8Array({ minLength: 1, maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString("base64"));
  const gap = fc.constantFrom("", " ", "\n", "<!-- c -->");
  const entry = fc.tuple(fc.constantFrom("Latest", "Committed", "Uncommitted"), blockId, gap);
  const parser = new XMLParser({ preserveOrder: true, ignoreAttributes: false, parseTagValue: false });
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 20 }), gap, async (entries, before) => {
      const inner = entries.map(([tag, id, after]) => `<${tag}>${id}</${tag}>${after}`).join("");
      const text = `<?xml version="1.0"?>${before}<BlockList>${inner}</BlockList>`;
      assert.equal(XMLValidator.validate(text), true);
      const document = parser.parse(text) as Record<string, Record<string, { "#text": string }[]>[]>[];
      const list = document.find((node) => "BlockList" in node)!.BlockList!;
      const expected = list.map((node) => {
        const [tag] = Object.keys(node);
        return { source: tag!.toLowerCase(), blockId: node[tag!]![0]!["#text"] };
      });
      assert.deepEqual(await parse(text), expected);
    }),
  );
});
