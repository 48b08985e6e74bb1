/**
 * Signing people in: by a code, by the browser, by name and password. May use: http/, session.ts, node:http.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 */
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { failure } from "../faults.ts";
import { readServiceFault, ServiceFault } from "../http/service-fault.ts";
import { CLI_CLIENT_ID } from "../http/stored-credential.ts";
import { postTokenForm, type TokenAnswer, tokenEndpoint } from "../http/tokens.ts";
import type { CloudAccess } from "../session.ts";
import { parseRecord } from "../state/private-file.ts";
import { readClaims, type SignIn } from "./sign-in.ts";

/** Codes of Entra last 15 minutes; so long a browser is waited for, too. */
const SIGN_IN_LIMIT_MS = 900_000;
const DEFAULT_POLL_SECONDS = 5;
const SECRET_BYTES = 32;
const identityScopes = "openid profile offline_access";

function scopeOf({ endpoints }: CloudAccess, scopes: readonly string[] | undefined): string {
  return `${(scopes ?? [`${endpoints.resourceManagerAudience}/.default`]).join(" ")} ${identityScopes}`;
}

const now = () => Date.now();

/** @param say shows the code and where to enter it. */
export async function signInByDeviceCode(
  access: CloudAccess,
  tenant: string,
  scopes: readonly string[] | undefined,
  say: (text: string) => void,
): Promise<SignIn> {
  const { transport, endpoints } = access;
  const answer = await transport({
    method: "POST",
    url: `${endpoints.authority}/${encodeURIComponent(tenant)}/oauth2/v2.0/devicecode`,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ client_id: CLI_CLIENT_ID, scope: scopeOf(access, scopes) }).toString(),
  });
  if (answer.status !== 200) throw readServiceFault("entra", answer);
  const { device_code, message, interval } = parseRecord(answer.body) ?? {};
  if (typeof device_code !== "string") throw failure("The sign-in service gave no device code.");
  say(String(message));
  const form = new URLSearchParams({
    client_id: CLI_CLIENT_ID,
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    device_code,
  });
  const pollMs = 1000 * (typeof interval === "number" ? interval : DEFAULT_POLL_SECONDS);
  return finish(await poll(access, tenant, form, pollMs));
}

async function poll(access: CloudAccess, tenant: string, form: URLSearchParams, everyMs: number): Promise<TokenAnswer> {
  const started = performance.now();
  for (let pauseMs = everyMs; ; ) {
    await wait(pauseMs);
    try {
      return await postTokenForm(access.transport, tokenEndpoint(access.endpoints.authority, tenant), form, now);
    } catch (error) {
      if (!(error instanceof ServiceFault) || performance.now() - started > SIGN_IN_LIMIT_MS) throw error;
      // AADSTS70016: nobody has entered the code yet.
      if (/slow_down/.test(error.code)) pauseMs += everyMs;
      else if (!/authorization_pending|AADSTS70016/.test(error.code)) throw error;
    }
  }
}

export async function signInByPassword(
  access: CloudAccess,
  tenant: string,
  username: string,
  password: string,
): Promise<SignIn> {
  const form = new URLSearchParams({
    client_id: CLI_CLIENT_ID,
    grant_type: "password",
    username,
    password,
    scope: scopeOf(access, undefined),
  });
  return finish(await postTokenForm(access.transport, tokenEndpoint(access.endpoints.authority, tenant), form, now));
}

/**
 * Opens the browser at the sign-in page, and waits on a port of loopback for it to come back with the code.
 * @param browser what `BROWSER` says, if anything.
 */
export async function signInByBrowser(
  access: CloudAccess,
  tenant: string,
  scopes: readonly string[] | undefined,
  say: (text: string) => void,
  browser: string | undefined,
): Promise<SignIn> {
  const [verifier, state] = [secret(), secret()];
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const redirectUri = `http://localhost:${(server.address() as AddressInfo).port}`;
  const query = new URLSearchParams({
    client_id: CLI_CLIENT_ID,
    response_type: "code",
    response_mode: "query",
    redirect_uri: redirectUri,
    scope: scopeOf(access, scopes),
    state,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    prompt: "select_account",
  });
  const url = `${access.endpoints.authority}/${encodeURIComponent(tenant)}/oauth2/v2.0/authorize?${query}`;
  try {
    say(
      `A web browser has been opened at ${access.endpoints.authority}. Please continue the login in the web browser. If no web browser is available or if the web browser fails to open, use device code flow with \`postern login --use-device-code\`. The address: ${url}`,
    );
    openBrowser(url, browser);
    const code = await receiveCode(server, state);
    const form = new URLSearchParams({
      client_id: CLI_CLIENT_ID,
      grant_type: "authorization_code",
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      scope: scopeOf(access, scopes),
    });
    return finish(await postTokenForm(access.transport, tokenEndpoint(access.endpoints.authority, tenant), form, now));
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

function secret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

/** Where there is no browser the address was shown, and the sign-in goes on when it is opened by hand. */
function openBrowser(url: string, browser: string | undefined): void {
  const [program, ...args] = browserWords(url, browser) ?? [process.platform === "darwin" ? "open" : "xdg-open", url];
  spawn(program!, args, { stdio: "ignore", detached: true })
    .on("error", () => {})
    .unref();
}

/**
 * The first program that `BROWSER` names, with the address where it has `%s`, else at its end. No shell reads it.
 * @see https://docs.python.org/3/library/webbrowser.html
 */
function browserWords(url: string, browser = ""): string[] | undefined {
  const words = browser
    .split(":")[0]!
    .split(/\s+/)
    .filter((word) => word !== "" && word !== "&");
  if (words.length === 0) return undefined;
  return words.some((word) => word.includes("%s"))
    ? words.map((word) => word.replaceAll("%s", () => url))
    : [...words, url];
}

function receiveCode(server: Server, state: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const guard = setTimeout(() => reject(failure("Nobody signed in within 15 minutes.")), SIGN_IN_LIMIT_MS);
    server.on("request", (request, response) => {
      const query = new URL(`http://localhost${request.url ?? "/"}`).searchParams;
      // Only the page that was asked for knows the state; a browser also asks for an icon.
      if (query.get("state") !== state) {
        response.writeHead(404, { connection: "close" }).end();
        return;
      }
      const [code, error] = [query.get("code"), query.get("error_description") ?? query.get("error")];
      response.writeHead(200, { "content-type": "text/plain; charset=utf-8", connection: "close" });
      response.end(
        code === null ? "The sign-in failed. See the terminal.\n" : "You are signed in. You can close this page.\n",
      );
      clearTimeout(guard);
      if (code !== null) resolve(code);
      else reject(failure(error ?? "The sign-in page sent no code."));
    });
  });
}

function finish({ accessToken, refreshToken, idToken }: TokenAnswer): SignIn {
  if (refreshToken === undefined)
    throw failure("The sign-in service gave no refresh token: the sign-in would not last.");
  const claims = { ...readClaims(accessToken), ...(idToken === undefined ? {} : readClaims(idToken)) };
  const tenantId = String(claims.tid ?? "");
  const name = String(claims.preferred_username ?? claims.upn ?? claims.unique_name ?? "");
  return {
    credential: { kind: "refresh-token", tenantId, clientId: CLI_CLIENT_ID, refreshToken },
    user: { name, type: "user" },
    tenantId,
  };
}
