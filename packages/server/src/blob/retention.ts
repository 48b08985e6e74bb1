/** What an account keeps of what is overwritten and deleted, as its blob service is set. */
import { noRetention, type Retention } from "./engine/model.ts";
import type { Call } from "./operation-row.ts";

export function retentionOf(_call: Pick<Call, "account">): Retention {
  return noRetention;
}
