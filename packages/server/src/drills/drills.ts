/**
 * Drills: what goes wrong in a cloud now and then, on demand and repeatably, so that an app's retries can be tested. Requests that are
 * throttled, refused for want of capacity or answered slowly; role assignments that take a while, and principals that are not known yet.
 *
 * Owns: what is switched on, and whom it meets. In memory only: a restart ends every drill. Nothing is switched on by itself, and no drill
 * ever lets anything through.
 */
import type { AccessFacts, Ask, Assignment, Decision } from "@postern/access";
import { decide } from "@postern/access";
import type { Ports } from "../state/ports.ts";
import type { ReadModel } from "../state/read-model.ts";
import { fractionOf } from "./chance.ts";

/** What a drill meets; `token` is the token endpoints of Entra alone. */
export const drillSurfaces = ["entra", "token", "graph", "arm", "blob"] as const;
export type DrillSurface = (typeof drillSurfaces)[number];
export const drillFaults = ["throttled", "unavailable", "slow"] as const;
export type DrillFault = (typeof drillFaults)[number];

export type Drill = {
  readonly name: string;
  readonly surface: DrillSurface;
  /** Whose requests, by the token they carry; null: everybody's. */
  readonly principalId: string | null;
  readonly fault: DrillFault;
  /** Which part of the requests, from above 0 to 1. */
  readonly probability: number;
  readonly seed: number;
  /** Of `throttled` and `unavailable`: what the answer's Retry-After says. */
  readonly retryAfterSeconds: number;
  /** Of `slow`. */
  readonly delayMs: number;
  /** The drill is over after so many faults; null: only by its time. */
  readonly maxFaults: number | null;
  readonly expiresOn: string;
};

/** How long something takes to be in effect; each thing's own delay lies between the two, by the seed. */
export type Delay = { readonly minSeconds: number; readonly maxSeconds: number };

export type Propagation = {
  readonly seed: number;
  /** From a role assignment's creation to its effect. */
  readonly assignments: Delay;
  /** From a principal's creation until role assignments know it. */
  readonly principals: Delay;
};

/** Drills at a time; each request looks at them all. Our choice. */
export const maxDrills = 32;
/** Longest delay of one answer, in milliseconds; our choice: clients give up after a minute or so. */
export const maxDelayMs = 120_000;
export const maxRetryAfterSeconds = 3_600;
/** Longest time that a drill is on, in seconds; our choice: a night's test run. */
export const maxDrillSeconds = 12 * 3_600;
/** Longest propagation, in seconds. @see https://learn.microsoft.com/azure/role-based-access-control/troubleshooting#symptom---role-assignment-changes-are-not-being-detected */
export const maxPropagationSeconds = 600;
/** Assignments too young to count that are looked past for one decision. Our choice. */
const maxLookedPast = 256;

type Running = { readonly drill: Drill; requestCount: number; faultCount: number };

export class Drills {
  readonly #running = new Map<string, Running>();
  readonly #ports: Pick<Ports, "now">;
  #propagation: Propagation | null = null;

  constructor(ports: Pick<Ports, "now">) {
    this.#ports = ports;
  }

  /** True when no drill is on. */
  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  get propagation(): Propagation | null {
    return this.#propagation;
  }

  setPropagation(propagation: Propagation | null): void {
    this.#propagation = propagation;
  }

  list(): (Drill & { readonly requestCount: number; readonly faultCount: number })[] {
    this.#forgetOver();
    return [...this.#running.values()].map(({ drill, requestCount, faultCount }) => ({
      ...drill,
      requestCount,
      faultCount,
    }));
  }

  /** @returns false when there are too many. A drill of the same name starts anew. */
  start(drill: Drill): boolean {
    this.#forgetOver();
    if (!this.#running.has(drill.name) && this.#running.size >= maxDrills) return false;
    this.#running.set(drill.name, { drill, requestCount: 0, faultCount: 0 });
    return true;
  }

  /** @returns whether it was on. */
  stop(name: string): boolean {
    return this.#running.delete(name);
  }

  #forgetOver(): void {
    const now = this.#ports.now().toISOString();
    for (const [name, { drill, faultCount }] of this.#running) {
      if (drill.expiresOn <= now || faultCount === drill.maxFaults) this.#running.delete(name);
    }
  }

  /**
   * Counts a request in every drill that it meets.
   * @param principalId asked for only when a drill wants to know.
   * @returns the first drill that strikes, or undefined.
   */
  meet(surfaces: readonly DrillSurface[], principalId: () => string | null): Drill | undefined {
    if (this.#running.size === 0) return undefined;
    this.#forgetOver();
    for (const running of this.#running.values()) {
      const { drill } = running;
      if (!surfaces.includes(drill.surface)) continue;
      if (drill.principalId !== null && drill.principalId !== principalId()) continue;
      running.requestCount += 1;
      if (fractionOf(drill.seed, String(running.requestCount)) >= drill.probability) continue;
      running.faultCount += 1;
      return drill;
    }
    return undefined;
  }

  /** Says whether a principal is so young that role assignments do not know it yet. */
  isPrincipalHidden(id: string, createdDateTime: string): boolean {
    const { propagation } = this;
    return propagation !== null && this.#isYoung(id, createdDateTime, propagation.principals, propagation.seed);
  }

  /** What `decide` says while assignments that are too young are not in effect. */
  decideLate(model: ReadModel, ask: Ask, decision: Decision): Decision {
    const { propagation } = this;
    if (propagation === null || !decision.isAllowed) return decision;
    const isYoung = (id: string): boolean => {
      const row = model.roleAssignments.get(id);
      return row !== undefined && this.#isYoung(id, row.createdOn, propagation.assignments, propagation.seed);
    };
    return isYoung(decision.assignmentId) ? decideWithout(model.access, ask, isYoung) : decision;
  }

  #isYoung(id: string, createdOn: string, { minSeconds, maxSeconds }: Delay, seed: number): boolean {
    const delaySeconds = minSeconds + (maxSeconds - minSeconds) * fractionOf(seed, id);
    return this.#ports.now().getTime() < Date.parse(createdOn) + delaySeconds * 1000;
  }
}

/** Takes what is too young out of the facts while it asks, and puts it back: nothing else runs meanwhile. */
function decideWithout(access: AccessFacts, ask: Ask, isYoung: (assignmentId: string) => boolean): Decision {
  const hidden: Assignment[] = [];
  try {
    for (;;) {
      const decision = decide(access, ask);
      if (!decision.isAllowed || !isYoung(decision.assignmentId)) return decision;
      // Too many to look past: denied is what a drill may say, allowed would not be.
      if (hidden.length >= maxLookedPast)
        return { isAllowed: false, reason: "no-assignment", nearest: [], fault: null };
      const assignment = access.assignment(decision.assignmentId)!;
      hidden.push(assignment);
      access.deleteAssignment(assignment.id);
    }
  } finally {
    for (const assignment of hidden.reverse()) access.putAssignment(assignment);
  }
}
