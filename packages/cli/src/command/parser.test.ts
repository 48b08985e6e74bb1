import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { CliFault } from "../faults.ts";
import { expandArgumentFile } from "./argument-files.ts";
import type { OptionTable } from "./command.ts";
import { type ParserInput, parseArguments } from "./parser.ts";

const options = {
  name: { kind: "text", flags: ["--name", "-n"], summary: "", required: true },
  resourceGroup: { kind: "text", flags: ["--resource-group", "-g"], summary: "" },
  resource: { kind: "text", flags: ["--resource"], summary: "" },
  scopes: { kind: "list", flags: ["--scopes"], summary: "" },
  years: { kind: "integer", flags: ["--years"], summary: "" },
  yes: { kind: "flag", flags: ["--yes", "-y"], summary: "" },
  publicAccess: { kind: "switch", flags: ["--public-access"], summary: "" },
  output: { kind: "text", flags: ["--output", "-o"], summary: "", choices: ["json", "table"] },
} as const satisfies OptionTable;

function parse(tokens: string[], extra: Partial<ParserInput> = {}) {
  return parseArguments(tokens, {
    program: "postern x",
    options,
    positionals: [],
    expand: (value) => value,
    ...extra,
  });
}

function refuse(tokens: string[], message: RegExp, extra: Partial<ParserInput> = {}): void {
  assert.throws(
    () => parse(tokens, extra),
    (error) => error instanceof CliFault && error.kind === "usage" && message.test(error.message),
  );
}

test("every spelling of one value reads the same", () => {
  const spellings = [["--name", "a b"], ["--name=a b"], ["-n", "a b"], ["-na b"], ["-n=a b"], ["--na", "a b"]];
  for (const tokens of spellings) assert.equal(parse(tokens).args.name, "a b", tokens.join(" "));
});

test("a value may hold an equals sign", () => {
  assert.equal(parse(["--name=a=b"]).args.name, "a=b");
});

test("a prefix that fits two options is refused, and an exact name is not ambiguous", () => {
  refuse(["--re", "x", "-n", "a"], /^ambiguous option: --re could match --resource-group, --resource$/);
  assert.equal(parse(["--resource", "x", "-n", "a"]).args.resource, "x");
});

test("a list takes what follows, up to the next option", () => {
  const { args } = parse(["--scopes", "/a", "/b", "-n", "x", "--years=2"]);
  assert.deepEqual(args, { scopes: ["/a", "/b"], name: "x", years: 2, yes: false });
});

test("flags, letters run together, and three-state flags", () => {
  const { args } = parse(["-yn", "x", "--public-access", "false"]);
  assert.deepEqual([args.yes, args.name, args.publicAccess], [true, "x", false]);
  assert.equal(parse(["-n", "x", "--public-access"]).args.publicAccess, true);
  assert.equal(parse(["-n", "x"]).args.publicAccess, undefined);
});

test("choices are compared without case", () => {
  assert.equal(parse(["-n", "x", "-o", "TABLE"]).args.output, "table");
  refuse(["-n", "x", "-o", "tabel"], /'tabel' is not a valid value for '--output'. Allowed values: json, table\./);
});

test("what is missing, strange or malformed is told in argparse's words", () => {
  refuse([], /^the following arguments are required: --name\/-n$/);
  refuse(["-n", "x", "--nope", "y"], /^unrecognized arguments: --nope y$/);
  refuse(["--name"], /^argument --name\/-n: expected one argument$/);
  refuse(["--name", "--yes"], /^argument --name\/-n: expected one argument$/);
  refuse(["--scopes", "-n", "x"], /^argument --scopes: expected at least one argument$/);
  refuse(["-n", "x", "--years", "two"], /^argument --years: invalid int value: 'two'$/);
});

test("a value that begins with a dash needs the equals sign, a negative number does not", () => {
  assert.equal(parse(["--name=-x"]).args.name, "-x");
  assert.equal(parse(["-n", "x", "--years", "-1"]).args.years, -1);
});

test("another program's command line is left as it is", () => {
  const rest = { name: "CMD", summary: "" };
  const program = ["az", "-n", "@file", "--", "--help"];
  for (const tokens of [
    ["-n", "x", "--", ...program],
    ["-n", "x", ...program],
  ]) {
    const { args, words } = parse(tokens, { rest, expand: () => "expanded" });
    assert.deepEqual(words.rest, program);
    assert.equal(args.name, "expanded");
  }
  refuse(["-n", "x"], /required: CMD/, { rest });
});

test("positional arguments are taken in order, and one too many is refused", () => {
  const positionals = [{ name: "APP", summary: "" }];
  assert.deepEqual(parse(["my-app", "-n", "x"], { positionals }).words.positionals, ["my-app"]);
  refuse(["-n", "x", "a", "b"], /^unrecognized arguments: b$/, { positionals });
  refuse(["-n", "x"], /required: APP/, { positionals });
});

test("help is asked for before another program's command line only, whatever else is missing", () => {
  const help = { kind: "flag", flags: ["--help", "-h"], summary: "" } as const;
  const extra = { options: { ...options, help }, rest: { name: "CMD", summary: "" } };
  assert.equal(parse(["--yes", "-h"], extra).args.help, true);
  assert.equal(parse(["-n", "x", "az", "--help"], extra).args.help, false);
  assert.equal(parse(["-n", "x", "--", "az", "--help"], extra).args.help, false);
});

test("a value of @file is the file's text, and a file that is not there is the value itself", () => {
  const path = join(mkdtempSync(join(tmpdir(), "postern-cli-")), "secret");
  writeFileSync(path, "s3cret\n\n");
  assert.equal(expandArgumentFile(`@${path}`), "s3cret");
  assert.equal(expandArgumentFile("@.roleName"), "@.roleName");
  assert.equal(expandArgumentFile("@"), "@");
  assert.equal(expandArgumentFile("user@example.org"), "user@example.org");
});

test("any value survives --name=value", () => {
  fc.assert(fc.property(fc.string(), (value) => parse([`--name=${value}`]).args.name === value));
});

test("any arguments are parsed or refused as usage, never anything else", () => {
  const token = fc.oneof(
    fc.constantFrom("--name", "-n", "--", "-y", "--scopes", "--years", "-yn", "--re"),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(token, { maxLength: 8 }), (tokens) => {
      try {
        parse(tokens);
        return true;
      } catch (error) {
        return error instanceof CliFault && error.kind === "usage";
      }
    }),
  );
});
