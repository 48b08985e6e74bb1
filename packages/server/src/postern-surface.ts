/**
 * Our own small plane: is the process alive, is it ready. Answers anyone, tells nothing but that.
 */
import { type Exchange, sendReply } from "./wire/exchange.ts";
import type { OperationRow, Surface } from "./wire/operation.ts";

type HealthRow = OperationRow & { readonly path: string };

const doc = "https://kubernetes.io/docs/reference/using-api/health-checks/";

const operations: readonly HealthRow[] = [
  {
    operation: "Liveness",
    method: "GET",
    match: "/healthz",
    path: "/healthz",
    permission: "public",
    doc,
    sample: { target: "/healthz" },
  },
  {
    operation: "Readiness",
    method: "GET",
    match: "/readyz",
    path: "/readyz",
    permission: "public",
    doc,
    sample: { target: "/readyz" },
  },
];

export function createPosternSurface(): Surface {
  return {
    name: "postern",
    operations,
    handle: async (exchange: Exchange) => {
      const row = operations.find(({ path }) => path === exchange.path);
      const isRead = exchange.request.method === "GET" || exchange.request.method === "HEAD";
      const [status, text] = row === undefined ? [404, "not found"] : isRead ? [200, "ok"] : [405, "GET only"];
      sendReply(exchange, {
        status,
        headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
        body: `${text}\n`,
      });
    },
  };
}
