/** Where a resource goes when nobody says: where its group is. May use: azure/, http/, session.ts. */
import { resourceGroupPath, versioned } from "../../azure/resource-manager.ts";
import { ServiceFault } from "../../http/service-fault.ts";
import type { Session } from "../../session.ts";

/** The group's own region. A group that is not there is a bad argument here, as in az: exit code 2. */
export async function findGroupLocation(session: Session, subscriptionId: string, group: string): Promise<string> {
  const path = versioned(resourceGroupPath(subscriptionId, group), "resourceGroups");
  try {
    return String((await session.resourceManager.json("GET", path)).location);
  } catch (error) {
    throw error instanceof ServiceFault && error.status === 404 ? new ServiceFault("usage", error) : error;
  }
}
