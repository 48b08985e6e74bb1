/** Who asks is known now: said for the log, and let through or put off by rate. The one place where surfaces meet this room. */
import type { Cloud } from "../cloud.ts";
import type { Exchange } from "../wire/exchange.ts";

/** What is looked at of a request: an exchange is one. */
type Asking = {
  readonly note?: Exchange["note"] | undefined;
  readonly request: { readonly socket: { readonly remoteAddress?: string | undefined } };
};

/** @param principalId of a token that was verified. @throws Throttled */
export function admitPrincipal({ rateLimits }: Cloud, { note }: Pick<Asking, "note">, principalId: string): void {
  if (note !== undefined) note.caller = principalId;
  rateLimits?.admitPrincipal(principalId);
}

/**
 * Verifies who asks, and lets them through by their own share; who shows nothing good is counted by address.
 * @param verify throws for who is nobody; what it throws is thrown on.
 * @throws Throttled
 */
export function admitCaller<Caller extends { readonly principalId: string }>(
  cloud: Cloud,
  asking: Asking,
  verify: () => Caller,
): Caller {
  let caller: Caller;
  try {
    caller = verify();
  } catch (cause) {
    admitAddress(cloud, asking, "");
    throw cause;
  }
  admitPrincipal(cloud, asking, caller.principalId);
  return caller;
}

/** @param way in that names no principal; "" for none. @throws Throttled */
export function admitAddress({ rateLimits }: Pick<Cloud, "rateLimits">, { note, request }: Asking, way: string): void {
  if (note !== undefined) note.caller = way;
  rateLimits?.admitAddress(request.socket.remoteAddress);
}
