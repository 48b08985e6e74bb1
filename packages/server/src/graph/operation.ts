/**
 * What a row of Graph's operation table is, and what its handler is given.
 *
 * A request takes one way: match -> authenticate -> decide -> handle -> render. A handler begins where the decision has been made.
 */
import type { Cloud } from "../cloud.ts";
import type { FailedSignIns } from "../directory/failed-sign-ins.ts";
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
  /** Where the request came in; of a part of a batch, where it would have come in by itself. */
  readonly exchange: Pick<Exchange, "origin" | "prefix" | "path" | "query" | "requestId" | "note">;
  readonly action: DirectoryAction | "signed-in";
  readonly caller: VerifiedToken;
  /** Who the change log names. */
  readonly actor: Actor;
  /** Where links and contexts begin: `https://graph.microsoft.com/v1.0`. */
  readonly base: string;
  /** The keys in the path, by the names of the row's match. */
  readonly keys: Readonly<Record<string, Key>>;
  readonly options: QueryOptions;
  readonly view: View;
  /** `ConsistencyLevel: eventual`: the request may be answered by Graph's index. */
  readonly isEventual: boolean;
  /** Eventual, and counting or searching: the request may filter and order as the index can. */
  readonly isAdvanced: boolean;
  readonly isBatchPart: boolean;
  readonly failedSignIns: FailedSignIns;
  /** As the socket has it; undefined when the client has gone. */
  readonly remoteAddress: string | undefined;
  /** Value of a request header, by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  /** Answers a part of a batch as a request of its own; absent in a part, so that no batch holds another. */
  readonly dispatch?: (part: GraphRequest) => Promise<Reply>;
  /** The JSON body; undefined when the operation takes none. */
  readonly body: unknown;
};

/** One request to the surface, whether it came by itself or as a part of a batch. */
export type GraphRequest = {
  readonly method: string;
  readonly exchange: GraphCall["exchange"];
  readonly remoteAddress: string | undefined;
  /** By names in lower case. */
  readonly header: (name: string) => string | undefined;
  readonly readBody: () => Promise<unknown>;
};

/** How a collection is looked at: segments after it that name no relationship. */
export type View = {
  /** Name of the type it is cast to, as in `/members/microsoft.graph.user`. */
  readonly cast: string | undefined;
  /** `/$count`: the number alone. */
  readonly isCount: boolean;
  /** `/$ref`: addresses alone. */
  readonly isReference: boolean;
};

/** What the decision is made about, found before anything is checked or changed. */
export type TargetOf = (call: Pick<GraphCall, "cloud" | "keys" | "body">) => string | undefined;

export type GraphOperation = OperationRow & {
  /** `signed-in`: any valid token will do; what is done within is decided by itself. */
  readonly action: DirectoryAction | "signed-in";
  /** The action, where the body or the kind of what the path names makes it another one than the row's. */
  readonly actionFor?: (call: Pick<GraphCall, "cloud" | "keys" | "body">) => DirectoryAction;
  /** The answer is a collection: it may be counted, cast or listed by reference. */
  readonly isCollection?: boolean;
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
  /** Name of the page below learn.microsoft.com/graph/api/, or a whole address. */
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
    permission: row.action === "signed-in" ? row.action : permissionsFor(row.action),
    doc: doc.startsWith("https://") ? doc : `https://learn.microsoft.com/graph/api/${doc}`,
    sample:
      sampleBody === undefined
        ? { target }
        : { target, body: JSON.stringify(sampleBody), headers: { "content-type": "application/json" } },
  };
}
