/**
 * The authorization endpoints, v1 and v2: where an application sends a person's browser to sign in.
 *
 *   start (client, redirect URI) -> request -> the sign-in pages, as far as they are needed -> answer to the client
 *
 * Spec: RFC 6749 section 4.1, RFC 9700, OpenID Connect Core; https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 */
import type { Reply } from "../../wire/exchange.ts";
import { needOwnOrigin } from "../discovery.ts";
import { EntraRefusal, refuse } from "../fault.ts";
import { readForm } from "../form.ts";
import { wordFault } from "../render.ts";
import type { Dialect } from "../requested-resource.ts";
import { readBrowser } from "../sign-in/browser.ts";
import { startFlow } from "../sign-in/flow.ts";
import { continueFlow } from "../sign-in/steps.ts";
import { recordAttempt, startAttempt } from "../sign-in-attempt.ts";
import { readTenantName } from "../tenant-name.ts";
import type { Visit } from "../visit.ts";
import { readRequest, readStart } from "./request.ts";
import { redirect, respondFault } from "./response.ts";

/** Longest query that a POST is turned into, in characters: what the surface reads of a GET. */
const maxQueryChars = 8192;

export function answerAuthorizeV1(visit: Visit): Promise<Reply> {
  return answerAuthorize(visit, "v1");
}

export function answerAuthorizeV2(visit: Visit): Promise<Reply> {
  return answerAuthorize(visit, "v2");
}

/** Speaks scopes as v2 does, for the one tenant of this cloud; on localhost only, as all of `/adfs`. */
export function answerAuthorizeAdfs(visit: Visit): Promise<Reply> {
  needOwnOrigin(visit);
  return answerAuthorize({ ...visit, segments: { tenant: visit.cloud.model.tenant.tenantId } }, "v2");
}

/** @throws EntraRefusal for what must not be told to the redirect URI: it is not known to be the client's. */
async function answerAuthorize(visit: Visit, dialect: Dialect): Promise<Reply> {
  const attempt = startAttempt();
  attempt.grant = "authorize";
  try {
    const start = readStart(visit, dialect, visit.query, attempt);
    try {
      const request = readRequest(start, visit.query);
      const flow = startFlow(visit, { kind: "authorize", request });
      return await continueFlow({ visit, browser: readBrowser(visit), flow });
    } catch (cause) {
      if (!(cause instanceof EntraRefusal)) throw cause;
      recordAttempt(visit, attempt, wordFault(cause.fault).code ?? -1);
      return respondFault(visit, start.target, cause.fault);
    }
  } catch (cause) {
    if (cause instanceof EntraRefusal) recordAttempt(visit, attempt, wordFault(cause.fault).code ?? -1);
    throw cause;
  }
}

export function answerAuthorizePostV1(visit: Visit): Promise<Reply> {
  return sendOn(visit, "oauth2/authorize");
}

export function answerAuthorizePostV2(visit: Visit): Promise<Reply> {
  return sendOn(visit, "oauth2/v2.0/authorize");
}

/**
 * The same request as a form. The browser is sent on to ask by GET: with a form from another site it does not send its cookie, and would seem to be
 * one where nobody is signed in. The address is put together anew: what was written as this one could be read as another host's.
 */
async function sendOn(visit: Visit, path: string): Promise<Reply> {
  const form = await readForm(visit.exchange.request, "client_id");
  const { segment } = readTenantName(visit, "token");
  const query = new URLSearchParams([...form]).toString();
  if (query.length > maxQueryChars) refuse({ kind: "request-malformed" });
  return redirect(visit, `${visit.exchange.origin}/${encodeURIComponent(segment)}/${path}?${query}`);
}
