/** The commands that README and guides show are commands of ours, with options that there are; az's, too, where ours has the same words. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { globalOptions } from "../../packages/cli/src/command/global-options.ts";
import { parseArguments } from "../../packages/cli/src/command/parser.ts";
import { resolveCommand } from "../../packages/cli/src/command/resolve.ts";

const root = join(import.meta.dirname, "..", "..");

/** Commands in the code blocks of a page, each in one line. */
function commandsIn(page: string): string[] {
  const blocks = [...readFileSync(join(root, page), "utf8").matchAll(/^```.*\n([\s\S]*?)^```/gm)];
  return blocks
    .map(([, block = ""]) =>
      block.replaceAll(/\\\n\s*/g, "").replaceAll(/'[^']*'/g, (text) => text.replaceAll("\n", " ")),
    )
    .flatMap((block) => block.split("\n"))
    .filter((line) => /^(?:npx )?(?:postern|az) /.test(line));
}

/** What a shell makes of a line, as far as the guides' lines need it. */
function wordsOf(line: string): string[] {
  const words = line.replaceAll(/\$\([^)]*\)/g, "X").match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  const end = words.findIndex((word) => word === "#" || word.startsWith(">"));
  return (end < 0 ? words : words.slice(0, end))
    .filter((word) => word !== "…" && word !== "...")
    .map((word) => word.replaceAll(/["']/g, ""));
}

/** @throws CliFault for a command or an option that is none. */
async function understand(words: readonly string[]): Promise<string> {
  const resolved = resolveCommand(words);
  assert.equal(resolved.kind, "command", words.join(" "));
  if (resolved.kind !== "command") return "";
  const { command } = await resolved.entry.load();
  const { positionals, rest } = command;
  const options = { ...globalOptions, ...command.options };
  const program = resolved.entry.path;
  const { args } = parseArguments(resolved.tokens, { program, options, positionals, rest, expand: (value) => value });
  assert.ok(Object.keys(args).length >= 0);
  return program;
}

/** az's own words, which ours has not; they run against the cloud by `postern run`. */
const onlyAz = [
  "storage account encryption-scope create",
  "storage blob service-properties update",
  "storage blob upload --encryption-scope",
  "storage container create --name held --default-encryption-scope",
  "storage logging update",
];

/** The commands in a line: one of ours, and what it starts, when that is az. */
function commandsOf(words: readonly string[]): (readonly string[])[] {
  const az = words.indexOf("az");
  return [words[0] === "postern" ? words.slice(1) : [], az < 0 ? [] : words.slice(az + 1)].filter(
    (command) => command.length > 0,
  );
}

test("every command in the README and the guides is one of ours, or of az's that ours has, with options that it has", async () => {
  const understood = new Set<string>();
  for (const page of globSync(["README.md", "docs/guides/*.md"], { cwd: root })) {
    for (const line of commandsIn(page)) {
      for (const command of commandsOf(wordsOf(line.replace(/^npx /, "")))) {
        if (onlyAz.some((words) => command.join(" ").startsWith(words))) continue;
        await assert.doesNotReject(async () => understood.add(await understand(command)), `${page}: ${line}`);
      }
    }
  }
  assert.ok(understood.size > 40, [...understood].join());
});
