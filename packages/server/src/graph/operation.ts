/**
 * What a row of Graph's operation table is, and what its handler is given.
 *
 * A request takes one way: match -> authenticate -> decide -> handle -> render. A handler begins where the decision has been made.
 */
import type { Cloud } from "../cloud.ts";
import { type DirectoryAction, permissionsFor } from "../directory/permissions.ts";
import type { Actor } from "../state/change.ts";
import type { VerifiedToken } from "../tokens/token.ts";
import type { Exchange, Reply } from "../wire/exchange.ts";
import type { OperationRow } from "../wire/operation.ts";
import type { Key } from "./address.ts";
import type { QueryOptions } from "./query.ts";

/** One request that was matched, authenticated and allowed. */
export type GraphCall = {
  readonly cloud: Cloud;
  readonly exchange: Exchange;
  readonly caller: VerifiedToken;
  /** Who the change log names. */
  readonly actor: Actor;
  /** Where links and contexts begin: `https://graph.microsoft.com/v1.0`. */
  readonly base: string;
  /** The keys in the path, by the names of the row's match. */
  readonly keys: Readonly<Record<string, Key>>;
  readonly options: QueryOptions;
  /** `ConsistencyLevel: eventual` and `$count=true`: the request may filter and count as Graph's index can. */
  readonly isAdvanced: boolean;
  /** The JSON body; undefined when the operation takes none. */
  readonly body: unknown;
};

/** What the decision is made about, found before anything is checked or changed. */
export type TargetOf = (call: Pick<GraphCall, "cloud" | "keys" | "body">) => string | undefined;

export type GraphOperation = OperationRow & {
  readonly action: DirectoryAction;
  /** Object id of what is acted on, where owning it counts. */
  readonly target?: TargetOf;
  /** The request carries a JSON body, read before the decision: it may name what is acted on. */
  readonly takesBody: boolean;
  /** The operation needs a person: an app's own token is refused. */
  readonly isDelegatedOnly?: boolean;
  readonly handle: (call: GraphCall) => Reply | Promise<Reply>;
};

/** A GUID that names nothing, for samples. */
const sampleId = "11111111-2222-4333-8444-555555555555";

type RowInput = Omit<GraphOperation, "permission" | "sample" | "doc" | "takesBody"> & {
  /** Name of the page below learn.microsoft.com/graph/api/. */
  readonly doc: string;
  /** A body of the right shape; given when the operation takes one. */
  readonly sampleBody?: unknown;
};

/** Completes a row: its permissions are those of its action, its sample is its match with the keys filled in. */
export function operation({ doc, sampleBody, ...row }: RowInput): GraphOperation {
  const target = `/v1.0${row.match.replaceAll(/\{[^}]+\}/g, sampleId)}`;
  return {
    ...row,
    takesBody: sampleBody !== undefined,
    permission: permissionsFor(row.action),
    doc: `https://learn.microsoft.com/graph/api/${doc}`,
    sample:
      sampleBody === undefined
        ? { target }
        : { target, body: JSON.stringify(sampleBody), headers: { "content-type": "application/json" } },
  };
}
