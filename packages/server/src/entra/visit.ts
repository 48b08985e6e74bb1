/** One request as the Entra surface sees it: what the dispatcher has read of it, before any operation has. */
import type { Cloud } from "../cloud.ts";
import type { FailedSignIns } from "../directory/failed-sign-ins.ts";
import { isGuid } from "../state/identifiers.ts";
import { ownOriginsOf } from "../tokens/audiences.ts";
import type { TokenService } from "../tokens/service.ts";
import type { Exchange } from "../wire/exchange.ts";
import type { Memory } from "./memory.ts";

export type EntraCloud = Cloud & { readonly tokens: TokenService };

export type EntraOptions = {
  /** `https://localhost:PORT`: where a person's browser reaches this server without the proxy. */
  readonly localOrigin: () => string;
  /** The one count of the cloud. */
  readonly failedSignIns: FailedSignIns;
};

export type Visit = {
  readonly cloud: EntraCloud;
  readonly options: EntraOptions;
  readonly memory: Memory;
  readonly exchange: Exchange;
  /** When the request came; one moment for all that is judged and written in answering it. */
  readonly now: Date;
  /** The client's `client-request-id` when it sent a GUID, else one of ours. */
  readonly correlationId: string;
  /** Percent-decoded values of the path's `{names}`. */
  readonly segments: Readonly<Record<string, string>>;
  readonly query: ReadonlyMap<string, string>;
  /** The names this server goes by for this client; empty when it came by a public host name. */
  readonly ownOrigins: readonly string[];
};

/** Where Entra lives for the world. */
export const publicOrigin = "https://login.microsoftonline.com";

/** What documents build their URLs on: the client's own way in, unless that was through the proxy. */
export function documentOrigin(exchange: Exchange): string {
  return ownOriginsOf(exchange.origin).includes(exchange.origin) ? exchange.origin : publicOrigin;
}

/** @returns the client's correlation id in lower case: from the header, or the query (Node's MSAL), when it is a GUID. */
export function sentCorrelationId(exchange: Exchange, query: ReadonlyMap<string, string>): string | undefined {
  const header = exchange.request.headers["client-request-id"];
  return [header, query.get("client-request-id")].find(isGuid)?.toLowerCase();
}
