/**
 * Why a rule refuses, as data without text: one closed union, rendered by each surface in its own protocol's words with an exhaustive switch.
 */
import type { ConditionFaultKind } from "@postern/access";
import type { EntityKind } from "./entities.ts";

/** What is wrong with a role assignment's condition; `character` is the place in the text, from 1; null for all of it. */
export type ConditionProblem = {
  readonly kind: ConditionFaultKind | "unsupported-version" | "unknown-attribute" | "unknown-sub-operation";
  readonly character: number | null;
};

export type Fault =
  /** The object the request is about does not exist. */
  | { readonly kind: "object-not-found"; readonly objectKind: EntityKind; readonly id: string }
  /** Something the request refers to does not exist (an SP's appId, a member to add). */
  | {
      readonly kind: "reference-not-found";
      readonly objectKind: EntityKind;
      readonly id: string;
      readonly property: string;
    }
  | {
      readonly kind: "value-invalid";
      readonly objectKind: EntityKind;
      readonly property: string;
      readonly why: "required" | "malformed" | "too-long" | "too-many" | "read-only" | "not-allowed" | "too-weak";
      readonly limit?: number;
      /** What was given, where the protocol's text shows it; never a secret. */
      readonly value?: string;
    }
  /** Another object holds a value that must be unique. */
  | { readonly kind: "value-taken"; readonly objectKind: EntityKind; readonly property: string; readonly value: string }
  /** Adding a member, owner or credential that is there already. */
  | { readonly kind: "already-there"; readonly objectKind: EntityKind; readonly property: string }
  | {
      readonly kind: "limit-reached";
      readonly objectKind: EntityKind;
      readonly property: string;
      readonly limit: number;
    }
  | { readonly kind: "principal-not-found"; readonly principalId: string }
  | {
      readonly kind: "principal-type-mismatch";
      readonly principalId: string;
      readonly actual: string;
      readonly given: string;
    }
  | { readonly kind: "scope-invalid"; readonly scope: string }
  | { readonly kind: "role-definition-not-found"; readonly id: string }
  | { readonly kind: "role-not-assignable-here"; readonly id: string; readonly scope: string }
  | { readonly kind: "role-definition-name-taken"; readonly roleName: string }
  | { readonly kind: "role-definition-in-use"; readonly id: string }
  | { readonly kind: "role-definition-built-in"; readonly id: string }
  | { readonly kind: "role-assignment-exists"; readonly name: string }
  | { readonly kind: "role-assignment-update-not-permitted"; readonly name: string }
  | { readonly kind: "role-assignment-not-found"; readonly id: string }
  | { readonly kind: "condition-invalid"; readonly problem: ConditionProblem }
  | { readonly kind: "last-owner"; readonly name: string }
  | { readonly kind: "subscription-not-found"; readonly subscriptionId: string }
  | { readonly kind: "resource-group-not-found"; readonly name: string }
  | { readonly kind: "resource-group-being-deleted"; readonly name: string }
  | {
      readonly kind: "resource-not-found";
      readonly resourceType: string;
      readonly name: string;
      readonly resourceGroup: string;
    }
  | {
      readonly kind: "location-conflict";
      readonly objectKind: EntityKind;
      readonly name: string;
      readonly existing: string;
      readonly given: string;
    }
  | { readonly kind: "account-name-taken"; readonly name: string }
  | { readonly kind: "account-name-invalid"; readonly name: string }
  | { readonly kind: "not-implemented"; readonly what: string };

/** Thrown by rules; nothing has been written when it is. */
export class Refusal extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.kind);
    this.name = "Refusal";
    this.fault = fault;
  }
}

export function refuse(fault: Fault): never {
  throw new Refusal(fault);
}
