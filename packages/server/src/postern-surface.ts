/**
 * Our own small plane: what this is, is it alive, is it ready: that it tells anyone. What others put beside it judges its callers itself.
 */
import { type Exchange, sendReply } from "./wire/exchange.ts";
import type { OperationRow, Surface } from "./wire/operation.ts";

type TextRow = OperationRow & { readonly path: string; readonly text: string };

const healthDoc = "https://kubernetes.io/docs/reference/using-api/health-checks/";
const greeting = "This is Postern: sign-in, roles and storage for apps outside Azure. The portal is at /portal.";

function row(operation: string, path: string, text: string, doc: string): TextRow {
  return { operation, method: "GET", match: path, path, text, permission: "public", doc, sample: { target: path } };
}

const operations: readonly TextRow[] = [
  row("Greeting", "/", greeting, "https://www.rfc-editor.org/rfc/rfc9110"),
  row("Liveness", "/healthz", "ok", healthDoc),
  row("Readiness", "/readyz", "ok", healthDoc),
];

/** Whoever watches over a server asks here, however much it has to do. */
export const healthPaths: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);

/** An operation of another room that is reached on this plane. */
export type PosternRow = OperationRow & {
  readonly pattern: RegExp;
  readonly handle: (exchange: Exchange, match: RegExpExecArray) => Promise<void>;
};

/** Says whether requests should be sent here; without one they always should. */
export type Health = { readiness(): { readonly isReady: boolean; readonly text: string } };

export function createPosternSurface(others: readonly PosternRow[] = [], health?: Health): Surface {
  return {
    name: "postern",
    operations: [...operations, ...others],
    handle: async (exchange: Exchange) => {
      for (const row of others) {
        const match = row.method === exchange.request.method ? row.pattern.exec(exchange.path) : null;
        if (match === null) continue;
        noteOperation(exchange, row);
        return row.handle(exchange, match);
      }
      const found = operations.find(({ path }) => path === exchange.path);
      noteOperation(exchange, found);
      const isRead = exchange.request.method === "GET" || exchange.request.method === "HEAD";
      const [status, text] =
        found === undefined ? [404, "not found"] : isRead ? answerOf(found, health) : [405, "GET only"];
      const headers = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };
      sendReply(exchange, { status, headers, body: `${text}\n` });
    },
  };
}

function noteOperation({ note }: Exchange, row: OperationRow | undefined): void {
  if (note !== undefined && row !== undefined) note.operation = row.operation;
}

function answerOf({ path, text }: TextRow, health: Health | undefined): [status: number, text: string] {
  if (path !== "/readyz" || health === undefined) return [200, text];
  const { isReady, text: said } = health.readiness();
  return [isReady ? 200 : 503, said];
}
