/**
 * Requests of callers on our own plane: who asks, and how an answer or a refusal leaves. Every room that has rows there takes its callers from here, so
 * that no check is made in one and forgotten in another.
 *
 * Owns: which tokens are taken, and the words of their refusal, which are Resource Manager's, for it is mostly its clients that call. What a caller may
 * do is each room's to ask. May use: the token verifier, the guard, the wire types.
 */
import type { Cloud } from "./cloud.ts";
import { admitCaller } from "./guard/admission.ts";
import { requireImpersonation } from "./tokens/impersonation.ts";
import { TokenRefusal, type VerifiedToken } from "./tokens/token.ts";
import { type Exchange, type Reply, sendReply } from "./wire/exchange.ts";

/** Whose tokens an operation takes, and which `aud` that is. */
export type TakenTokens = {
  readonly service: "Resource Manager" | "Microsoft Graph";
  readonly isAudience: (audience: string) => boolean;
};

/** Carries a refusal to the one place that writes it. */
export class PosternRefusal extends Error {
  readonly reply: Reply;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(code);
    this.reply = { status, headers, body: { error: { code, message } } };
  }
}

/** @throws PosternRefusal 403, in the words of Resource Manager. */
export function refuseRight(principalId: string, action: string, scope: string): never {
  const message = `The client with object id '${principalId}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`;
  throw new PosternRefusal(403, "AuthorizationFailed", message);
}

/**
 * Answers a request with what `handle` gives its caller, or with the refusal that it or the way in throws.
 * @throws Throttled
 */
export async function answerCaller(
  cloud: Cloud,
  exchange: Exchange,
  taken: TakenTokens,
  handle: (caller: VerifiedToken) => Promise<Reply>,
): Promise<void> {
  const reply = await replyTo(cloud, exchange, taken, handle);
  const headers = { "cache-control": "no-store", "x-ms-request-id": exchange.requestId, ...reply.headers };
  sendReply(exchange, { ...reply, headers });
}

async function replyTo(
  cloud: Cloud,
  exchange: Exchange,
  taken: TakenTokens,
  handle: (caller: VerifiedToken) => Promise<Reply>,
): Promise<Reply> {
  try {
    return await handle(admitCaller(cloud, exchange, () => authenticate(cloud, exchange, taken)));
  } catch (cause) {
    if (cause instanceof PosternRefusal) return cause.reply;
    throw cause;
  }
}

/** @throws PosternRefusal 401. */
function authenticate(cloud: Cloud, exchange: Exchange, { service, isAudience }: TakenTokens): VerifiedToken {
  const token = /^Bearer +([^\s]+)$/i.exec(exchange.request.headers.authorization ?? "")?.[1];
  try {
    if (token !== undefined) {
      const verified = cloud.verifier.verify(token, isAudience);
      // What a person let an application do in Graph is looked at where each operation is decided.
      return service === "Microsoft Graph" ? verified : requireImpersonation(verified);
    }
  } catch (cause) {
    if (!(cause instanceof TokenRefusal)) throw cause;
  }
  throw new PosternRefusal(401, "AuthenticationFailed", `A token for ${service} is needed here.`, {
    "www-authenticate": `Bearer authorization_uri="https://login.windows.net/${cloud.model.tenant.tenantId}", error="invalid_token"`,
  });
}
