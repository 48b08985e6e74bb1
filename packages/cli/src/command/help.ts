/**
 * Help texts, made from the same tables that parsing uses. May use: this folder.
 */
import type { Command, Entry, Option, OptionTable } from "./command.ts";
import { globalOptions } from "./global-options.ts";
import { groups, listBelow } from "./registry.ts";

const ROOT_SUMMARY =
  "Sign-in and access to Azure resources for apps that run outside Azure, with a whole Azure on this machine.";
const INDENT = "    ";
const GAP = " : ";

const rootExamples = [
  ["Start the cloud in the background", "postern up --detach"],
  ["Register an app", "postern ad sp create-for-rbac --name my-app"],
  ["Run it, signed in, against this cloud", "postern run --as my-app -- python app.py"],
  ["Run the real az, signed in as the operator", "postern run -- az group list"],
] as const;

/** The text of `postern --help` and `postern role --help`. */
export function describeGroup(path: string): string {
  const below = [...listBelow(path)];
  const isLeaf = (word: string) => !(`${path === "" ? "" : `${path} `}${word}` in groups);
  const commands = below.filter(([word]) => isLeaf(word));
  const subgroups = below.filter(([word]) => !isLeaf(word));
  const parts = [
    section(path === "" ? "Postern" : "Group", [
      `${programOf(path)}${GAP}${path === "" ? ROOT_SUMMARY : groups[path]}`,
    ]),
    section("Subgroups", columns(subgroups)),
    section("Commands", columns(commands)),
  ];
  if (path === "") {
    parts.push(
      section(
        "Examples",
        rootExamples.map(([summary, line]) => `${summary}\n${INDENT}${INDENT}${line}`),
      ),
    );
  }
  return `${parts.filter((part) => part !== "").join("\n")}\nFor one of them: ${programOf(path)} COMMAND --help\n`;
}

/** The text of `postern group create --help`. */
export function describeCommand(entry: Entry, command: Command): string {
  const program = programOf(entry.path);
  const words = [...command.positionals, ...(command.rest === undefined ? [] : [command.rest])];
  return [
    section("Command", [`${program}${GAP}${entry.summary}`]),
    section("Usage", [describeUsage(program, command)]),
    section(
      "Arguments",
      columns([...words.map(({ name, summary }) => [name, summary] as const), ...rows(command.options)]),
    ),
    section("Global Arguments", columns(rows(globalOptions))),
    section(
      "Examples",
      command.examples.map(({ summary, line }) => `${summary}\n${INDENT}${INDENT}${line}`),
    ),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

/** One line, as the shortest reminder of how a command is written. */
export function describeUsage(program: string, command: Command): string {
  const required = Object.values(command.options).filter((option) => option.required === true);
  const hasMore = Object.values(command.options).some((option) => option.required !== true && option.isHidden !== true);
  return [
    program,
    ...command.positionals.map(({ name }) => name),
    ...required.map((option) => `${option.flags[0]} ${valueNameOf(option)}`),
    ...(hasMore ? ["[OPTIONS]"] : []),
    ...(command.rest === undefined ? [] : ["--", command.rest.name]),
  ].join(" ");
}

function programOf(path: string): string {
  return path === "" ? "postern" : `postern ${path}`;
}

function rows(options: OptionTable): (readonly [string, string])[] {
  return Object.values(options)
    .filter((option) => option.isHidden !== true)
    .map((option) => [describeFlags(option), describeOption(option)] as const);
}

function describeFlags(option: Option): string {
  return `${option.flags.join(" ")}${option.required === true ? " [Required]" : ""}`;
}

function describeOption({ summary, choices, kind }: Option): string {
  const allowed = choices ?? (kind === "switch" ? ["false", "true"] : []);
  return allowed.length === 0 ? summary : `${summary} Allowed values: ${allowed.join(", ")}.`;
}

function valueNameOf(option: Option): string {
  return option.valueName ?? option.flags[0]!.replace(/^-+/, "").toUpperCase();
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `${title}\n${lines.map((line) => `${INDENT}${line}\n`).join("")}`;
}

function columns(pairs: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...pairs.map(([left]) => left.length));
  return pairs.map(([left, right]) => `${left.padEnd(width)}${GAP}${right}`.trimEnd());
}
