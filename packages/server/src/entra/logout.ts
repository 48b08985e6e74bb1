/**
 * The end session endpoint: signs the browser out, and sends it on only to an address that is registered with an application it was signed in to, or
 * that the request names and proves. The other applications of the session are told in hidden frames, at the address each has registered for that
 * (`web/logoutUrl`): with the issuer and the session's name, which their id tokens had if they asked for `sid`.
 * Spec: OpenID Connect RP-Initiated Logout 1.0, Front-Channel Logout 1.0;
 * https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#send-a-sign-out-request
 */
import type { AppId } from "../state/identifiers.ts";
import { parseGuid } from "../state/identifiers.ts";
import { readIdTokenAudience } from "../tokens/id-token-hint.ts";
import { issuerOf } from "../tokens/issuers.ts";
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
  const { sid, clientIds, cookie } = endSession(visit, readBrowser(visit));
  const frames = sid === undefined ? [] : signOutAddresses(visit, clientIds, sid);
  const asked = form.get("post_logout_redirect_uri");
  const named = namedClient(visit, form);
  if (asked !== undefined && isRegistered(visit, asked, named === undefined ? clientIds : [named])) {
    const state = form.get("state");
    const next = state === undefined ? asked : withParameters(asked, { state });
    if (frames.length === 0) return redirect(visit, next, cookie);
    return renderPage(visit, { ...lastPage(signedOut, "You are being sent on."), cookie, frames, next });
  }
  const text = lastPage(signedOut, "It is a good idea to close all windows of this browser.");
  return renderPage(visit, { ...text, cookie, frames });
}

const signedOut = "You have signed out";

/**
 * Where the applications of a session want to be told that it has ended. No application lives at this server's own address: a frame of the page's
 * own origin could reach the page.
 */
function signOutAddresses({ cloud, exchange, ownOrigins }: Visit, clientIds: readonly AppId[], sid: string): string[] {
  const { applications, tenant } = cloud.model;
  const iss = issuerOf("2.0", tenant.tenantId);
  return clientIds.flatMap((appId) => {
    const address = applications.findOne("appId", appId)?.logoutUrl ?? undefined;
    const origin = address === undefined ? undefined : URL.parse(address)?.origin;
    const isOurs = origin === undefined || origin === exchange.origin || ownOrigins.includes(origin);
    return isOurs ? [] : [withParameters(address!, { iss, sid })];
  });
}

function withParameters(address: string, parameters: Readonly<Record<string, string>>): string {
  const text = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`);
  return `${address}${address.includes("?") ? "&" : "?"}${text.join("&")}`;
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
