/**
 * Reads the configuration: the file, over it the environment, over it the command line.
 *
 * Owns: the three forms, their order, and what is refused: names nobody knows (with the one that was probably meant), values of the wrong kind. Reads
 * nothing by itself: argv, environment and the reader of files are given to it. May use: settings.ts.
 */
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Configuration, flagOf, type Setting, type SettingName, settings, variableOf } from "./settings.ts";

/** What is wrong with the configuration, in words for whoever wrote it; never with the value of a setting in it. */
export class ConfigurationFault extends Error {}

type Values = { -readonly [Name in SettingName]?: string | number | boolean };

const names = Object.keys(settings) as SettingName[];
const nameByFlag = new Map(names.map((name) => [flagOf(name).slice(2), name]));
const nameByVariable = new Map(names.map((name) => [variableOf(name), name]));

const fileFlag = "config";
const fileVariable = "POSTERN_CONFIG";
/** Largest file read, in characters; there are about thirty settings. Our choice. */
const maxFileChars = 262_144;

/**
 * @param argv after the command's name. @param readText throws the system's error for a file that cannot be read.
 * @throws ConfigurationFault
 */
export function readConfiguration(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  readText: (path: string) => string,
): Configuration {
  const { values: flags, file = environment[fileVariable] || undefined } = readFlags(argv);
  const fromFile = file === undefined ? {} : readFile(resolve(file), readText);
  return { ...fromFile, ...readEnvironment(environment), ...flags } as Configuration;
}

function readFlags(argv: readonly string[]): { readonly values: Values; readonly file?: string | undefined } {
  const options: Record<string, { readonly type: "string" | "boolean" }> = { [fileFlag]: { type: "string" } };
  for (const [flag, name] of nameByFlag)
    options[flag] = { type: settings[name].kind === "switch" ? "boolean" : "string" };
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true });
  const values: Values = {};
  let file: string | undefined;
  for (const token of tokens) {
    if (token.kind === "positional") throw new ConfigurationFault(`what is '${token.value}' for? Settings are flags`);
    if (token.kind !== "option") continue;
    const { name: flag, rawName, value } = token;
    const name = nameByFlag.get(flag);
    if (name === undefined && flag !== fileFlag)
      throw unknown(
        rawName,
        [...nameByFlag.keys()].map((known) => `--${known}`),
      );
    const isSwitch = name !== undefined && settings[name].kind === "switch";
    if (!isSwitch && (value === undefined || value === "")) throw new ConfigurationFault(`${rawName} needs a value`);
    if (name === undefined) file = value;
    else values[name] = isSwitch ? readSwitch(rawName, value ?? "true") : readValue(rawName, settings[name], value!);
  }
  return { values, file };
}

/** A variable that is set to nothing is not set. Those that look like none of ours are others' (the command line's, a cluster's). */
function readEnvironment(environment: Readonly<Record<string, string | undefined>>): Values {
  const values: Values = {};
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith("POSTERN_") || value === undefined || value === "" || variable === fileVariable) continue;
    const name = nameByVariable.get(variable);
    if (name === undefined) {
      if (findClosest(variable, [...nameByVariable.keys()], maxVariableEdits) !== undefined)
        throw unknown(variable, [...nameByVariable.keys()]);
    } else values[name] = readValue(variable, settings[name], value);
  }
  return values;
}

function readFile(path: string, readText: (path: string) => string): Values {
  let text: string;
  try {
    text = readText(path);
  } catch (cause) {
    throw new ConfigurationFault(`the configuration ${path} cannot be read: ${(cause as Error).message}`);
  }
  if (text.length > maxFileChars) throw new ConfigurationFault(`the configuration ${path} is too long`);
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // The parser's words quote the text.
    throw new ConfigurationFault(`the configuration ${path} is not JSON`);
  }
  if (typeof content !== "object" || content === null || Array.isArray(content))
    throw new ConfigurationFault(`the configuration ${path} is not a JSON object`);
  const values: Values = {};
  for (const [name, value] of Object.entries(content)) {
    if (name === "$schema") continue;
    if (!isSettingName(name)) throw unknown(`'${name}' in ${path}`, names, name);
    const what = `'${name}' in ${path}`;
    const setting: Setting = settings[name];
    values[name] = readMember(what, setting, value);
    if (setting.kind === "path" && value !== "-") values[name] = resolve(dirname(path), String(value));
  }
  return values;
}

function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(settings, name);
}

/** In JSON a number is a number and a switch true or false; nothing is guessed from texts. */
function readMember(what: string, setting: Setting, value: unknown): string | number | boolean {
  const wanted = setting.kind === "integer" ? "number" : setting.kind === "switch" ? "boolean" : "string";
  if (typeof value !== wanted || value === "") throw new ConfigurationFault(`${what} takes ${describe(setting)}`);
  return setting.kind === "switch" ? (value as boolean) : readValue(what, setting, String(value));
}

function readValue(what: string, setting: Setting, text: string): string | number | boolean {
  switch (setting.kind) {
    case "integer": {
      const value = Number(text);
      if (/^\d+$/.test(text) && value >= setting.min && value <= setting.max) return value;
      throw new ConfigurationFault(`${what} takes ${describe(setting)}`);
    }
    case "choice":
      if (setting.choices.includes(text)) return text;
      throw new ConfigurationFault(`${what} takes ${describe(setting)}`);
    case "switch":
      return readSwitch(what, text);
    default:
      return text;
  }
}

function readSwitch(what: string, text: string): boolean {
  if (/^(?:true|1|yes|on)$/i.test(text)) return true;
  if (/^(?:false|0|no|off)$/i.test(text)) return false;
  throw new ConfigurationFault(`${what} takes true or false`);
}

/** What a setting takes, in words. */
export function describe(setting: Setting): string {
  switch (setting.kind) {
    case "integer":
      return `${setting.min} to ${setting.max}`;
    case "choice":
      return setting.choices.join(", ");
    case "switch":
      return "true or false";
    case "path":
      return "a path";
    default:
      return "a text";
  }
}

/** Edits by which a mistyped name may differ from the one that was meant; of a variable fewer, for others have variables with our prefix, too. */
const maxEdits = 4;
const maxVariableEdits = 2;

function unknown(what: string, known: readonly string[], name = what): ConfigurationFault {
  const closest = findClosest(name, known, maxEdits);
  return new ConfigurationFault(`${what} is no setting${closest === undefined ? "" : `; did you mean ${closest}?`}`);
}

function findClosest(name: string, known: readonly string[], most: number): string | undefined {
  let best: { readonly name: string; readonly edits: number } | undefined;
  for (const candidate of known) {
    const edits = countEdits(name.toLowerCase(), candidate.toLowerCase());
    if (edits <= most && edits < candidate.length / 2 && edits < (best?.edits ?? Number.POSITIVE_INFINITY))
      best = { name: candidate, edits };
  }
  return best?.name;
}

/** Levenshtein's distance; names are short. */
function countEdits(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const isSame = one[i - 1] === other[j - 1];
      next.push(Math.min(row[j - 1]! + (isSame ? 0 : 1), row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[other.length]!;
}
