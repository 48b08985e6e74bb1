import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { parseEnv } from "node:util";
import fc from "fast-check";
import { CliFault } from "../faults.ts";
import { formatVariables, type Variables } from "./variables.ts";

const example = { AZURE_CLIENT_ID: "7e1b7b1c-0000", AZURE_CLIENT_SECRET: "abC8Q~x.y_z-1" };

/** Texts of everything that can be typed: what a secret may be made of, and more. */
const typeable = fc.string({ unit: "grapheme-ascii" });
const writable = fc.oneof(typeable, fc.string({ unit: "grapheme" })).filter(
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  (text) => !/[\x00-\x1f\x7f]/.test(text),
);

/** Reads an EnvironmentFile by the rules of systemd.exec(5), written from the manual alone. */
function readSystemd(text: string): Record<string, string> {
  const assignments = text.split("\n").filter((line) => line.includes("=") && !/^[#;]/.test(line));
  return Object.fromEntries(
    assignments.map((line) => {
      const mark = line.indexOf("=");
      return [line.slice(0, mark), unquoteSystemd(line.slice(mark + 1).trim())];
    }),
  );
}

/** Single quotes keep everything; double quotes all but a backslash before `"`, `\\`, `` ` `` and `$`; outside, a backslash keeps what follows. */
function unquoteSystemd(raw: string): string {
  const part = /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^'"\\])/gu;
  return raw.replace(part, (_, single?: string, double?: string, escaped?: string, bare?: string) =>
    double === undefined ? (single ?? escaped ?? bare ?? "") : double.replace(/\\(["\\`$])/g, "$1"),
  );
}

test("plain values are written as in Microsoft's own example", () => {
  const lines = "AZURE_CLIENT_ID=7e1b7b1c-0000\nAZURE_CLIENT_SECRET=abC8Q~x.y_z-1\n";
  assert.equal(formatVariables(example, "systemd"), lines);
  assert.equal(formatVariables(example, "dotenv"), lines);
  assert.equal(
    formatVariables(example, "shell"),
    "export AZURE_CLIENT_ID='7e1b7b1c-0000'\nexport AZURE_CLIENT_SECRET='abC8Q~x.y_z-1'\n",
  );
  assert.deepEqual(JSON.parse(formatVariables(example, "json")), example);
});

test("systemd reads back what was written", () => {
  fc.assert(fc.property(writable, (SECRET) => readSystemd(formatVariables({ SECRET }, "systemd")).SECRET === SECRET));
});

test("dotenv readers read back what was written, or it is refused", () => {
  fc.assert(
    fc.property(writable, (SECRET) => {
      const text = attempt({ SECRET }, "dotenv");
      return text === undefined ? /['\\]/.test(SECRET) : parseEnv(text).SECRET === SECRET;
    }),
  );
});

test("a shell reads back what was written", () => {
  const values = fc.sample(typeable, 200).filter((text) => attempt({ X: text }, "shell") !== undefined);
  const script = values
    .map((value) => `${formatVariables({ SECRET: value }, "shell")}printf '%s\\0' "$SECRET"\n`)
    .join("");
  const printed = execFileSync("/bin/sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
  assert.deepEqual(printed, values);
});

test("a value that could end a line is refused in every form but JSON", () => {
  for (const format of ["shell", "dotenv", "systemd"] as const) {
    assert.throws(() => formatVariables({ SECRET: "a\nLD_PRELOAD=x" }, format), CliFault);
  }
  assert.deepEqual(JSON.parse(formatVariables({ SECRET: "a\nb" }, "json")), { SECRET: "a\nb" });
});

function attempt(variables: Variables, format: "shell" | "dotenv"): string | undefined {
  try {
    return formatVariables(variables, format);
  } catch {
    return undefined;
  }
}
