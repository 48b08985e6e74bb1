/**
 * How a drill strikes a request: the answer that Azure's service gives in that state, or a pause.
 *
 * Owns: which requests a drill meets. The bodies are those of wire/busy.ts.
 */
import { setTimeout as pause } from "node:timers/promises";
import { sendBusy } from "../wire/busy.ts";
import type { Exchange } from "../wire/exchange.ts";
import type { DrillSurface, Drills } from "./drills.ts";

/** Longest token whose principal is looked at; past it the request carries none that a drill could mean. */
const maxTokenLength = 16_384;

/** Which drills a request may meet. Our own planes are met by none: a drill could not be ended. */
function surfacesOf({ surface, path }: Exchange): readonly DrillSurface[] {
  switch (surface) {
    case "entra":
      return /\/oauth2\/(?:v2\.0\/)?token\/?$/i.test(path) ? ["token", "entra"] : ["entra"];
    case "graph":
    case "arm":
    case "blob":
      return [surface];
    default:
      return [];
  }
}

/** The `oid` of the request's token. It is not verified: who lies about it meets another drill, and the surface refuses the lie. */
function principalOf({ request }: Exchange): string | null {
  const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  const payload = token !== undefined && token.length <= maxTokenLength ? token.split(".")[1] : undefined;
  if (payload === undefined) return null;
  try {
    const { oid } = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as { readonly oid?: unknown };
    return typeof oid === "string" ? oid.toLowerCase() : null;
  } catch {
    return null;
  }
}

/** @returns whether the request was answered; false when it is to go on, late perhaps. */
export async function strike(drills: Drills, exchange: Exchange, now: () => Date): Promise<boolean> {
  const drill = drills.meet(surfacesOf(exchange), () => principalOf(exchange));
  if (drill === undefined) return false;
  if (drill.fault === "slow") {
    await pause(drill.delayMs);
    return false;
  }
  sendBusy(exchange, drill.fault === "throttled" ? "throttled" : "busy", drill.retryAfterSeconds, now());
  return true;
}
