/** Finds a request's row in the operation table; nothing after it looks at method, path or query to tell what is asked. */
import { invalidQuery, StorageError } from "./errors.ts";
import type { BlobOperation } from "./operation-row.ts";
import { operations, preflightOperations } from "./operations.ts";
import type { RequestHeaders } from "./request-headers.ts";
import { featuresOf } from "./service-versions.ts";
import type { Target } from "./target.ts";
import { isKnownParameter } from "./version-words.ts";

const byKey: ReadonlyMap<string, readonly BlobOperation[]> = index(operations);
/** The same of those without `restype` and `comp`, by level and method: most requests need no key to be made for them. */
const plainByLevel = new Map(
  [...Map.groupBy(operations.filter(isPlain), ({ level }) => level)].map(
    ([level, rows]) => [level, Map.groupBy(rows, ({ method }) => method)] as const,
  ),
);
const preflightByLevel = new Map(preflightOperations.map((row) => [row.level, row]));

/** Every parameter that selects or shapes an operation somewhere: to ignore one where it has no meaning might do what was not asked. */
const knownParameters: ReadonlySet<string> = new Set(operations.flatMap(({ parameters }) => parameters));

function keyOf(level: string, method: string, restype: string | null, comp: string | null): string {
  return `${level} ${method} ${restype ?? ""} ${comp ?? ""}`;
}

function isPlain({ restype, comp }: { readonly restype: string | null; readonly comp: string | null }): boolean {
  return restype === null && comp === null;
}

function index(rows: readonly BlobOperation[]): ReadonlyMap<string, readonly BlobOperation[]> {
  return Map.groupBy(rows, (row) => keyOf(row.level, row.method, row.restype, row.comp));
}

/**
 * Finds the row, of those that the version has.
 * @throws StorageError `UnsupportedHttpVerb` for another method than the resource has, `InvalidQueryParameterValue`.
 */
export function matchOperation(
  method: string,
  target: Target,
  headers: RequestHeaders,
  version: string,
): BlobOperation {
  const { query, level } = target;
  if (method === "OPTIONS") return preflightByLevel.get(level)!;
  // Blob requests have no restype but the account's; an empty one is none.
  const comp = query.get("comp")?.toLowerCase() || null;
  const restype = readRestype(level, comp, query);
  const rows = isPlain({ restype, comp })
    ? plainByLevel.get(level)?.get(method)
    : byKey.get(keyOf(level, method, restype, comp));
  const row = rows?.find(
    ({ when, since }) => (when === null || when(headers, query)) && (since === null || featuresOf(version)[since]),
  );
  if (row === undefined) throw whyNone(level, restype, comp, version);
  for (const [name, value] of query) {
    if (
      value !== "" &&
      knownParameters.has(name) &&
      (!row.parameters.includes(name) || !isKnownParameter(name, version))
    ) {
      throw invalidQuery(name, value, "The parameter has no meaning for this operation.");
    }
  }
  return row;
}

/** Seen of `@azure/storage-blob`: it takes the account in a path for a container, and asks for a batch in that. */
function readRestype(level: Target["level"], comp: string | null, query: Target["query"]): string | null {
  const restype = query.get("restype")?.toLowerCase() || null;
  return level === "account" && comp === "batch" && restype === "container" ? null : restype;
}

function whyNone(level: Target["level"], restype: string | null, comp: string | null, version: string): StorageError {
  const features = featuresOf(version);
  const there = operations.filter((row) => row.level === level && (row.since === null || features[row.since]));
  if (there.some((row) => row.restype === restype && row.comp === comp)) return new StorageError("UnsupportedHttpVerb");
  const isCompWrong = comp !== null && !there.some((row) => row.comp === comp);
  if (isCompWrong || restype === null) return invalidQuery("comp", comp ?? "", "No operation of this resource.");
  return invalidQuery("restype", restype, "No operation of this resource.");
}
