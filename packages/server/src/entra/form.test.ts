import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { BodyMemory } from "../wire/body-memory.ts";
import { type FormMemory, WholeRequest } from "../wire/whole-request.ts";
import { EntraRefusal } from "./fault.ts";
import { parseForm, readRepeatedForm } from "./form.ts";

function isRefused(text: string): boolean {
  try {
    parseForm(text);
    return false;
  } catch (cause) {
    assert.ok(cause instanceof EntraRefusal, String(cause));
    assert.equal(cause.fault.kind, "request-malformed");
    return true;
  }
}

test("a form is read as URLSearchParams writes it, empty values left out", () => {
  const form = fc.dictionary(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), {
    noNullPrototype: true,
    maxKeys: 50,
  });
  fc.assert(
    fc.property(form, (values) => {
      const wellFormed = Object.entries(values).filter(([, value]) => value !== "");
      const written = new URLSearchParams(wellFormed);
      assert.deepEqual([...parseForm(written.toString())].sort(), [...written].sort());
    }),
  );
});

test("a plus is a space, an encoded plus is a plus, and only the first equals sign parts", () => {
  assert.deepEqual([...parseForm("a=1+2%2B3=4&&b=&c")], [["a", "1 2+3=4"]]);
});

test("a parameter given twice is refused, even empty, even spelled differently", () => {
  for (const text of ["a=1&a=1", "a=&a=1", "a&a=1", "a=1&%61=2"]) assert.ok(isRefused(text), text);
});

test("broken percent-encoding is refused", () => {
  for (const text of ["a=%", "a=%1", "a=%zz", "%ff=1", "a=%c3", "a=%ed%a0%80"]) assert.ok(isRefused(text), text);
});

test("more than a hundred parameters are refused", () => {
  const list = (count: number) => Array.from({ length: count }, (_, index) => `p${index}=1`).join("&");
  assert.ok(!isRefused(list(100)));
  assert.ok(isRefused(list(101)));
});

test("whatever the text, the answer is a form or a refusal", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom("&", "=", "%", "+", "a", "4", "1") })),
      (text) => {
        isRefused(text);
      },
    ),
    { numRuns: 2000 },
  );
});

/** As it comes under a remembered head. */
function readUnderHead(text: string, formMemory: FormMemory) {
  const head = { httpVersion: "1.1", method: "POST", url: "/", rawHeaders: [], formMemory };
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return readRepeatedForm(new WholeRequest({} as Socket, { ...head, headers }, Buffer.from(text)));
}

const programForm = "grant_type=client_credentials&client_id=a&client_secret=s";

test("forms that come under one head, the same or not, are read as each by itself", () => {
  const texts = fc.constantFrom(programForm, `${programForm}%`, programForm.replace("=s", "=t"), "client_id=%", "a=b");
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 12 }), (sent) => {
      const formMemory: FormMemory = new BodyMemory();
      for (const text of sent) {
        if (isRefused(text)) assert.throws(() => readUnderHead(text, formMemory), EntraRefusal);
        else assert.deepEqual(readUnderHead(text, formMemory), parseForm(text));
      }
    }),
  );
});

test("of forms that repeat only a program's secret is kept: no password, code, token or assertion", () => {
  const formMemory: FormMemory = new BodyMemory();
  assert.equal(readUnderHead(programForm, formMemory), readUnderHead(programForm, formMemory));
  const others = [
    "grant_type=password&client_id=a&client_secret=s&username=u&password=p",
    "grant_type=authorization_code&client_id=a&client_secret=s&code=c",
    "grant_type=refresh_token&client_id=a&client_secret=s&refresh_token=r",
    "grant_type=client_credentials&client_id=a&client_assertion=x",
  ];
  for (const text of others) assert.notEqual(readUnderHead(text, formMemory), readUnderHead(text, formMemory));
});
