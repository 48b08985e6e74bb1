/**
 * Reads application/x-www-form-urlencoded, strictly: bodies of token requests, and query strings.
 *
 * Spec: https://url.spec.whatwg.org/#application/x-www-form-urlencoded, RFC 6749 section 3.2 (no parameter twice; an empty one counts as
 * left out). Unlike the URL standard, broken percent-encoding is refused, not kept: a secret must not be read in two ways.
 */
import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { readBody } from "../wire/body.ts";
import { refuse } from "./fault.ts";

/** Size of a token request's body, in bytes; room for two signed assertions. Our choice. */
export const maxFormBytes = 65_536;
/** Parameters of one request; MSAL sends about fifteen. Our choice. */
const maxParameters = 100;

/**
 * Reads a body.
 * @param firstParameter what is missed in a body of another type.
 * @throws EntraRefusal, or BodyRefusal from the reader.
 */
export async function readForm(
  request: IncomingMessage,
  firstParameter = "grant_type",
): Promise<ReadonlyMap<string, string>> {
  const type = (request.headers["content-type"] ?? "").split(";", 1)[0]!.trim().toLowerCase();
  const bytes = await readBody(request, maxFormBytes);
  // Entra does not look into a body of another type and misses its first parameter.
  if (type !== "application/x-www-form-urlencoded") refuse({ kind: "parameter-missing", parameter: firstParameter });
  return parseForm(decodeUtf8(bytes));
}

/** @throws EntraRefusal `request-malformed` for broken encoding, a parameter given twice, or too many. */
export function parseForm(text: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  if (text === "") return parameters;
  const pairs = text.split("&", maxParameters + 1);
  if (pairs.length > maxParameters) refuse({ kind: "request-malformed" });
  for (const pair of pairs) {
    if (pair === "") continue;
    const mark = pair.indexOf("=");
    const name = decode(mark < 0 ? pair : pair.slice(0, mark));
    if (parameters.has(name)) refuse({ kind: "request-malformed" });
    parameters.set(name, mark < 0 ? "" : decode(pair.slice(mark + 1)));
  }
  for (const [name, value] of parameters) if (value === "") parameters.delete(name);
  return parameters;
}

/** A parameter that must be there. @throws EntraRefusal `parameter-missing`. */
export function need(form: ReadonlyMap<string, string>, parameter: string): string {
  return form.get(parameter) ?? refuse({ kind: "parameter-missing", parameter });
}

function decode(text: string): string {
  if (!text.includes("%")) return text.includes("+") ? text.replaceAll("+", " ") : text;
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return refuse({ kind: "request-malformed" });
  }
}

function decodeUtf8(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString("utf8") : refuse({ kind: "request-malformed" });
}
