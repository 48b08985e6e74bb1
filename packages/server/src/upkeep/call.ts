/** A request on its way through this room: what the caller may. Who calls, and how a refusal leaves: postern-caller.ts. */
import { decide } from "@postern/access";
import type { Cloud } from "../cloud.ts";
import { refuseRight } from "../postern-caller.ts";
import type { VerifiedToken } from "../tokens/token.ts";
import type { Exchange } from "../wire/exchange.ts";

export type Call = { readonly cloud: Cloud; readonly exchange: Exchange; readonly caller: VerifiedToken };

/** Decides at "/", and records it. @throws PosternRefusal 403. */
export function requireRight({ cloud, caller, exchange }: Call, operationName: string, action: string): void {
  const { principalId } = caller;
  const ask = { principalId, operation: action, isDataAction: false, scope: "/" };
  const decision = decide(cloud.model.access, { ...ask, subOperations: [] });
  const outcome = decision.isAllowed ? "allowed" : "denied";
  const time = cloud.ports.now().toISOString();
  const { requestId } = exchange;
  cloud.recorder.recordAccess({ time, requestId, surface: "arm", operation: operationName, ask, outcome, decision });
  if (decision.isAllowed) return;
  refuseRight(principalId, action, "/");
}
