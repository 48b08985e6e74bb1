/** Where the portal will stand; until then its address says so instead of pretending. */
import { type Exchange, sendReply } from "./wire/exchange.ts";
import type { Surface } from "./wire/operation.ts";

export function createPortalSurface(): Surface {
  return {
    name: "portal",
    operations: [],
    handle: async (exchange: Exchange) => {
      const body =
        "The portal is not part of this version yet. Everything it will do can be done with `postern` and `az`.\n";
      sendReply(exchange, { status: 501, headers: { "content-type": "text/plain; charset=utf-8" }, body });
    },
  };
}
