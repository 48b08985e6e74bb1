/**
 * `@file` values: the text of a file in place of the value, so that a secret need not stand in a command line. May use: node:fs.
 * @see https://learn.microsoft.com/cli/azure/use-azure-cli-successfully-tips#use-quotation-marks-in-parameters
 */
import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { failure } from "../faults.ts";

/** No value of ours is longer: ARM refuses request bodies over 4 MiB. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const STANDARD_INPUT = 0;

/**
 * Gives the text a value stands for: a file's for `@path`, standard input's for `@-`, itself for all else. As in az, a value whose file
 * cannot be read is taken as it is (a JMESPath query may begin with `@`), and newlines at the end of a file are dropped.
 */
export function expandArgumentFile(value: string): string {
  if (!value.startsWith("@") || value.length === 1) return value;
  if (value === "@-") return withoutLineEnd(readFileSync(STANDARD_INPUT, "utf8"));
  const path = value.slice(1).replace(/^~(?=\/|$)/, homedir());
  const sizeBytes = statSync(path, { throwIfNoEntry: false })?.size;
  if (sizeBytes === undefined) return value;
  if (sizeBytes > MAX_FILE_BYTES) throw failure(`${path} is larger than ${MAX_FILE_BYTES} bytes.`);
  try {
    return withoutLineEnd(readFileSync(path, "utf8"));
  } catch {
    return value;
  }
}

function withoutLineEnd(text: string): string {
  return text.replace(/\n+$/, "");
}
