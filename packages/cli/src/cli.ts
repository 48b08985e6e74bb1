/**
 * One command line, from its words to its exit code: resolve, parse, run, print. May use: command/, output/, faults.ts, notes.ts.
 *
 * Everything it needs of the process comes in `Surroundings`, so that tests can run a command line without one.
 */
import { expandArgumentFile } from "./command/argument-files.ts";
import type { Command, Context, OptionTable } from "./command/command.ts";
import { globalOptions, pickGlobals } from "./command/global-options.ts";
import { type ParsedArguments, parseArguments } from "./command/parser.ts";
import { entries, groups, listBelow } from "./command/registry.ts";
import { type Resolved, resolveCommand } from "./command/resolve.ts";
import { CliFault, describeError, exitCodeOf } from "./faults.ts";
import { type NoteLevel, Notes } from "./notes.ts";
import type { Query } from "./output/query.ts";
import { readVersion } from "./version.ts";

export interface Surroundings {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly packageRoot: URL;
  readonly preload: URL;
  readonly isStdinTerminal: boolean;
  readonly isStdoutTerminal: boolean;
  readonly isStderrTerminal: boolean;
  readonly writeOut: (text: string) => void;
  readonly writeError: (text: string) => void;
}

/** Runs one command line. @returns its exit code; never throws. */
export async function runCommandLine(line: readonly string[], surroundings: Surroundings): Promise<number> {
  const notes = makeNotes(line, surroundings);
  try {
    return await run(line, surroundings, notes);
  } catch (error) {
    report(error, notes);
    return exitCodeOf(error);
  }
}

async function run(line: readonly string[], surroundings: Surroundings, notes: Notes): Promise<number> {
  if (line[0] === "--version" || (line.length === 1 && line[0] === "version")) {
    surroundings.writeOut(`postern ${readVersion(surroundings.packageRoot)}\n`);
    return 0;
  }
  const resolved = resolveCommand(line[0] === "help" ? [...line.slice(1), "--help"] : line);
  if (resolved.kind === "group") return explainGroup(resolved, surroundings);
  const { command } = await resolved.entry.load();
  const parsed = await parse(resolved.entry.path, command, resolved.tokens);
  if (parsed.args.help === true) {
    const { describeCommand } = await import("./command/help.ts");
    surroundings.writeOut(describeCommand(resolved.entry, command));
    return 0;
  }
  return execute(command, parsed, surroundings, notes);
}

async function explainGroup(group: Resolved & { kind: "group" }, surroundings: Surroundings): Promise<number> {
  const { describeGroup } = await import("./command/help.ts");
  const strangers = group.tokens.filter((token) => token !== "--help" && token !== "-h");
  if (group.path === "" || strangers.length < group.tokens.length) {
    surroundings.writeOut(describeGroup(group.path));
    return 0;
  }
  throw new CliFault(
    "usage",
    strangers.length > 0
      ? `unrecognized arguments: ${strangers.join(" ")}`
      : `postern ${group.path}: a command is missing.`,
    [describeGroup(group.path)],
  );
}

async function parse(path: string, command: Command, tokens: readonly string[]): Promise<ParsedArguments> {
  const program = `postern ${path}`;
  try {
    const options = { ...command.options, ...globalsFor(command) };
    const { positionals, rest } = command;
    return parseArguments(tokens, { program, options, positionals, rest, expand: expandArgumentFile });
  } catch (error) {
    if (!(error instanceof CliFault) || error.kind !== "usage") throw error;
    const { describeUsage } = await import("./command/help.ts");
    const hints = [...error.hints, `Usage: ${describeUsage(program, command)}`, `More: ${program} --help`];
    // Commands of several words are az's, which may have options that ours have not.
    if (error.message.startsWith("unrecognized arguments") && path.includes(" ")) {
      hints.push(`If az has them, the real az runs against this cloud: postern run -- az ${path} ...`);
    }
    throw new CliFault("usage", error.message, hints);
  }
}

/** A command may take a global option's flag for itself: `account show --subscription` names the thing to show. */
function globalsFor(command: Command): OptionTable {
  const own = new Set(Object.values(command.options).flatMap(({ flags }) => flags));
  return Object.fromEntries(
    Object.entries(globalOptions).filter(([, { flags }]) => !flags.some((flag) => own.has(flag))),
  );
}

async function execute(
  command: Command,
  { args, words }: ParsedArguments,
  surroundings: Surroundings,
  notes: Notes,
): Promise<number> {
  const globals = pickGlobals(args);
  const query = globals.query === undefined ? undefined : await compile(globals.query);
  const context: Context = {
    env: surroundings.env,
    notes,
    packageRoot: surroundings.packageRoot,
    preload: surroundings.preload,
    version: readVersion(surroundings.packageRoot),
    get isStdinTerminal() {
      return surroundings.isStdinTerminal;
    },
    get isStdoutTerminal() {
      return surroundings.isStdoutTerminal;
    },
    globals,
    commands: { entries, groups: Object.keys(groups), listBelow },
  };
  const answer = await command.run(context, args, words);
  const { renderAnswer } = await import("./output/output.ts");
  const hasColor = surroundings.isStdoutTerminal && !surroundings.env.NO_COLOR;
  surroundings.writeOut(await renderAnswer(answer, { format: globals.output, query, hasColor }));
  return answer.exitCode ?? 0;
}

async function compile(expression: string): Promise<Query> {
  return (await import("./output/query.ts")).compileQuery(expression);
}

/** The level has to be known before the line is parsed, for parsing may fail; what is after `--` is another program's. */
function makeNotes(line: readonly string[], { env, isStderrTerminal, writeError }: Surroundings): Notes {
  const end = line.indexOf("--");
  const own = new Set(end < 0 ? line : line.slice(0, end));
  let level: NoteLevel = "warning";
  if (own.has("--only-show-errors")) level = "error";
  else if (own.has("--debug")) level = "debug";
  else if (own.has("--verbose")) level = "info";
  return new Notes({
    level,
    hasColor: isStderrTerminal && !env.NO_COLOR,
    isTerminal: isStderrTerminal,
    write: writeError,
  });
}

function report(error: unknown, notes: Notes): void {
  notes.error(describeError(error));
  if (error instanceof CliFault) {
    for (const hint of error.hints) notes.hint(hint);
  } else if (error instanceof Error && error.stack !== undefined) {
    // Not one of ours: a defect. The stack is for its report, and only with --debug.
    notes.debug(error.stack);
  }
}
