/**
 * Turns a command's answer into what is printed on stdout. May use: the formats of this folder; each is loaded only when asked for.
 */
import type { Answer, OutputFormat } from "../command/command.ts";
import { collectMade } from "./ordered.ts";
import type { Query } from "./query.ts";

export interface OutputRequest {
  /** undefined when the user did not say. */
  readonly format: OutputFormat | undefined;
  readonly query: Query | undefined;
  readonly hasColor: boolean;
}

/** @returns the text to print; empty when there is nothing to say, as for an answer of null. */
export async function renderAnswer(answer: Answer, request: OutputRequest): Promise<string> {
  if (answer.text !== undefined && request.format === undefined && request.query === undefined) return answer.text;
  if (answer.table !== undefined && request.format === "table" && request.query === undefined) return answer.table;
  const data = request.query === undefined ? answer.data : request.query(answer.data);
  if (data === null || data === undefined) return "";
  switch (request.format ?? "json") {
    case "none":
      return "";
    case "json":
      return (await import("./json.ts")).formatJson(data);
    case "jsonc": {
      const json = await import("./json.ts");
      return request.hasColor ? json.formatColoredJson(data) : json.formatJson(data);
    }
    case "yaml":
    case "yamlc":
      return (await import("./yaml.ts")).formatYaml(data);
    case "tsv": {
      const { formatTsv } = await import("./tsv.ts");
      return formatTsv(data, request.query === undefined ? new Set() : collectMade(answer.data, data));
    }
    case "table":
      return renderTable(answer, data, request);
  }
}

async function renderTable(answer: Answer, data: unknown, request: OutputRequest): Promise<string> {
  const { formatTable } = await import("./table.ts");
  if (request.query !== undefined) return formatTable(data, { isSorted: false });
  if (answer.toRows === undefined) return formatTable(data, { isSorted: true });
  return formatTable(answer.toRows(data as never), { isSorted: false, keepsId: true });
}
