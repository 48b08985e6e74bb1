import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { guessContentType } from "./content-types.ts";
import { matchesGlob, prefixOfGlob } from "./name-globs.ts";
import { shapeListedBlob, toPythonTime } from "./shapes.ts";
import { stringToSign } from "./shared-key.ts";
import { readSignatureTime, signAccess } from "./signatures.ts";
import { find, parseXml, textAt } from "./xml.ts";

test("XML: elements, attributes, entities; what is not well-formed, or has a document type, is nothing", () => {
  const document = parseXml('\ufeff<?xml version="1.0"?><a x="1 &amp; 2"><b>&lt;&#x41;&#66;</b><c/><b>two</b></a>');
  assert.equal(document?.attributes.x, "1 & 2");
  assert.equal(textAt(document, "b"), "<AB");
  assert.equal(find(document, "c")?.text, "");
  assert.equal(textAt(document, "b", "none"), null);
  for (const broken of ["", "<a>", "<a></b>", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<a", "</a>"]) {
    assert.equal(parseXml(broken), undefined, broken);
  }
});

test("XML: whatever text is written is read back", () => {
  const encode = (text: string) => text.replace(/[&<>"]/g, (mark) => `&#${mark.codePointAt(0)};`);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string(), (text, attribute) => {
      const document = parseXml(`<a x="${encode(attribute)}"><b>${encode(text)}</b></a>`);
      assert.equal(textAt(document, "b"), text);
      assert.equal(document?.attributes.x, attribute);
    }),
  );
});

test("globs are Python's fnmatch: a star is any text, slashes too", () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["a/b.txt", "*.txt", true],
    ["a/b.txt", "a/?.txt", true],
    ["a.txt", "b.txt", false],
    ["a-b", "[!x]-[a-c]", true],
    ["a+b(c)", "a+b(c)", true],
    ["line\nend", "line*end", true],
    ["a", "", false],
  ];
  for (const [name, glob, expected] of cases) assert.equal(matchesGlob(name, glob), expected, `${name} ~ ${glob}`);
  assert.equal(matchesGlob(`${"a".repeat(2000)}b`, `${"*a".repeat(50)}c`), false);
  assert.deepEqual([prefixOfGlob("pre/*"), prefixOfGlob("*"), prefixOfGlob("a")], ["pre/", undefined, "a"]);
});

test("shared key: what is signed is Microsoft's own example, line by line", () => {
  const text = stringToSign("myaccount", {
    method: "GET",
    url: new URL("https://myaccount.blob.core.windows.net/mycontainer?restype=container&comp=metadata&timeout=20"),
    headers: { "x-ms-version": "2015-02-21", "x-ms-date": "Fri, 26 Jun 2015 23:39:12 GMT", "content-length": "0" },
  });
  assert.equal(
    text,
    "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:2015-02-21\n/myaccount/mycontainer\ncomp:metadata\nrestype:container\ntimeout:20",
  );
});

test("signatures: az's own for the same blob, container and key", () => {
  const blob = {
    container: "two",
    blob: "a.txt",
    permissions: "r",
    expiry: "2027-01-01",
    isHttpsOnly: false,
    overrides: {},
  };
  assert.equal(
    signAccess("acceptone", blob, "aaaa"),
    "se=2027-01-01&sp=r&sv=2022-11-02&sr=b&sig=Y9uHhwqdydGLaW2VeZii%2FckcAcR3%2FrEmXbA3h4XNW%2Fo%3D",
  );
  const box = {
    container: "box",
    permissions: "rl",
    expiry: "2030-01-01T10:00Z",
    ip: "10.0.0.1",
    isHttpsOnly: true,
    overrides: {},
  };
  assert.equal(
    signAccess("acceptancedata", box, "a2V5"),
    "se=2030-01-01T10%3A00Z&sp=rl&sip=10.0.0.1&spr=https&sv=2022-11-02&sr=c&sig=Z9KItjqdy9fjLkhQ/klQmZOc42wCaa0/PhToN/wt1cA%3D",
  );
  assert.equal(readSignatureTime("2027-01-01").toISOString(), "2027-01-01T00:00:00.000Z");
  assert.equal(readSignatureTime("2027-01-01T10Z").toISOString(), "2027-01-01T10:00:00.000Z");
  assert.throws(() => readSignatureTime("tomorrow"), /datetime string 'tomorrow' not valid/);
});

test("a listed blob's name may be percent-encoded, and its times are Python's", () => {
  const blob = parseXml(
    '<Blob><Name Encoded="true">a%EF%BF%BEb</Name><Properties><Content-Length>3</Content-Length></Properties></Blob>',
  );
  const shaped = shapeListedBlob(blob!, "box");
  assert.equal(shaped.name, "a\ufffeb");
  assert.equal((shaped.properties as { contentLength: number }).contentLength, 3);
  assert.equal(toPythonTime("Mon, 23 Nov 2026 02:18:02 GMT"), "2026-11-23T02:18:02+00:00");
  assert.deepEqual(
    [guessContentType("a/b.JSON"), guessContentType("x.constructor"), guessContentType("none")],
    ["application/json", undefined, undefined],
  );
});
