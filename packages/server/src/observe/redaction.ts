/**
 * Takes secrets out of what is about to be logged, whatever put them there.
 *
 * Rooms log no secret in the first place; this stands behind them, for the text of an error that quotes what it was given (a URL with a password,
 * a header, a form). Owns: what a secret looks like. Every text that goes into the log comes through here; its test pushes each kind through.
 */

/** In the place of what was taken out. */
export const redacted = "[redacted]";

/** Longest text that is logged, in characters; our choice: a stack with its message. What is longer is cut before it is looked at. */
export const maxLoggedChars = 8_192;

/** Names whose value is a secret wherever they stand: form fields, query parameters, JSON members, headers, fields of a log line. */
const secretNames = [
  "sig",
  "signature",
  "client_secret",
  "clientsecret",
  "secrettext",
  "password",
  "passwd",
  "currentpassword",
  "newpassword",
  "pwd",
  "pgpassword",
  "client_assertion",
  "assertion",
  "refresh_token",
  "access_token",
  "id_token",
  "id_token_hint",
  "device_code",
  "code",
  "code_verifier",
  "authorization",
  "proxy-authorization",
  "x-ms-copy-source-authorization",
  "cookie",
  "set-cookie",
  "accountkey",
  "sharedaccesssignature",
  "secret",
  "x-identity-header",
];

/** In free text these are words of other things as well ("code: ENOENT"); the server's own codes are known by their form. */
const wordNames: ReadonlySet<string> = new Set(["code", "signature"]);

const writeNames = (of: readonly string[]): string => of.map((name) => name.replace(/[-_]/g, "[-_]?")).join("|");
const names = writeNames(secretNames);
const textNames = writeNames(secretNames.filter((name) => !wordNames.has(name)));

/** What else follows a header's name up to the end of its line is the secret: schemes, several cookies. */
const headerNames = "authorization|proxy-authorization|x-ms-copy-source-authorization|cookie|set-cookie";

/** A text in quotes, with escapes; the last quote may have been cut off. */
const inQuotes = (quote: string): string => `${quote}(?:[^${quote}\\\\\\r\\n]|\\\\.)*${quote}?`;
/** The same of JSON within JSON, where each escape is an escaped one. */
const inEscapedQuotes = String.raw`\\"(?:[^"\\\r\n]|\\\\(?:\\.|[^\\]))*(?:\\")?`;

const rules: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, redacted],
  // Three parts of base64url: a token or an assertion, which begins with an object in braces.
  [/\beyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*){1,4}/g, redacted],
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@"'<>]*@/gi, `$1${redacted}@`],
  [new RegExp(`(["']?\\b(?:${headerNames})["']?\\s*[:=]\\s*)(?:${inQuotes('"')}|[^\\r\\n]+)`, "gi"), `$1${redacted}`],
  [/\b(Bearer|Basic|SharedKey(?:Lite)?|PoP|Digest)\s+[^\s"',;]+/gi, `$1 ${redacted}`],
  // Without quotes a value ends where a form's does: browsers leave ' ( ) ! * as they are.
  [
    new RegExp(
      `((?:^|[^A-Za-z0-9])(?:${textNames})\\\\?["']?\\s*(?:=|%3D|:)\\s*)(?:${inEscapedQuotes}|${inQuotes('"')}|${inQuotes("'")}|[^\\s&;,"}\\]]+)`,
      "gi",
    ),
    `$1${redacted}`,
  ],
  // Refresh tokens, codes and sealed states are recognised by the forms this server gives them: a prefix and base64url.
  [/\b[01p]\.[A-Za-z0-9_-]{60,}/g, redacted],
];

/** @returns the text without the secrets in it, and no longer than {@link maxLoggedChars}. */
export function redactText(text: string): string {
  let clean = text.length > maxLoggedChars ? `${text.slice(0, maxLoggedChars)}…` : text;
  for (const [pattern, replacement] of rules) clean = clean.replace(pattern, replacement);
  return clean;
}

const isSecretName = new RegExp(`^(?:${names})$`, "i");

/** @returns a field's value for the log: nothing of it when the field's name says that it is a secret. */
export function redactField<Value>(name: string, value: Value): Value | string {
  if (isSecretName.test(name)) return redacted;
  return typeof value === "string" ? redactText(value) : value;
}

/**
 * @param query raw, without "?".
 * @returns the query with the value of every secret parameter taken out, for the access log; what is no parameter is left out.
 */
export function redactQuery(query: string): string {
  if (query === "") return "";
  return query
    .slice(0, maxLoggedChars)
    .split("&")
    .map((pair) => {
      const end = pair.indexOf("=");
      const name = end < 0 ? pair : pair.slice(0, end);
      return end >= 0 && isSecretName.test(decode(name)) ? `${name}=${redacted}` : redactText(pair);
    })
    .join("&");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
