/** `postern account list`. @see https://learn.microsoft.com/rest/api/resources/subscriptions/list */
import { defineCommand, type Row } from "../../command/command.ts";
import type { Json } from "../../http/service-client.ts";
import { openSession } from "../../session.ts";
import { listSubscriptions } from "./subscription.ts";

export const command = defineCommand({
  options: {},
  examples: [{ summary: "List subscriptions", line: "postern account list --output table" }],
  run: async (context) => {
    return { data: await listSubscriptions(await openSession(context), "cloudName"), toRows };
  },
});

function toRows(subscriptions: readonly Json[]): Row[] {
  return subscriptions.map(({ name, cloudName, id, tenantId, state, isDefault }) => ({
    Name: name,
    CloudName: cloudName,
    SubscriptionId: id,
    TenantId: tenantId,
    State: state,
    IsDefault: isDefault,
  }));
}
