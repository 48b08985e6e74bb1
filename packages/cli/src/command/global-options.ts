/**
 * The options every command has, and which of them a command leaves to another program.
 *
 * May use: command.ts. Names and meaning are az's, but `--state`, which is ours.
 */
import type { Globals, OptionTable, OutputFormat } from "./command.ts";

const outputFormats = ["json", "jsonc", "yaml", "yamlc", "table", "tsv", "none"] as const;

export const globalOptions = {
  state: {
    kind: "text",
    flags: ["--state"],
    valueName: "DIR",
    summary: "State folder of the cloud. Default: $POSTERN_STATE, else postern in the user's state folder.",
  },
  subscription: {
    kind: "text",
    flags: ["--subscription"],
    summary: "Name or ID of the subscription. Default: the cloud's own.",
  },
  cloud: {
    kind: "text",
    flags: ["--cloud"],
    summary:
      "Cloud to work on: Postern (the one on this machine), AzureCloud (the real one), or another that is registered.",
  },
  output: {
    kind: "text",
    flags: ["--output", "-o"],
    choices: outputFormats,
    summary: "Output format.",
  },
  query: {
    kind: "text",
    flags: ["--query"],
    valueName: "JMESPATH",
    summary: "JMESPath query string. See https://jmespath.org.",
  },
  onlyShowErrors: {
    kind: "flag",
    flags: ["--only-show-errors"],
    summary: "Only show errors, no warnings or progress.",
  },
  verbose: { kind: "flag", flags: ["--verbose"], summary: "Say more about what is being done." },
  debug: { kind: "flag", flags: ["--debug"], summary: "Show each request and its answer's status; never a secret." },
  help: { kind: "flag", flags: ["--help", "-h"], summary: "Show this help and stop." },
} as const satisfies OptionTable;

/** The part of the parsed global options that commands read. */
export function pickGlobals(args: Readonly<Record<string, unknown>>): Globals {
  return {
    state: args.state as string | undefined,
    subscription: args.subscription as string | undefined,
    cloud: args.cloud as string | undefined,
    output: args.output as OutputFormat | undefined,
    query: args.query as string | undefined,
  };
}
