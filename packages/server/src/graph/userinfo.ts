/**
 * Userinfo, where Entra's OpenID configuration says it is: beside Graph's versions, not below one.
 * Spec: OpenID Connect Core 5.3; https://learn.microsoft.com/entra/identity-platform/userinfo
 */
import type { Cloud } from "../cloud.ts";
import type { VerifiedToken } from "../tokens/token.ts";
import { describeUserinfo } from "../tokens/userinfo.ts";
import type { Reply } from "../wire/exchange.ts";
import type { OperationRow } from "../wire/operation.ts";
import { refuseGraph } from "./graph-fault.ts";

const path = "/oidc/userinfo";
const doc = "https://learn.microsoft.com/entra/identity-platform/userinfo";

export const userinfoOperations: readonly OperationRow[] = ["GET", "POST"].map((method) => ({
  operation: method === "GET" ? "Userinfo" : "Userinfo (POST)",
  method,
  match: path,
  permission: "signed-in",
  doc,
  sample: { target: path },
}));

export function isUserinfo(method: string, requestPath: string): boolean {
  return requestPath.toLowerCase() === path && userinfoOperations.some((row) => row.method === method);
}

/** @throws GraphRefusal `delegated-only` for an application's own token, `denied` without the scope openid. */
export function answerUserinfo({ model }: Cloud, caller: VerifiedToken): Reply {
  if (caller.kind === "app") refuseGraph({ kind: "delegated-only" });
  const user = model.users.get(caller.principalId);
  if (user === undefined || !caller.scopes.includes("openid")) return refuseGraph({ kind: "denied" });
  return { status: 200, body: describeUserinfo(user, caller.appId, caller.scopes) };
}
