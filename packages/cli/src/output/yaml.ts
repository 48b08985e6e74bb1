/**
 * `--output yaml`: block style, sorted keys, YAML 1.1 as PyYAML writes it (so that `yes` and dates stay texts for a 1.1 reader).
 * May use: the yaml package, json.ts.
 */
import { stringify } from "yaml";
import { sortDeeply } from "./json.ts";

/** PyYAML folds long texts at this column. */
const LINE_WIDTH = 80;

export function formatYaml(value: unknown): string {
  return stringify(sortDeeply(value), {
    version: "1.1",
    lineWidth: LINE_WIDTH,
    indentSeq: false,
    singleQuote: true,
    aliasDuplicateObjects: false,
  });
}
