/**
 * The one reader of a blob request's target: from the raw path and query to account, container, blob and parameters. It decodes once, strictly,
 * and refuses whatever could be read in two ways. After it nobody looks at URL text.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
 */
import { invalidQuery, StorageError } from "./errors.ts";
import {
  maxBlobNameLength,
  maxBlobNameSegments,
  maxContainerNameLength,
  maxQueryParameters,
  minContainerNameLength,
} from "./limits.ts";

/** Parameter names are in lower case. A parameter without a value has "". */
export type Query = ReadonlyMap<string, string>;

export type Target =
  | { readonly level: "account"; readonly query: Query }
  | { readonly level: "container"; readonly container: string; readonly query: Query }
  | { readonly level: "blob"; readonly container: string; readonly blob: string; readonly query: Query };

const containerPattern = /^[a-z0-9](?:-?[a-z0-9])*$/;
const systemContainers: ReadonlySet<string> = new Set(["$root", "$web", "$logs"]);
/** Where blobs named without a container live. */
const rootContainer = "$root";

/**
 * Reads a target.
 * @param path raw, from "/"; without the account's prefix.
 * @param query raw, without "?".
 * @throws StorageError `InvalidUri`, `InvalidResourceName`, `OutOfRangeInput`, `InvalidQueryParameterValue`.
 */
export function parseTarget(path: string, query: string): Target {
  const parameters = parseQuery(query);
  if (!path.startsWith("/")) throw new StorageError("InvalidUri");
  if (path === "/") return { level: "account", query: parameters };
  const cut = path.indexOf("/", 1);
  const first = decode(cut < 0 ? path.slice(1) : path.slice(1, cut));
  // Only a slash that stands as one ends the container's name: `/a%2Fb` is not blob b of container a.
  if (first.includes("/") || first === "" || first === "." || first === "..") throw new StorageError("InvalidUri");
  const rest = cut < 0 ? "" : path.slice(cut + 1);
  if (rest === "") {
    if (cut < 0 && !isContainerRequest(parameters)) {
      return { level: "blob", container: rootContainer, blob: checkBlobName(first), query: parameters };
    }
    return { level: "container", container: checkContainerName(first), query: parameters };
  }
  return {
    level: "blob",
    container: checkContainerName(first),
    blob: checkBlobName(decode(rest)),
    query: parameters,
  };
}

/** One segment is a container for the requests that say so, else a blob of the root container. */
function isContainerRequest(query: Query): boolean {
  const restype = query.get("restype")?.toLowerCase();
  return restype === "container" || restype === "account";
}

/** Undoes percent-encoding, once. `decodeURIComponent` takes only well-formed escapes of well-formed UTF-8. */
function decode(text: string): string {
  if (!/^[\x21-\x7e]*$/.test(text)) throw new StorageError("InvalidUri");
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new StorageError("InvalidUri");
  }
}

function outOfRangeName(): StorageError {
  return new StorageError("OutOfRangeInput", {
    message: "The specified resource name length is not within the permissible limits.",
  });
}

function checkContainerName(name: string): string {
  if (systemContainers.has(name)) return name;
  if (name.length < minContainerNameLength || name.length > maxContainerNameLength) throw outOfRangeName();
  if (!containerPattern.test(name)) throw new StorageError("InvalidResourceName");
  return name;
}

/**
 * A backslash is refused because Azure takes it for a slash and others do not; dot segments, because every client and proxy on the way
 * resolves them, each at another moment.
 */
function checkBlobName(name: string): string {
  if (name.length > maxBlobNameLength) throw outOfRangeName();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f-\u009f\\]/.test(name)) throw new StorageError("InvalidResourceName");
  if (!name.includes("/") && name[0] !== ".") return name;
  const segments = name.split("/");
  if (segments.length > maxBlobNameSegments) throw outOfRangeName();
  if (segments.includes(".") || segments.includes("..")) throw new StorageError("InvalidUri");
  return name;
}

const noParameters: Query = new Map();

function parseQuery(query: string): Query {
  if (query === "") return noParameters;
  const parameters = new Map<string, string>();
  const pieces = query.split("&").filter((piece) => piece !== "");
  if (pieces.length > maxQueryParameters) throw new StorageError("InvalidUri");
  for (const piece of pieces) {
    const cut = piece.indexOf("=");
    const name = decodeParameter(cut < 0 ? piece : piece.slice(0, cut)).toLowerCase();
    const value = cut < 0 ? "" : decodeParameter(piece.slice(cut + 1));
    if (parameters.has(name)) throw invalidQuery(name, value, "The parameter is there more than once.");
    parameters.set(name, value);
  }
  return parameters;
}

/** In a query `+` is a blank, as forms have it; so base64 must be escaped, which clients do. */
function decodeParameter(text: string): string {
  return decode(text.replaceAll("+", "%20"));
}
