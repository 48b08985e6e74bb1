/**
 * What a command is: data, and one function. Parsing, help and running read the same table, so that they cannot disagree.
 *
 * Owns: the types. May use: notes.ts, for the context. The words of az's own commands (names, flags, which are required) are az's.
 * @see https://learn.microsoft.com/cli/azure/reference-index
 */
import type { Notes } from "../notes.ts";

/**
 * How an option takes its value.
 * - text: one value. integer: one whole number. list: one value or more.
 * - flag: no value; there or not. switch: no value means true; `true` and `false` may be given.
 */
export type OptionKind = "text" | "integer" | "list" | "flag" | "switch";

export interface Option {
  readonly kind: OptionKind;
  /** Spellings, the long one first: `["--name", "-n"]`. */
  readonly flags: readonly string[];
  readonly summary: string;
  readonly required?: boolean;
  /** Of a list: it may be given without a value. */
  readonly canBeEmpty?: boolean;
  /** Values allowed, compared without case; the spelling here is what the command gets. */
  readonly choices?: readonly string[];
  /** Shown in help in place of the value; the flag's own name in capitals when absent. */
  readonly valueName?: string;
  /** Accepted but not shown in help: for az's words that do nothing any more. */
  readonly isHidden?: boolean;
}

export type OptionTable = Readonly<Record<string, Option>>;

/** An argument without a flag, taken in order. */
export interface Positional {
  readonly name: string;
  readonly summary: string;
}

type ValueOf<O extends Option> = O["kind"] extends "flag"
  ? boolean
  : O["kind"] extends "switch"
    ? boolean | undefined
    : Maybe<O, O["kind"] extends "integer" ? number : O["kind"] extends "list" ? readonly string[] : string>;

type Maybe<O extends Option, Value> = O["required"] extends true ? Value : Value | undefined;

/** The parsed options of a table, by their names in it. */
export type ArgumentsOf<T extends OptionTable> = { readonly [Name in keyof T]: ValueOf<T[Name]> };

/** What a command answers. `data` goes through `--query` and `--output`. */
export interface Answer {
  readonly data?: unknown;
  /** Rows for `--output table` when there is no `--query`; else az's rules make the columns. */
  readonly toRows?: (data: never) => readonly Row[];
  /** The table that `--output table` prints when there is no `--query`, already drawn. */
  readonly table?: string;
  /** Printed in place of `data` when neither `--output` nor `--query` is given. */
  readonly text?: string;
  readonly exitCode?: number;
}

export type Row = Readonly<Record<string, unknown>>;

/** What a command may use of the world. */
export interface Context {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly notes: Notes;
  /** The folder of the `postern` package, with a trailing slash. */
  readonly packageRoot: URL;
  /** The file `run` loads into older Nodes. */
  readonly preload: URL;
  readonly version: string;
  readonly isStdoutTerminal: boolean;
  readonly isStdinTerminal: boolean;
  readonly globals: Globals;
  readonly commands: CommandList;
}

/** The options every command has. */
export interface Globals {
  readonly state: string | undefined;
  readonly subscription: string | undefined;
  /** The name of a cloud; undefined for the one in use. */
  readonly cloud: string | undefined;
  readonly output: OutputFormat | undefined;
  readonly query: string | undefined;
}

export type OutputFormat = "json" | "jsonc" | "yaml" | "yamlc" | "table" | "tsv" | "none";

export interface Example {
  readonly summary: string;
  readonly line: string;
}

export interface Command {
  readonly options: OptionTable;
  readonly positionals: readonly Positional[];
  /** What follows the options is another program's command line, passed on untouched. */
  readonly rest?: Positional;
  readonly examples: readonly Example[];
  readonly run: (context: Context, args: Readonly<Record<string, unknown>>, words: Words) => Promise<Answer>;
}

/** The arguments without a flag: `positionals` in their order, and `rest`. */
export interface Words {
  readonly positionals: readonly string[];
  readonly rest: readonly string[];
}

/** A command as it is written: the arguments' types follow from its table. */
export interface CommandDefinition<T extends OptionTable> {
  readonly options: T;
  readonly positionals?: readonly Positional[];
  readonly rest?: Positional;
  readonly examples: readonly Example[];
  readonly run: (context: Context, args: ArgumentsOf<T>, words: Words) => Promise<Answer>;
}

/** One command: its words, its summary, and how to load it. */
export interface Entry {
  readonly path: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** Every command there is, for those that are made from all of them. */
export interface CommandList {
  readonly entries: readonly Entry[];
  /** Paths of the words that only group commands. */
  readonly groups: readonly string[];
  /** The next words that may follow some words, each with its summary. */
  readonly listBelow: (path: string) => ReadonlyMap<string, string>;
}

/** Makes a command of its definition. */
export function defineCommand<const T extends OptionTable>(definition: CommandDefinition<T>): Command {
  const { positionals = [], run, ...rest } = definition;
  // The parser fills exactly the table's names with exactly the table's kinds; that is what makes this narrowing true.
  return { ...rest, positionals, run: (context, args, words) => run(context, args as ArgumentsOf<T>, words) };
}
