/**
 * Reads an authorization request: first what decides where an answer may go (client, redirect URI), then everything else.
 *
 * Owns: the order. Until the redirect URI is known to be the client's, an error is a page of ours; after that it goes to the client.
 * Spec: RFC 6749 section 4.1.1, RFC 7636 section 4.3, OpenID Connect Core 3.1.2.1;
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#request-an-authorization-code
 */
import { firstPartyAppIds } from "../../state/first-party.ts";
import type { AppId } from "../../state/identifiers.ts";
import type { CodeChallenge } from "../../tokens/authorization-code.ts";
import type { ClientPlatform } from "../../tokens/refresh-token.ts";
import { checkClaimsRequest } from "../claims-request.ts";
import { type Client, findClient } from "../client.ts";
import { refuse } from "../fault.ts";
import { need } from "../form.ts";
import type { Dialect } from "../requested-resource.ts";
import type { SignInAttempt } from "../sign-in-attempt.ts";
import { readTenantName, type TenantName } from "../tenant-name.ts";
import type { Visit } from "../visit.ts";
import { matchPortalUri, matchRedirectUri } from "./redirect-uri.ts";

export type ResponseMode = "query" | "fragment" | "form_post";

/** Where the answer goes, and how. */
export type ResponseTarget = {
  readonly uri: string;
  readonly mode: ResponseMode;
  readonly state: string | null;
};

export type Prompt = "none" | "login" | "select_account" | "consent";

/** A request that may be answered; plain data, carried by the pages. */
export type AuthorizeRequest = {
  readonly dialect: Dialect;
  readonly clientId: AppId;
  readonly target: ResponseTarget;
  /** As it was sent; null when it was not. */
  readonly redirectUri: string | null;
  readonly platform: ClientPlatform;
  readonly isCodeAsked: boolean;
  readonly isIdTokenAsked: boolean;
  readonly scope: string | null;
  readonly resource: string | null;
  readonly nonce: string | null;
  readonly challenge: CodeChallenge | null;
  readonly prompts: readonly Prompt[];
  readonly loginHint: string | null;
  /** In seconds; null for any. */
  readonly maxAgeSeconds: number | null;
};

/** What is known when the place to answer at is. */
export type AuthorizeStart = Pick<AuthorizeRequest, "dialect" | "target" | "redirectUri" | "platform"> & {
  readonly tenantName: TenantName;
  readonly client: Client;
};

/** Longest login_hint that is looked at, in characters: a user name's. */
const maxHintChars = 113;
/** RFC 7636 section 4.1: 43 to 128 of the unreserved characters. */
const challengePattern = /^[A-Za-z0-9\-._~]{43,128}$/;

/**
 * @throws EntraRefusal, for a page of ours to show.
 */
export function readStart(
  visit: Visit,
  dialect: Dialect,
  form: ReadonlyMap<string, string>,
  attempt: SignInAttempt,
): AuthorizeStart {
  const tenantName = readTenantName(visit, "token");
  const clientId = need(form, "client_id");
  // Nobody here is a personal account, so no application is known there.
  if (tenantName.kind === "consumers") refuse({ kind: "client-unknown", client: clientId, tenant: "consumers" });
  const client = findClient(visit, { clientId, secret: undefined }, attempt);
  const { appId, displayName, servicePrincipal } = client;
  if (servicePrincipal?.accountEnabled === false) refuse({ kind: "client-disabled", appId, appName: displayName });
  const redirectUri = form.get("redirect_uri");
  const match = matchUri(visit, client, redirectUri);
  if (match === undefined) {
    return redirectUri === undefined
      ? refuse({ kind: "redirect-missing" })
      : refuse({ kind: "redirect-unregistered", redirectUri, appId });
  }
  const { platform, uri } = match;
  const target = { uri, mode: responseModeOf(form), state: form.get("state") ?? null };
  return { dialect, tenantName, client, platform, target, redirectUri: redirectUri ?? null };
}

function matchUri({ cloud, ownOrigins }: Visit, { appId, isFirstParty }: Client, uri: string | undefined) {
  if (appId === firstPartyAppIds.azurePortal) return matchPortalUri(ownOrigins, uri);
  const application = isFirstParty ? undefined : cloud.model.applications.findOne("appId", appId);
  return application === undefined && !isFirstParty ? undefined : matchRedirectUri(application, uri);
}

/** @throws EntraRefusal, for the client to be told. */
export function readRequest(start: AuthorizeStart, form: ReadonlyMap<string, string>): AuthorizeRequest {
  const { tenantName, client, dialect, target, redirectUri, platform } = start;
  const types = readResponseTypes(form);
  const isIdTokenAsked = types.has("id_token");
  readResponseMode(form, isIdTokenAsked);
  if (tenantName.kind !== "tenant" && !client.isFirstParty && !client.isMultiTenant) {
    refuse({ kind: "tenant-of-app-needed", appId: client.appId, appName: client.displayName });
  }
  if (isIdTokenAsked && !client.canHaveIdToken) {
    refuse({ kind: "response-type-disabled", responseType: "id_token" });
  }
  if (dialect === "v2" && form.has("resource")) refuse({ kind: "resource-parameter" });
  const scope = dialect === "v2" ? need(form, "scope") : (form.get("scope") ?? null);
  if (isIdTokenAsked) {
    need(form, "nonce");
    if (!(scope ?? "").split(" ").includes("openid")) refuse({ kind: "parameter-invalid", parameter: "scope" });
  }
  const challenge = readChallenge(form);
  // A page's is asked for when the code is redeemed, as Entra does.
  if (challenge === null && types.has("code") && platform === "native") refuse({ kind: "challenge-missing" });
  checkClaimsRequest(form.get("claims"));
  return {
    dialect,
    clientId: client.appId,
    target,
    redirectUri,
    platform,
    isCodeAsked: types.has("code"),
    isIdTokenAsked,
    scope,
    // v1 clients that only want to know who the person is name no resource.
    resource: form.get("resource") ?? (dialect === "v1" ? firstPartyAppIds.microsoftGraph : null),
    nonce: form.get("nonce") ?? null,
    challenge,
    prompts: readPrompts(form),
    loginHint: form.get("login_hint")?.slice(0, maxHintChars) ?? null,
    maxAgeSeconds: readMaxAge(form),
  };
}

/** Tokens by way of the browser's address bar are refused: RFC 9700 section 2.1.2. */
function readResponseTypes(form: ReadonlyMap<string, string>): ReadonlySet<string> {
  const responseType = need(form, "response_type");
  const types = new Set(responseType.split(" ").filter((type) => type !== ""));
  if (types.has("token")) refuse({ kind: "response-type-disabled", responseType: "token" });
  const isKnown = types.size > 0 && [...types].every((type) => type === "code" || type === "id_token");
  return isKnown ? types : refuse({ kind: "response-type-unsupported", responseType });
}

/** How even a refusal is answered: what was asked for if it can be, else what fits the response type. */
function responseModeOf(form: ReadonlyMap<string, string>): ResponseMode {
  const mode = form.get("response_mode");
  const isIdTokenAsked = /(?:^| )(?:id_)?token(?: |$)/.test(form.get("response_type") ?? "");
  if (mode === "fragment" || mode === "form_post" || (mode === "query" && !isIdTokenAsked)) return mode;
  return isIdTokenAsked ? "fragment" : "query";
}

function readResponseMode(form: ReadonlyMap<string, string>, isIdTokenAsked: boolean): void {
  const responseMode = form.get("response_mode");
  if (responseMode === undefined || responseMode === "fragment" || responseMode === "form_post") return;
  // A token in the query would stand in logs and histories.
  if (responseMode !== "query" || isIdTokenAsked) refuse({ kind: "response-mode-unsupported", responseMode });
}

/** Without a method it is `plain`, as the RFC has it. */
function readChallenge(form: ReadonlyMap<string, string>): CodeChallenge | null {
  const value = form.get("code_challenge");
  const method = form.get("code_challenge_method") ?? "plain";
  if (method !== "S256" && method !== "plain")
    refuse({ kind: "parameter-invalid", parameter: "code_challenge_method" });
  if (value === undefined) {
    return form.has("code_challenge_method") ? refuse({ kind: "challenge-missing" }) : null;
  }
  if (!challengePattern.test(value)) refuse({ kind: "challenge-size" });
  return { method, value };
}

function readPrompts(form: ReadonlyMap<string, string>): Prompt[] {
  const prompts = (form.get("prompt") ?? "").split(" ").filter((prompt) => prompt !== "");
  const isKnown = prompts.every((prompt) => ["none", "login", "select_account", "consent"].includes(prompt));
  if (!isKnown || (prompts.includes("none") && prompts.length > 1)) {
    refuse({ kind: "parameter-invalid", parameter: "prompt" });
  }
  return prompts as Prompt[];
}

function readMaxAge(form: ReadonlyMap<string, string>): number | null {
  const text = form.get("max_age");
  if (text === undefined) return null;
  return /^\d{1,9}$/.test(text) ? Number(text) : refuse({ kind: "parameter-invalid", parameter: "max_age" });
}
