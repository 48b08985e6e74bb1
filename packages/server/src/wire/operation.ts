/**
 * A surface is a table: the rows from which routing, the permission check, the generated coverage page and the
 * stranger test (every operation refuses a caller without a token) are all made.
 */
import type { Exchange, SurfaceName } from "./exchange.ts";

/** The part of an operation's row that is the same on every surface; each surface's own row type extends it. */
export type OperationRow = {
  /** The operation's name as Microsoft's reference calls it, e.g. `Create application`. */
  readonly operation: string;
  readonly method: string;
  /** What of the URL selects it, readable: `/applications/{id}/addPassword`, `/{container}?restype=container`. */
  readonly match: string;
  /**
   * Who may call it, readable: an RBAC operation, Graph permissions joined by " | ", or one of
   * `public` (answers anyone, by protocol: discovery documents, token endpoints) and `signed-in` (any valid token).
   */
  readonly permission: string;
  /** The operation's page on learn.microsoft.com (or the specification's). */
  readonly doc: string;
  /** false: matched, authenticated and decided, then answered 501. Absent means it is implemented. */
  readonly isImplemented?: boolean;
  /** A well-formed request for this row that a stranger could send: target (path and query) and, if need be, headers and body. */
  readonly sample: {
    readonly target: string;
    readonly body?: string;
    readonly headers?: Readonly<Record<string, string>>;
  };
};

export type Surface = {
  readonly name: SurfaceName;
  readonly operations: readonly OperationRow[];
  /** Answers the exchange, whatever it holds; rejects only for a defect of ours. */
  handle(exchange: Exchange): Promise<void>;
};
