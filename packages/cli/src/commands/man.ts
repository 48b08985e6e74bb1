/** `postern man`: the manual page, made from the same tables that help is. May use: command/. @see https://man7.org/linux/man-pages/man7/man.7.html */
import { type CommandList, defineCommand } from "../command/command.ts";
import { globalOptions } from "../command/global-options.ts";

export const command = defineCommand({
  options: {},
  examples: [
    { summary: "Install it", line: "postern man > ~/.local/share/man/man1/postern.1" },
    { summary: "Read it", line: "postern man | man -l -" },
  ],
  run: async (context) => {
    const text = await writePage(context.version, context.commands);
    return { data: text, text };
  },
});

/** roff takes a line that begins with a point or a quote for its own, and a hyphen for a dash. */
function roff(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .split("\n")
    .map((line) => (/^[.']/.test(line) ? `\\&${line}` : line))
    .join("\n");
}

async function writePage(version: string, { entries }: CommandList): Promise<string> {
  const parts = [
    `.TH POSTERN 1 "" "postern ${version}" "User Commands"`,
    ".SH NAME",
    roff("postern - sign-in and access to Azure for apps that run outside it, with a whole Azure on this machine"),
    ".SH SYNOPSIS",
    ".B postern",
    roff("COMMAND [ARGUMENTS] [OPTIONS]"),
    ".SH DESCRIPTION",
    roff(
      "Commands named like those of az take the same options and print the same. They work on the cloud on this machine, as its operator, unless --cloud or login say otherwise.",
    ),
    ".SH GLOBAL OPTIONS",
    ...Object.values(globalOptions).flatMap(({ flags, summary }) => [
      ".TP",
      `.B ${roff(flags.join(", "))}`,
      roff(summary),
    ]),
    ".SH COMMANDS",
  ];
  for (const { path, summary, load } of entries) {
    const { command: one } = await load();
    const words = one.positionals.map(({ name }) => ` ${name}`).join("");
    parts.push(`.SS ${roff(`postern ${path}${words}`)}`, roff(summary));
    for (const option of Object.values(one.options).filter(({ isHidden }) => isHidden !== true)) {
      const needed = option.required === true ? " Required." : "";
      parts.push(".TP", `.B ${roff(option.flags.join(", "))}`, roff(`${option.summary}${needed}`));
    }
    for (const { summary: what, line } of one.examples)
      parts.push(".PP", roff(`${what}:`), ".PP", ".nf", roff(`    ${line}`), ".fi");
  }
  parts.push(
    ".SH EXIT STATUS",
    roff("0: done. 1: failed. 2: the command line cannot be understood. 3: what was asked for is not there."),
    ".SH ENVIRONMENT",
    roff("POSTERN_STATE: the state folder. NO_COLOR: no colours. AZURE_STORAGE_ACCOUNT and others: as in az."),
    "",
  );
  return parts.join("\n");
}
