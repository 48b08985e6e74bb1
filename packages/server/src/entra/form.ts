/**
 * Reads application/x-www-form-urlencoded, strictly: bodies of token requests, and query strings.
 *
 * Spec: https://url.spec.whatwg.org/#application/x-www-form-urlencoded, RFC 6749 section 3.2 (no parameter twice; an empty one counts as
 * left out). Unlike the URL standard, broken percent-encoding is refused, not kept: a secret must not be read in two ways.
 */
import { isUtf8 } from "node:buffer";
import { readBodySoon } from "../wire/body.ts";
import type { IncomingRequest } from "../wire/messages.ts";
import { type Awaitable, whenThere } from "../wire/when-there.ts";
import { WholeRequest } from "../wire/whole-request.ts";
import { refuse } from "./fault.ts";

/** Size of a token request's body, in bytes; room for two signed assertions. Our choice. */
export const maxFormBytes = 65_536;
/** Parameters of one request; MSAL sends about fifteen. Our choice. */
const maxParameters = 100;

/** Names that most requests hold, most usual first: they need not be cut out of the text, and V8 finds them in a map without making them out. */
const usualNames = [
  ...["grant_type", "client_id", "client_secret", "scope", "resource", "client_info", "refresh_token"],
  ...["client_assertion", "client_assertion_type", "redirect_uri", "code", "code_verifier", "username", "password"],
];

const formType = "application/x-www-form-urlencoded";

/**
 * Reads a body, at once where it is there.
 * @param firstParameter what is missed in a body of another type.
 * @throws EntraRefusal, or BodyRefusal from the reader.
 */
export function readForm(
  request: IncomingRequest,
  firstParameter = "grant_type",
): Awaitable<ReadonlyMap<string, string>> {
  const { "content-type": type = "" } = request.headers;
  return whenThere(readBodySoon(request, maxFormBytes), (bytes) => {
    const isForm = type === formType || type.split(";", 1)[0]!.trim().toLowerCase() === formType;
    // Entra does not look into a body of another type and misses its first parameter.
    if (!isForm) refuse({ kind: "parameter-missing", parameter: firstParameter });
    return parseForm(decodeUtf8(bytes));
  });
}

/**
 * As {@link readForm}, where programs send the same form over and over: one that is, byte for byte, the one before under the same head is not parsed again. Only
 * a program's own secret is ever kept for that: no person's password, no code, no token.
 */
export function readRepeatedForm(request: IncomingRequest): Awaitable<ReadonlyMap<string, string>> {
  if (!(request instanceof WholeRequest) || request.formMemory === undefined) return readForm(request);
  const { body, formMemory } = request;
  const known = formMemory.recall(body);
  if (known !== undefined) return known;
  return whenThere(readForm(request), (form) => {
    if (form.get("grant_type") === "client_credentials" && form.has("client_secret")) formMemory.remember(body, form);
    return form;
  });
}

/** @throws EntraRefusal `request-malformed` for broken encoding, a parameter given twice, or too many. */
export function parseForm(text: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  if (text === "") return parameters;
  const empty: string[] = [];
  let pairCount = 0;
  for (let start = 0, end = 0; end < text.length; start = end + 1) {
    pairCount += 1;
    if (pairCount > maxParameters) refuse({ kind: "request-malformed" });
    const next = text.indexOf("&", start);
    end = next < 0 ? text.length : next;
    if (end === start) continue;
    const mark = text.indexOf("=", start);
    const nameEnd = mark < 0 || mark > end ? end : mark;
    const name = readName(text, start, nameEnd);
    if (parameters.has(name)) refuse({ kind: "request-malformed" });
    const value = nameEnd === end ? "" : decode(text.slice(nameEnd + 1, end));
    if (value === "") empty.push(name);
    parameters.set(name, value);
  }
  for (const name of empty) parameters.delete(name);
  return parameters;
}

/** A parameter that must be there. @throws EntraRefusal `parameter-missing`. */
export function need(form: ReadonlyMap<string, string>, parameter: string): string {
  return form.get(parameter) ?? refuse({ kind: "parameter-missing", parameter });
}

function readName(text: string, start: number, end: number): string {
  for (const name of usualNames) if (name.length === end - start && text.startsWith(name, start)) return name;
  return decode(text.slice(start, end));
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
