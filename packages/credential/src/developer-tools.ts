/** What the credentials of developers' command-line tools share: running one, and telling why it gave no token. */
import { type ProgramOutcome, runProgram } from "#host";
import { checkTenant, chooseTenant } from "./authority.ts";
import { type CredentialError, unavailable } from "./errors.ts";
import { aborted } from "./http.ts";
import { type Json, readJson } from "./json.ts";
import type { AccessToken, GetTokenOptions } from "./token-credential.ts";

/** How long a tool may take when the program says nothing else, in milliseconds: az needs some seconds when it is cold. */
const DEFAULT_TIMEOUT_MS = 30_000;
/** How much of a tool's own words goes into a message, in characters. */
const MAX_QUOTE = 300;

export interface DeveloperToolOptions {
  tenantId?: string;
  additionallyAllowedTenants?: string[];
  processTimeoutInMs?: number;
}

/** A tool: how it says that it lacks a sign-in, and what to do. */
export interface Tool {
  readonly title: string;
  readonly program: string;
  readonly install: string;
  readonly login: string;
  readonly isNotSignedIn: RegExp;
}

export function toolTenant(tool: Tool, options: DeveloperToolOptions, asked: GetTokenOptions): string | undefined {
  const { tenantId, additionallyAllowedTenants } = options;
  const chosen = chooseTenant(tool.title, tenantId, asked.tenantId, additionallyAllowedTenants);
  return chosen && checkTenant(tool.title, chosen);
}

/** A challenge that the tool cannot answer by itself: the person has to sign in with it. */
export function refuseClaims(tool: Tool, command: string): CredentialError {
  return unavailable(tool.title, "The claims challenge needs a new sign-in.", `Run: ${command}`);
}

export function encodeClaims(claims: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(claims)));
}

/** Runs the tool. @returns the JSON object that it prints. Throws `unavailable`, so that a chain goes on. */
export async function askTool(
  tool: Tool,
  program: string,
  args: readonly string[],
  options: DeveloperToolOptions,
  asked: GetTokenOptions,
  extra: { isBatch?: boolean; env?: Record<string, string> } = { isBatch: true },
): Promise<Json> {
  const { title: credential } = tool;
  const signal = asked.abortSignal;
  if (signal?.aborted) throw aborted(credential);
  const controller = new AbortController();
  const end = () => controller.abort();
  signal?.addEventListener("abort", end);
  let outcome: ProgramOutcome;
  try {
    const timeoutMs = options.processTimeoutInMs ?? DEFAULT_TIMEOUT_MS;
    outcome = await runProgram(program, args, { timeoutMs, signal: controller.signal, ...extra });
  } finally {
    signal?.removeEventListener("abort", end);
  }
  if (signal?.aborted) throw aborted(credential);
  const body = readJson(outcome.stdout);
  if (outcome.code === 0 && Object.keys(body).length > 0) return body;
  throw explain(tool, outcome);
}

function explain(tool: Tool, { code, stderr, isTimedOut }: ProgramOutcome): CredentialError {
  const { title: credential, program } = tool;
  if (isTimedOut) return unavailable(credential, `${program} did not answer in time.`, "Raise processTimeoutInMs.");
  const isMissing = /not found|is not recognized/.test(stderr) && stderr.includes(program);
  if (code === undefined || isMissing)
    return unavailable(
      credential,
      `${program} is not installed here.`,
      `${tool.install} Or leave it out: AZURE_TOKEN_CREDENTIALS.`,
    );
  if (tool.isNotSignedIn.test(stderr)) return unavailable(credential, `${program} is not signed in.`, tool.login);
  const said = stderr.trim().replace(/\s+/g, " ").slice(0, MAX_QUOTE);
  return unavailable(credential, `${program} gave no token${said ? `: ${said}` : "."}`, tool.login);
}

/** @returns the token; throws when the tool printed something else. */
export function toAccessToken(tool: Tool, token: unknown, expiresOnTimestamp: number): AccessToken {
  if (typeof token !== "string" || token === "" || Number.isNaN(expiresOnTimestamp)) {
    throw unavailable(tool.title, `${tool.program} printed no token and its end.`, "Update it.");
  }
  return { token, expiresOnTimestamp, tokenType: "Bearer" };
}
