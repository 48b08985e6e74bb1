/**
 * Userinfo: who a token was issued for. Entra's second version has this at Graph, its first here; both take the same token.
 * Spec: OpenID Connect Core 5.3; https://learn.microsoft.com/entra/identity-platform/userinfo
 */

import { isGraphAudience } from "../tokens/audiences.ts";
import { TokenRefusal, type VerifiedToken } from "../tokens/token.ts";
import { describeUserinfo } from "../tokens/userinfo.ts";
import type { Reply } from "../wire/exchange.ts";
import { uncached } from "./render.ts";
import { readTenantName } from "./tenant-name.ts";
import type { Visit } from "./visit.ts";

export function answerUserinfo(visit: Visit): Reply {
  const token = verifyBearer(visit);
  if (token === undefined) return challenge("invalid_token", "The access token is missing, wrong or out of date.");
  readTenantName(visit, "token");
  const user = visit.cloud.model.users.get(token.principalId);
  const isForPerson = token.kind === "user" && token.scopes.includes("openid");
  if (user === undefined || !isForPerson) {
    return challenge("insufficient_scope", "The access token was not issued for a person with the scope openid.");
  }
  return { status: 200, headers: uncached, body: describeUserinfo(user, token.appId, token.scopes) };
}

function verifyBearer({ exchange, cloud, ownOrigins }: Visit): VerifiedToken | undefined {
  const [, token] = /^Bearer +(\S+)$/i.exec(exchange.request.headers.authorization ?? "") ?? [];
  if (token === undefined) return undefined;
  try {
    return cloud.verifier.verify(token, (audience) => isGraphAudience(audience, ownOrigins));
  } catch (cause) {
    if (cause instanceof TokenRefusal) return undefined;
    throw cause;
  }
}

/** RFC 6750 section 3. */
function challenge(error: "invalid_token" | "insufficient_scope", description: string): Reply {
  return {
    status: error === "invalid_token" ? 401 : 403,
    headers: { ...uncached, "www-authenticate": `Bearer error="${error}", error_description="${description}"` },
    body: { error, error_description: description },
  };
}
