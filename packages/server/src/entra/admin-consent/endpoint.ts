/**
 * The admin consent endpoints, v1 and v2: where an application sends an administrator's browser to be given its permissions for everyone.
 *
 *   start (client, redirect URI) -> request -> the sign-in pages -> the list of permissions -> answer to the client
 *
 * Owns: the reading of the request; no token and no code ever comes of it. May use: the start of an authorization request, the sign-in pages.
 * Spec: https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
 */
import type { Reply } from "../../wire/exchange.ts";
import { type AuthorizeStart, readStart } from "../authorize/request.ts";
import { respondFault } from "../authorize/response.ts";
import { EntraRefusal, refuse } from "../fault.ts";
import { need } from "../form.ts";
import { wordFault } from "../render.ts";
import type { Dialect } from "../requested-resource.ts";
import { readBrowser } from "../sign-in/browser.ts";
import { type AdminConsentRequest, adminConsentMark, startFlow } from "../sign-in/flow.ts";
import { continueFlow } from "../sign-in/steps.ts";
import { recordAttempt, startAttempt } from "../sign-in-attempt.ts";
import type { Visit } from "../visit.ts";

/** All that the application's registration lists. */
export function answerAdminConsentV1(visit: Visit): Promise<Reply> {
  return answerAdminConsent(visit, "v1");
}

/** What `scope` names: delegated permissions one by one, or by `.default` all that the registration lists. */
export function answerAdminConsentV2(visit: Visit): Promise<Reply> {
  return answerAdminConsent(visit, "v2");
}

/** @throws EntraRefusal for what must not be told to the redirect URI: it is not known to be the client's. */
async function answerAdminConsent(visit: Visit, dialect: Dialect): Promise<Reply> {
  const attempt = startAttempt();
  attempt.grant = "admin_consent";
  try {
    const read = readStart(visit, dialect, visit.query, attempt);
    // The answer is in the query alone, whatever a link asks for.
    const start: AuthorizeStart = { ...read, target: { ...read.target, mode: "query" } };
    try {
      const request = readRequest(start, visit.query);
      const flow = startFlow(visit, { kind: "admin-consent", request, shown: null });
      return await continueFlow({ visit, browser: readBrowser(visit), flow });
    } catch (cause) {
      if (!(cause instanceof EntraRefusal)) throw cause;
      recordAttempt(visit, attempt, wordFault(cause.fault).code ?? -1);
      return respondFault(visit, start.target, cause.fault, undefined, adminConsentMark);
    }
  } catch (cause) {
    if (cause instanceof EntraRefusal) recordAttempt(visit, attempt, wordFault(cause.fault).code ?? -1);
    throw cause;
  }
}

/** @throws EntraRefusal, for the client to be told. */
function readRequest(
  { tenantName, client, dialect, target }: AuthorizeStart,
  form: ReadonlyMap<string, string>,
): AdminConsentRequest {
  const { appId, displayName: appName, isFirstParty, isMultiTenant } = client;
  // What Microsoft's own clients may do is settled; nobody can consent to more.
  if (isFirstParty) refuse({ kind: "consent-missing", appId, appName });
  if (tenantName.kind !== "tenant" && !isMultiTenant) refuse({ kind: "tenant-of-app-needed", appId, appName });
  return { dialect, clientId: appId, target, scope: dialect === "v2" ? need(form, "scope") : null };
}
