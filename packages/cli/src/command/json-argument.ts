/**
 * Arguments that are JSON: in the line itself, or in a file it names, as az takes both. May use: node:fs, faults.ts.
 * @see https://learn.microsoft.com/cli/azure/use-azure-cli-successfully-quoting#json-strings
 */
import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { describeError, failure } from "../faults.ts";

/** ARM refuses request bodies over 4 MiB, and so no argument is longer. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** Reads a JSON value given by itself or by its file's path. @throws CliFault (failure) in az's words. */
export function readJsonArgument(argument: string): unknown {
  const path = argument.replace(/^~(?=\/|$)/, homedir());
  const stat = statOf(path);
  if (stat?.isFile()) {
    if (stat.size > MAX_FILE_BYTES) throw failure(`${path} is larger than ${MAX_FILE_BYTES} bytes.`);
    return parse(readFileSync(path, "utf8").replace(/^\ufeff/, ""), (reason) =>
      failure(`Failed to parse file '${path}' with exception:\n${reason}`),
    );
  }
  if (argument.endsWith(".json")) throw failure(`JSON file does not exist: '${argument}'`);
  return parse(argument, (reason) =>
    failure(
      `Failed to parse string as JSON:\n${argument}\nError detail: ${reason}`,
      "Please provide a valid JSON file path or JSON string.",
    ),
  );
}

/** The same, when the value must be an object. */
export function readJsonObject(argument: string): Record<string, unknown> {
  const value = readJsonArgument(argument);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw failure("A valid dictionary JSON representation is expected.");
  }
  return value as Record<string, unknown>;
}

function parse(text: string, refuse: (reason: string) => Error): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refuse(describeError(error));
  }
}

/** Text longer than a path can be is no path; asking the file system about it fails with another error than absence. */
function statOf(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
