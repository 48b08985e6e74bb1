import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BodyMemory, maxKeptBytes } from "./body-memory.ts";

test("only the bytes of the last body are known again, whatever came between", () => {
  const body = fc.constantFrom("", "a", "b", "ab", "ba").map((text) => Buffer.from(text));
  fc.assert(
    fc.property(fc.array(body, { maxLength: 20 }), (bodies) => {
      const memory = new BodyMemory<string>();
      let last: string | undefined;
      for (const bytes of bodies) {
        const text = bytes.toString();
        assert.equal(memory.recall(bytes), text === last ? text : undefined);
        memory.remember(bytes, text);
        last = text;
      }
    }),
  );
});

test("what is kept are the bytes as they were, not where they stood", () => {
  const memory = new BodyMemory<string>();
  const bytes = Buffer.from("secret=1");
  memory.remember(bytes, "one");
  bytes.write("2", 7);
  assert.equal(memory.recall(bytes), undefined);
});

test("another body, a wipe and one that is too large leave nothing behind", () => {
  const memory = new BodyMemory<string>();
  const one = Buffer.from("one");
  const forget: (() => void)[] = [
    () => void memory.recall(Buffer.from("two")),
    () => void memory.recall(Buffer.from("longer")),
    () => memory.remember(Buffer.alloc(maxKeptBytes + 1), "large"),
    () => memory.wipe(),
  ];
  for (const step of forget) {
    memory.remember(one, "one");
    assert.equal(memory.recall(one), "one");
    step();
    assert.equal(memory.recall(one), undefined);
  }
  memory.remember(one, "one");
  assert.equal(memory.recall(one), undefined, "its connection is over");
});

test("bytes that are kept no longer are wiped", (t) => {
  const copies: Buffer[] = [];
  const make = Buffer.allocUnsafeSlow;
  t.mock.method(Buffer, "allocUnsafeSlow", (size: number) => {
    const made = make(size);
    copies.push(made);
    return made;
  });
  const memory = new BodyMemory<string>();
  memory.remember(Buffer.from("secret"), "one");
  assert.equal(copies[0]!.toString(), "secret");
  memory.remember(Buffer.from("second"), "two");
  memory.recall(Buffer.from("others"));
  assert.deepEqual(
    copies.map((copy) => copy.toString("hex")),
    ["000000000000", "000000000000"],
  );
});
