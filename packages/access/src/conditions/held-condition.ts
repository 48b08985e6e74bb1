/**
 * A condition that an assignment or a permission carries: its text, its version, and, from its first use, its program.
 *
 * Only version 2.0 is evaluated. Resource Manager takes no other for an assignment, and a condition without a version is one of 2.0. One
 * built-in role (Oracle Database DbSystems Administrator) carries version 1.0, whose rules are documented nowhere: its text
 * reads like 2.0, but guessing what it means could grant, so it grants nothing.
 * @see https://learn.microsoft.com/azure/role-based-access-control/conditions-faq
 */
import { type Condition, parseCondition } from "./condition.ts";
import type { ConditionFault } from "./condition-fault.ts";
import { type FailedClause, findFailedClause } from "./diagnosis.ts";
import type { Inquiry } from "./inquiry.ts";

/** The version of the language that is evaluated. */
export const CONDITION_VERSION = "2.0";

/** Why a condition cannot be evaluated at all. */
export type HeldConditionFault = ConditionFault | { readonly kind: "unsupported-version"; readonly version: string };

/** `true`: it grants; `false`: it is false or unknown; `not-evaluable`: its text or its version cannot be read. */
export type HeldConditionAnswer = "true" | "false" | "not-evaluable";

/** A condition with its version, read when first asked. */
export class HeldCondition {
  readonly text: string;
  /** As it was given; null for none, which means 2.0. */
  readonly version: string | null;
  #reading: { readonly condition: Condition } | { readonly fault: HeldConditionFault } | undefined;

  constructor(text: string, version: string | null) {
    this.text = text;
    this.version = version;
  }

  /** Evaluates the condition. */
  answer(inquiry: Inquiry): HeldConditionAnswer {
    const reading = this.#read();
    if ("fault" in reading) return "not-evaluable";
    inquiry.hasBeenAsked = true;
    return reading.condition.isTrue(inquiry) ? "true" : "false";
  }

  /** Says why the answer is not `true`. */
  explain(inquiry: Inquiry): { readonly clause: FailedClause } | { readonly fault: HeldConditionFault } {
    const reading = this.#read();
    inquiry.hasBeenAsked = true;
    return "fault" in reading ? reading : { clause: findFailedClause(reading.condition.expression, inquiry) };
  }

  #read() {
    this.#reading ??= this.#parse();
    return this.#reading;
  }

  #parse(): { readonly condition: Condition } | { readonly fault: HeldConditionFault } {
    if (this.version !== null && this.version !== CONDITION_VERSION) {
      return { fault: { kind: "unsupported-version", version: this.version } };
    }
    const result = parseCondition(this.text);
    return result.isValid ? { condition: result.condition } : { fault: result.fault };
  }
}
