/** Who asks is known now: said for the log, and let through or put off by rate. The one place where surfaces meet this room. */
import type { Cloud } from "../cloud.ts";
import type { Exchange } from "../wire/exchange.ts";

/** @param principalId of a token that was verified. @throws Throttled */
export function admitPrincipal({ rateLimits }: Cloud, { note }: Pick<Exchange, "note">, principalId: string): void {
  if (note !== undefined) note.caller = principalId;
  rateLimits?.admitPrincipal(principalId);
}

/** @param way in that names no principal; "" for none. @throws Throttled */
export function admitAddress({ rateLimits }: Cloud, { note, request }: Exchange, way: string): void {
  if (note !== undefined) note.caller = way;
  rateLimits?.admitAddress(request.socket.remoteAddress);
}
