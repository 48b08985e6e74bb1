/** Resources of one kind by the subscription or the group of the path, which must be there. May use: the rules of resources, the context. */
import { requireResourceGroup } from "../resources/resource-groups.ts";
import { requireSubscription } from "../resources/subscriptions.ts";
import { resourceGroupKey } from "../state/entities.ts";
import { type ArmContext, subscriptionOf } from "./context.ts";

/** A table of the read model whose rows lie in resource groups. */
type TableByPlace<Row> = { find(index: "subscriptionId" | "resourceGroup", value: string): readonly Row[] };

/** @throws Refusal for a subscription that is not there. */
export function rowsOfSubscription<Row>(context: ArmContext, table: TableByPlace<Row>): readonly Row[] {
  const subscriptionId = subscriptionOf(context);
  requireSubscription(context.cloud.model, subscriptionId);
  return table.find("subscriptionId", subscriptionId);
}

/** @throws Refusal for a subscription or a group that is not there. */
export function rowsOfGroup<Row>(context: ArmContext, table: TableByPlace<Row>): readonly Row[] {
  const subscriptionId = subscriptionOf(context);
  const { name } = requireResourceGroup(context.cloud.model, subscriptionId, context.params.resourceGroup!);
  return table.find("resourceGroup", resourceGroupKey(subscriptionId, name));
}
