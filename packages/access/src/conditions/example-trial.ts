/** For tests of Microsoft's examples: how their conditions are put together, and how one is tried. */
import { blobTagAttribute, attributeNames as names } from "./catalogue.ts";
import { evaluateCondition, parseCondition } from "./condition.ts";
import type { AttributeRecord, ConditionInput } from "./inquiry.ts";
import { reviewCondition } from "./review.ts";

export const BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";
export const LIST = ["Blob.List"];
export const WITH_TAGS = ["Blob.Write.WithTagHeaders"];

/** One operation, with what it is about; `verb` is below the blobs, unless it is a whole operation. */
export interface Ask {
  readonly verb: string;
  readonly subOperations?: readonly string[];
  readonly resource?: AttributeRecord;
  readonly request?: AttributeRecord;
  readonly principal?: AttributeRecord;
  readonly environment?: AttributeRecord;
}

/** As a surface asks: all sources are said, the operation's suboperations too. */
function inputOf({ verb, subOperations = [], resource = {}, request = {}, principal = {}, environment = {} }: Ask) {
  const operation = verb.startsWith("Microsoft.") ? verb : `${BLOBS}/${verb}`;
  const input: ConditionInput = { operation, subOperations, attributes: { resource, request, principal, environment } };
  return input;
}

/**
 * Checks that a condition lets the first asks through and none of the second, and that a review finds nothing in it.
 * @throws Error with the ask that went the other way. (Not `node:assert`: this package imports only itself.)
 */
export function checkPattern(text: string, allowed: readonly Ask[], denied: readonly Ask[]): void {
  const result = parseCondition(text);
  if (!result.isValid) throw new Error(`not a condition: ${JSON.stringify(result)}`);
  const { condition } = result;
  const remarks = reviewCondition(condition);
  if (remarks.length > 0) throw new Error(`the review found ${JSON.stringify(remarks)}`);
  if (allowed.length === 0 || denied.length === 0) throw new Error("an example needs an ask of each kind");
  const isLetThrough = (ask: Ask) => evaluateCondition(condition, inputOf(ask)).isTrue;
  for (const ask of allowed) if (!isLetThrough(ask)) throw new Error(`stopped: ${JSON.stringify(ask)}`);
  for (const ask of denied) if (isLetThrough(ask)) throw new Error(`let through: ${JSON.stringify(ask)}`);
}

export const targets = (...verbs: string[]) =>
  verbs.map((verb) => `!(ActionMatches{'${BLOBS}/${verb}'})`).join(" AND ");
export const readsButLists = `!(ActionMatches{'${BLOBS}/read'} AND NOT SubOperationMatches{'Blob.List'})`;
export const lists = `!(ActionMatches{'${BLOBS}/read'} AND SubOperationMatches{'Blob.List'})`;
export const writesWithTags = `!(ActionMatches{'${BLOBS}/write'} AND SubOperationMatches{'Blob.Write.WithTagHeaders'})`;
export const addsWithTags = `!(ActionMatches{'${BLOBS}/add/action'} AND SubOperationMatches{'Blob.Write.WithTagHeaders'})`;
export const block = (targeting: string, requirement: string) => `((${targeting}) OR (${requirement}))`;
export const tag = (source: string, key: string) => `@${source}[${blobTagAttribute(key)}]`;
export const tagged = (key: string, value: string) => ({ [blobTagAttribute(key)]: value, [names.blobTagKeys]: [key] });
export const inContainer = (name: string, path?: string) =>
  path === undefined ? { [names.containerName]: name } : { [names.containerName]: name, [names.blobPath]: path };
