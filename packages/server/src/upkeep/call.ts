/**
 * A request on its way through this room: who calls, and how a refusal leaves. Refusals have Resource Manager's shape, as on the rest of our
 * own plane.
 */
import { decide } from "@postern/access";
import type { Cloud } from "../cloud.ts";
import { requireImpersonation } from "../tokens/impersonation.ts";
import { TokenRefusal, type VerifiedToken } from "../tokens/token.ts";
import type { Exchange, Reply } from "../wire/exchange.ts";

export type IsAudience = (audience: string) => boolean;

export class UpkeepRefusal extends Error {
  readonly reply: Reply;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(code);
    this.reply = { status, headers, body: { error: { code, message } } };
  }
}

export type Call = { readonly cloud: Cloud; readonly exchange: Exchange; readonly caller: VerifiedToken };

/** Whose tokens an operation takes. */
export type TokenService = "Resource Manager" | "Microsoft Graph";

/** @throws UpkeepRefusal 401. */
export function authenticate(
  cloud: Cloud,
  isAudience: IsAudience,
  service: TokenService,
  exchange: Exchange,
): VerifiedToken {
  const token = /^Bearer +([^\s]+)$/i.exec(exchange.request.headers.authorization ?? "")?.[1];
  try {
    if (token !== undefined) {
      const verified = cloud.verifier.verify(token, isAudience);
      // Graph's permissions are looked at where each operation is decided.
      return service === "Microsoft Graph" ? verified : requireImpersonation(verified);
    }
  } catch (cause) {
    if (!(cause instanceof TokenRefusal)) throw cause;
  }
  throw new UpkeepRefusal(401, "AuthenticationFailed", `A token for ${service} is needed here.`, {
    "www-authenticate": `Bearer authorization_uri="https://login.windows.net/${cloud.model.tenant.tenantId}", error="invalid_token"`,
  });
}

/** Decides at "/", and records it. @throws UpkeepRefusal 403. */
export function requireRight({ cloud, caller, exchange }: Call, operationName: string, action: string): void {
  const { principalId } = caller;
  const ask = { principalId, operation: action, isDataAction: false, scope: "/" };
  const decision = decide(cloud.model.access, { ...ask, subOperations: [] });
  const outcome = decision.isAllowed ? "allowed" : "denied";
  const time = cloud.ports.now().toISOString();
  const { requestId } = exchange;
  cloud.recorder.recordAccess({ time, requestId, surface: "arm", operation: operationName, ask, outcome, decision });
  if (decision.isAllowed) return;
  const message = `The client with object id '${principalId}' does not have authorization to perform action '${action}' over scope '/' or the scope is invalid. If access was recently granted, please refresh your credentials.`;
  throw new UpkeepRefusal(403, "AuthorizationFailed", message);
}
