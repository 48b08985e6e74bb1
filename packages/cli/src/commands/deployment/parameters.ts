/** `--parameters` of deployments: pairs, JSON or files, later ones over earlier. May use: command/, transfer/. @see https://learn.microsoft.com/cli/azure/deployment/group#az-deployment-group-create */
import { existsSync } from "node:fs";
import { readJsonArgument } from "../../command/json-argument.ts";
import { failure } from "../../faults.ts";
import type { Json } from "../../http/service-client.ts";
import { isObject } from "../../output/ordered.ts";
import { normaliseParameters } from "../../transfer/deployment.ts";

export function readParameters(words: readonly string[] | undefined): Json {
  return Object.assign({}, ...(words ?? []).map(readOne)) as Json;
}

function readOne(word: string): Json {
  const pair = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(word);
  if (pair !== null && !existsSync(word)) return { [pair[1]!]: { value: readValue(pair[2]!) } };
  const value = readJsonArgument(word);
  if (!isObject(value)) throw failure(`Unable to parse parameter: ${word}`);
  return normaliseParameters(value);
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
