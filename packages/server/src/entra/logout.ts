/**
 * The end session endpoint: signs the browser out, and sends it on only to an address that is registered with an application it was signed in to, or
 * that the request names and proves. Applications are not told by hidden frames (front-channel logout): browsers no longer send them cookies.
 * Spec: OpenID Connect RP-Initiated Logout 1.0; https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#send-a-sign-out-request
 */
import type { AppId } from "../state/identifiers.ts";
import { parseGuid } from "../state/identifiers.ts";
import { readIdTokenAudience } from "../tokens/id-token-hint.ts";
import type { Reply } from "../wire/exchange.ts";
import { isSignOutUri } from "./authorize/redirect-uri.ts";
import { redirect } from "./authorize/response.ts";
import { readForm } from "./form.ts";
import { endSession, readBrowser } from "./sign-in/browser.ts";
import { renderPage } from "./sign-in/page.ts";
import { lastPage } from "./sign-in/pages.ts";
import { readTenantName } from "./tenant-name.ts";
import type { Visit } from "./visit.ts";

export function answerLogout(visit: Visit): Reply {
  return signOut(visit, visit.query);
}

export async function answerLogoutPost(visit: Visit): Promise<Reply> {
  return signOut(visit, await readForm(visit.exchange.request, "post_logout_redirect_uri"));
}

function signOut(visit: Visit, form: ReadonlyMap<string, string>): Reply {
  readTenantName(visit, "token");
  const { clientIds, cookie } = endSession(visit, readBrowser(visit));
  const asked = form.get("post_logout_redirect_uri");
  const named = namedClient(visit, form);
  if (asked !== undefined && isRegistered(visit, asked, named === undefined ? clientIds : [named])) {
    const state = form.get("state");
    const mark = asked.includes("?") ? "&" : "?";
    return redirect(visit, state === undefined ? asked : `${asked}${mark}state=${encodeURIComponent(state)}`, cookie);
  }
  const text = lastPage("You have signed out", "It is a good idea to close all windows of this browser.");
  return renderPage(visit, { ...text, cookie });
}

/** @returns the application the request is about, by a token we gave it or by its name. */
function namedClient({ cloud }: Visit, form: ReadonlyMap<string, string>): AppId | undefined {
  const hint = form.get("id_token_hint");
  const client = hint === undefined ? form.get("client_id") : readIdTokenAudience(cloud.tokens.keyRing, hint);
  return parseGuid<"AppId">(client) as AppId | undefined;
}

function isRegistered({ cloud }: Visit, uri: string, clientIds: readonly AppId[]): boolean {
  return clientIds.some((appId) => {
    const application = cloud.model.applications.findOne("appId", appId);
    return application !== undefined && isSignOutUri(application, uri);
  });
}
