/** The end of an authorization request: a code, an id token, or both. @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#successful-response */
import type { Guid } from "../../state/identifiers.ts";
import type { Reply } from "../../wire/exchange.ts";
import type { Browser, SignedIn } from "../sign-in/browser.ts";
import type { Visit } from "../visit.ts";
import type { AuthorizeRequest } from "./request.ts";
import { respond } from "./response.ts";

export async function finishAuthorize(
  visit: Visit,
  request: AuthorizeRequest,
  person: SignedIn,
  browser: Browser,
): Promise<Reply> {
  const code = request.isCodeAsked ? sealCode(visit, request, person) : undefined;
  const idToken = request.isIdTokenAsked ? await issueIdToken(visit, request, person, code) : undefined;
  const members = {
    ...(code === undefined ? {} : { code }),
    ...(idToken === undefined ? {} : { id_token: idToken }),
  };
  return respond(visit, request.target, members, browser.cookie);
}

function sealCode({ cloud, now }: Visit, request: AuthorizeRequest, { user, signedInAtMs, sid }: SignedIn): string {
  const { clientId, redirectUri, platform, challenge, scope, resource, nonce, target } = request;
  return cloud.tokens.codes.seal({
    codeId: cloud.ports.guid() as Guid,
    userId: user.id,
    clientId,
    redirectUri,
    platform,
    origin: platform === "spa" ? new URL(target.uri).origin : "",
    challenge,
    scope,
    resource,
    nonce,
    issuedAtMs: now.getTime(),
    signedInAtMs,
    sid,
  });
}

function issueIdToken(
  { cloud }: Visit,
  { dialect, clientId, scope, nonce, target }: AuthorizeRequest,
  { user, signedInAtMs, sid }: SignedIn,
  code: string | undefined,
): Promise<string> {
  return cloud.tokens.issueIdToken({
    version: dialect === "v1" ? "1.0" : "2.0",
    user,
    clientId,
    openIdScopes: new Set((scope ?? "").split(" ")),
    nonce: nonce ?? undefined,
    code,
    signedInAtMs,
    sid,
    isInAddress: target.mode === "fragment",
  });
}
