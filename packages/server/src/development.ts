/** The development account as a whole: its row and its key at the start, its door while the server runs. May use: the rules, the store, the edge's door. */
import { type CloudOptions, StartFault } from "./cloud-start.ts";
import { type DevelopmentDoor, openDevelopmentDoor } from "./edge/development-door.ts";
import { edgeLimits } from "./edge/limits.ts";
import type { Front } from "./front.ts";
import {
  closeDevelopmentAccount,
  developmentAccountName,
  openDevelopmentAccount,
  prepareDevelopmentGroup,
} from "./resources/development-account.ts";
import { oldestSubscription } from "./resources/subscriptions-order.ts";
import { systemActor } from "./state/change.ts";
import type { Ports } from "./state/ports.ts";
import type { ReadModel } from "./state/read-model.ts";
import type { StateStore } from "./store/state-store.ts";
import type { Exchange } from "./wire/exchange.ts";

/** Gives the account its known key, or takes that from it: before any door is open. */
export async function settleDevelopmentAccount(store: StateStore, isWanted: boolean, ports: Ports): Promise<void> {
  if (!isWanted) {
    // Nothing is written where there is nothing to take.
    if (closeDevelopmentAccount(store.model, ports).changes.length === 0) return;
    await store.change(systemActor, "Close the development account", (model) => closeDevelopmentAccount(model, ports));
    return;
  }
  const subscriptionOf = (model: ReadModel) => {
    const { subscriptionId } = oldestSubscription(model) ?? {};
    if (subscriptionId === undefined) throw new StartFault("--development-account needs a subscription to be put into");
    return subscriptionId;
  };
  await store.change(systemActor, "Open the development account", (model) =>
    prepareDevelopmentGroup(model, subscriptionOf(model)),
  );
  await store.change(systemActor, "Open the development account", (model) =>
    openDevelopmentAccount(model, subscriptionOf(model), ports),
  );
}

type DoorParts = {
  readonly dispatch: (exchange: Exchange) => void | Promise<void>;
  readonly front: Front;
  readonly onFault: (error: unknown, exchange: Exchange) => void;
};

/** @throws StartFault for a port that is taken. */
export async function openDevelopment(
  { developmentPort, edgeLimits: limits }: CloudOptions,
  { dispatch, front, onFault }: DoorParts,
): Promise<DevelopmentDoor | undefined> {
  if (developmentPort === undefined) return undefined;
  const serve = async (exchange: Exchange): Promise<void> => {
    try {
      await dispatch(exchange);
    } catch (cause) {
      const { response } = exchange;
      if (!response.headersSent && front.answerRefusal(cause, exchange)) return;
      onFault(cause, exchange);
      response.destroy();
    }
  };
  try {
    return await openDevelopmentDoor({
      account: developmentAccountName,
      port: developmentPort,
      limits: { ...edgeLimits, ...limits },
      serve: (exchange) => void serve(exchange),
      onAnswered: (exchange) => front.onAnswered(exchange),
    });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause;
    throw new StartFault(
      `port ${developmentPort} of the development account is taken, perhaps by Azurite; name another with --development-port`,
    );
  }
}
