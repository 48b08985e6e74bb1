/** Options that several commands share, in az's words, and the rules for reading their values. May use: command/, faults.ts. */
import type { Context, Option } from "../command/command.ts";
import { failure } from "../faults.ts";

/** An option of one text, which may be left out. @param flags the long one first. */
export function optionalText<const Flags extends readonly string[]>(flags: Flags, summary: string) {
  return { kind: "text", flags, summary } as const satisfies Option;
}

/** An option of one text, which has to be given. */
export function requiredText<const Flags extends readonly string[]>(flags: Flags, summary: string) {
  return { ...optionalText(flags, summary), required: true } as const satisfies Option;
}

export const resourceGroup = optionalText(["--resource-group", "-g"], "Name of the resource group.");

/** The resource group of `az group …`, which is the thing itself. */
export const groupName = requiredText(["--name", "--resource-group", "-n", "-g"], "Name of the resource group.");

export const location = optionalText(["--location", "-l"], "Region, e.g. westeurope.");

export const tags = {
  kind: "list",
  flags: ["--tags"],
  valueName: "KEY=VALUE",
  canBeEmpty: true,
  summary: 'Space-separated tags: key[=value] [key[=value] ...]. Use "" to clear existing tags.',
} as const satisfies Option;

export const yes = {
  kind: "flag",
  flags: ["--yes", "-y"],
  summary: "Do not prompt for confirmation.",
} as const satisfies Option;

export const noWait = {
  kind: "flag",
  flags: ["--no-wait"],
  summary: "Do not wait for the long-running operation to finish.",
} as const satisfies Option;

/** az takes a region's display name too: "West Europe" is westeurope. */
export function normalizeLocation(name: string): string {
  return name.includes(" ") ? name.replaceAll(" ", "").toLowerCase() : name;
}

/** `a=b c` as {a: "b", c: ""}; a single empty text as {}. */
export function readTags(words: readonly string[] | undefined): Record<string, string> | undefined {
  if (words === undefined) return undefined;
  const pairs = words
    .filter((word) => word !== "")
    .map((word) => {
      const mark = word.indexOf("=");
      return mark < 0 ? [word, ""] : [word.slice(0, mark), word.slice(mark + 1)];
    });
  return Object.fromEntries(pairs);
}

/** Asks before something is destroyed. @throws CliFault (failure) when the answer is no, or there is nobody to ask. */
export async function confirm(context: Context, isConfirmed: boolean): Promise<void> {
  if (isConfirmed) return;
  if (!context.isStdinTerminal) {
    context.notes.warn("Unable to prompt for confirmation as no tty available. Use --yes.");
    throw failure("Operation cancelled.");
  }
  const { createInterface } = await import("node:readline/promises");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    for (;;) {
      const answer = (
        await terminal.question("Are you sure you want to perform this operation? (y/n): ")
      ).toLowerCase();
      if (answer === "y") return;
      if (answer === "n") throw failure("Operation cancelled.");
    }
  } finally {
    terminal.close();
  }
}

/** Asks for something secret on the terminal, without showing it. @param otherwise why it fails where there is no terminal. */
export async function askSecret(context: Context, question: string, otherwise: string): Promise<string> {
  if (!context.isStdinTerminal) throw failure(otherwise);
  const { createInterface } = await import("node:readline");
  const { Writable } = await import("node:stream");
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await new Promise<string>((resolve) => terminal.question("", resolve));
  } finally {
    terminal.close();
    process.stderr.write("\n");
  }
}

/** An empty text would be no filter at all, and `role assignment delete --assignee ""` would delete everyone's. */
export function refuseEmpty(options: Readonly<Record<string, { value: string | undefined; option: Option }>>): void {
  for (const { value, option } of Object.values(options)) {
    if (value !== "") continue;
    const name = option.flags[0];
    throw failure(`usage error: ${name} can't be an empty string. Either omit it or provide a non-empty string.`);
  }
}
