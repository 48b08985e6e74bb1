/**
 * An application that nobody has used yet has no service principal: the first consent to it makes one.
 * @see https://learn.microsoft.com/entra/identity-platform/app-objects-and-service-principals
 */
import { createServicePrincipal } from "../directory/service-principal.ts";
import type { User } from "../state/entities.ts";
import type { AppId, ServicePrincipalObjectId } from "../state/identifiers.ts";
import { actorOf } from "./person-grant.ts";
import type { Visit } from "./visit.ts";

/**
 * Sees to it that an application of the tenant has its service principal. To be asked once it is known that the person may consent.
 * @throws Refusal `reference-not-found` when the application is gone, `limit-reached`.
 */
export async function makePrincipal({ cloud }: Visit, user: User, appId: AppId): Promise<void> {
  const { model, ports, store } = cloud;
  if (model.servicePrincipals.findOne("appId", appId) !== undefined) return;
  const by = { id: ports.guid() as ServicePrincipalObjectId, now: ports.now() };
  await store.change(actorOf(user), "Create service principal", (current) => {
    // Of two people who consent at once, one makes it.
    const there = current.servicePrincipals.findOne("appId", appId);
    return there === undefined ? createServicePrincipal(current, appId, {}, by) : { changes: [], result: there };
  });
}
