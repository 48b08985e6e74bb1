/**
 * Long-running operations under way or just over, by their ids: in memory, bounded. What they do is in the change log; only the
 * addresses that clients poll are forgotten when the process ends.
 */
import type { PrincipalId } from "../state/identifiers.ts";
import type { Ports } from "../state/ports.ts";
import type { Reply } from "../wire/exchange.ts";

/** Operations remembered; the oldest go first. Our choice: a client polls for minutes, not for thousands of operations. */
const maxResults = 10_000;

/** Seconds a client waits between polls; Azure says 15 to 17, we are quicker. 0 would count as "not said" and make az wait 30. */
export const retryAfterSeconds = 1;

export type OperationResult = {
  readonly startedBy: PrincipalId;
  /** Whoever may do this there may ask too. */
  readonly readAction: string;
  readonly readScope: string;
  /** The answer when it is over; undefined while it goes on. @throws Refusal, ArmRefusal when it failed. */
  readonly outcome: () => Reply | undefined;
};

export class OperationResults {
  readonly #results = new Map<string, OperationResult>();
  readonly #ports: Pick<Ports, "guid">;

  constructor(ports: Pick<Ports, "guid">) {
    this.#ports = ports;
  }

  /** @returns the id under which it can be asked for. */
  add(result: OperationResult): string {
    const id = this.#ports.guid();
    this.#results.set(id, result);
    if (this.#results.size > maxResults) this.#results.delete(this.#results.keys().next().value!);
    return id;
  }

  get(id: string): OperationResult | undefined {
    return this.#results.get(id.toLowerCase());
  }
}
