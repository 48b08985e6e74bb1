/**
 * Reads a command's arguments by its option table, by the rules of Python's argparse, as az does: long options may be shortened to a
 * unique prefix, `--name=value` and `-nvalue` are the same as `--name value`, a list takes every value up to the next option, and a
 * value of the form `@file` is the file's text.
 *
 * May use: command.ts, faults.ts, argument-files.ts. Runs nothing and prints nothing.
 * @see https://docs.python.org/3/library/argparse.html#argument-abbreviations-prefix-matching
 */
import { usageFault } from "../faults.ts";
import type { Option, OptionTable, Positional, Words } from "./command.ts";
import { findClosest } from "./suggestions.ts";

export interface ParserInput {
  /** The command as it is shown in messages, e.g. `postern group create`. */
  readonly program: string;
  readonly options: OptionTable;
  readonly positionals: readonly Positional[];
  readonly rest?: Positional | undefined;
  /** Gives the text that a value stands for: itself, or the text of the file it names by `@`. */
  readonly expand: (value: string) => string;
}

export interface ParsedArguments {
  readonly args: Readonly<Record<string, unknown>>;
  readonly words: Words;
}

type Found = { readonly name: string; readonly option: Option; readonly attached: string | undefined };

/** Parses a command's arguments. @throws CliFault (usage) in argparse's words. */
export function parseArguments(tokens: readonly string[], input: ParserInput): ParsedArguments {
  const reading = new Reading(tokens, input);
  while (reading.readNext());
  return reading.finish();
}

/** `--resource-group/-g`, as argparse names an option in messages. */
function nameOption(option: Option): string {
  return option.flags.join("/");
}

class Reading {
  readonly #tokens: readonly string[];
  readonly #input: ParserInput;
  readonly #args: Record<string, unknown> = {};
  readonly #positionals: string[] = [];
  readonly #strangers: string[] = [];
  #rest: readonly string[] = [];
  #at = 0;

  constructor(tokens: readonly string[], input: ParserInput) {
    this.#tokens = tokens;
    this.#input = input;
  }

  /** @returns false at the end. */
  readNext(): boolean {
    const token = this.#tokens[this.#at];
    if (token === undefined) return false;
    if (token === "--") {
      this.#at += 1;
      this.#takeWords(this.#tokens.slice(this.#at));
      return false;
    }
    if (!this.#isOption(token)) {
      if (this.#input.rest !== undefined) {
        this.#takeWords(this.#tokens.slice(this.#at));
        return false;
      }
      this.#takeWords([token]);
      this.#at += 1;
      return true;
    }
    this.#at += 1;
    const found = this.#find(token);
    if (found === undefined) this.#strangers.push(token);
    else this.#take(found);
    return true;
  }

  finish(): ParsedArguments {
    const { options, positionals, rest } = this.#input;
    // Who asks for help need not have got the rest right.
    if (this.#args.help === true) return this.#parsed();
    const missing = [
      ...positionals.slice(this.#positionals.length).map(({ name }) => name),
      ...Object.entries(options)
        .filter(([name, option]) => option.required === true && this.#args[name] === undefined)
        .map(([, option]) => nameOption(option)),
      ...(rest !== undefined && this.#rest.length === 0 ? [rest.name] : []),
    ];
    if (missing.length > 0) throw usageFault(`the following arguments are required: ${missing.join(", ")}`);
    if (this.#strangers.length > 0) throw usageFault(`unrecognized arguments: ${this.#strangers.join(" ")}`);
    for (const [name, option] of Object.entries(options)) {
      if (option.kind === "flag") this.#args[name] ??= false;
    }
    return this.#parsed();
  }

  #parsed(): ParsedArguments {
    return { args: this.#args, words: { positionals: this.#positionals, rest: this.#rest } };
  }

  #takeWords(words: readonly string[]): void {
    if (this.#input.rest !== undefined) {
      this.#rest = words;
      return;
    }
    for (const word of words) {
      if (this.#positionals.length < this.#input.positionals.length) this.#positionals.push(this.#input.expand(word));
      else this.#strangers.push(word);
    }
  }

  /** argparse: what names no option is a value if it is a negative number or has a space in it. */
  #isOption(token: string): boolean {
    if (token.length < 2 || !token.startsWith("-")) return false;
    return this.#find(token) !== undefined || !(/^-\d+$|^-\d*\.\d+$/.test(token) || token.includes(" "));
  }

  #find(token: string): Found | undefined {
    return token.startsWith("--") ? this.#findLong(token) : this.#findShort(token);
  }

  #findLong(token: string): Found | undefined {
    const mark = token.indexOf("=");
    const flag = mark < 0 ? token : token.slice(0, mark);
    const attached = mark < 0 ? undefined : token.slice(mark + 1);
    const entries = Object.entries(this.#input.options);
    const exact = entries.find(([, option]) => option.flags.includes(flag));
    if (exact !== undefined) return { name: exact[0], option: exact[1], attached };
    const matches = entries.filter(([, option]) => option.flags.some((known) => known.startsWith(flag)));
    if (matches.length > 1) {
      const spellings = matches.flatMap(([, option]) => option.flags.filter((known) => known.startsWith(flag)));
      throw usageFault(`ambiguous option: ${flag} could match ${spellings.join(", ")}`);
    }
    const [match] = matches;
    return match === undefined ? undefined : { name: match[0], option: match[1], attached };
  }

  #findShort(token: string): Found | undefined {
    const flag = token.slice(0, 2);
    const entry = Object.entries(this.#input.options).find(([, option]) => option.flags.includes(flag));
    if (entry === undefined) return undefined;
    const tail = token.slice(2);
    const attached = tail === "" ? undefined : tail.replace(/^=/, "");
    return { name: entry[0], option: entry[1], attached };
  }

  #take({ name, option, attached }: Found): void {
    switch (option.kind) {
      case "flag":
        this.#args[name] = true;
        if (attached !== undefined) this.#takeCluster(option, attached);
        return;
      case "switch":
        this.#args[name] = this.#toBoolean(option, attached ?? this.#nextValue() ?? "true");
        return;
      case "list": {
        const values = attached === undefined ? this.#nextValues() : [attached];
        if (values.length === 0 && option.canBeEmpty !== true)
          throw usageFault(`argument ${nameOption(option)}: expected at least one argument`);
        this.#args[name] = values.map((value) => this.#toText(option, value));
        return;
      }
      case "text":
      case "integer": {
        const value = attached ?? this.#nextValue();
        if (value === undefined) throw usageFault(`argument ${nameOption(option)}: expected one argument`);
        this.#args[name] = option.kind === "text" ? this.#toText(option, value) : this.#toInteger(option, value);
      }
    }
  }

  /** `-yg NAME`: what follows a flag's letter are more letters. */
  #takeCluster(option: Option, attached: string): void {
    const found = this.#findShort(`-${attached}`);
    if (found === undefined)
      throw usageFault(`argument ${nameOption(option)}: ignored explicit argument '${attached}'`);
    this.#take(found);
  }

  #nextValue(): string | undefined {
    const token = this.#tokens[this.#at];
    if (token === undefined || token === "--" || this.#isOption(token)) return undefined;
    this.#at += 1;
    return token;
  }

  #nextValues(): string[] {
    const values: string[] = [];
    for (let value = this.#nextValue(); value !== undefined; value = this.#nextValue()) values.push(value);
    return values;
  }

  #toText(option: Option, value: string): string {
    const text = this.#input.expand(value);
    return option.choices === undefined ? text : this.#choose(option, option.choices, text);
  }

  #toInteger(option: Option, value: string): number {
    if (!/^[+-]?\d{1,15}$/.test(value))
      throw usageFault(`argument ${nameOption(option)}: invalid int value: '${value}'`);
    return Number(value);
  }

  #toBoolean(option: Option, value: string): boolean {
    return ["true", "1", "yes", "y", "t"].includes(this.#choose(option, switchValues, value));
  }

  #choose(option: Option, choices: readonly string[], value: string): string {
    const chosen = choices.find((choice) => choice.toLowerCase() === value.toLowerCase());
    if (chosen !== undefined) return chosen;
    const allowed = (choices === switchValues ? ["false", "true"] : choices).join(", ");
    const closest = findClosest(value, choices);
    throw usageFault(
      `${this.#input.program}: '${value}' is not a valid value for '${option.flags[0]}'. Allowed values: ${allowed}.`,
      ...(closest === undefined ? [] : [`Did you mean '${closest}' ?`]),
    );
  }
}

/** What az takes for a three-state flag. */
const switchValues = ["true", "false", "1", "0", "yes", "no", "y", "n", "t", "f"];
