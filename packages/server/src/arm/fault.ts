/** Why this surface refuses, beside the rules' own faults: data without text; errors.ts has the words. */
import type { Overruled } from "@postern/access";
import type { TokenFault } from "../tokens/token.ts";

export type ArmFault =
  | { readonly kind: "api-version-missing" }
  | { readonly kind: "api-version-invalid"; readonly given: string }
  | { readonly kind: "authentication-missing" }
  | { readonly kind: "authentication-malformed" }
  | TokenFault
  | {
      readonly kind: "authorization-failed";
      readonly clientName: string;
      readonly objectId: string;
      readonly action: string;
      readonly scope: string;
      /** A role would do, but for a condition. */
      readonly isForCondition: boolean;
    }
  /** The caller holds a role that would do, and a deny assignment overrules it. */
  | {
      readonly kind: "denied-by-deny-assignment";
      readonly clientName: string;
      readonly objectId: string;
      readonly action: string;
      readonly scope: string;
      readonly overruled: Overruled;
    }
  /** The caller may do it here, but not there, where it matters as well. */
  | {
      readonly kind: "linked-authorization-failed";
      readonly clientName: string;
      readonly objectId: string;
      readonly action: string;
      readonly scope: string;
      readonly linkedAction: string;
      readonly linkedScope: string;
    }
  | { readonly kind: "path-malformed" }
  | { readonly kind: "subscription-id-malformed"; readonly given: string }
  | {
      readonly kind: "name-not-guid";
      readonly objectKind: "roleAssignment" | "roleDefinition" | "denyAssignment";
      readonly given: string;
    }
  | { readonly kind: "method-not-allowed"; readonly method: string; readonly allowed: readonly string[] }
  | { readonly kind: "path-unknown" }
  | { readonly kind: "namespace-unknown"; readonly namespace: string }
  | { readonly kind: "type-unknown"; readonly namespace: string; readonly type: string; readonly apiVersion: string }
  | { readonly kind: "content-invalid"; readonly why: string }
  | { readonly kind: "content-too-large"; readonly limitBytes: number }
  | { readonly kind: "filter-invalid"; readonly given: string }
  | { readonly kind: "query-invalid"; readonly parameter: string; readonly given: string }
  | { readonly kind: "container-name-invalid"; readonly given: string }
  | { readonly kind: "container-not-found" }
  | { readonly kind: "container-leased" }
  | { readonly kind: "container-kept" }
  | { readonly kind: "account-kept"; readonly name: string }
  | { readonly kind: "public-access-not-permitted" }
  | { readonly kind: "encryption-scope-not-found" }
  | { readonly kind: "template-invalid"; readonly why: string }
  | { readonly kind: "deployment-not-found"; readonly name: string }
  | { readonly kind: "operation-unknown"; readonly id: string }
  /** A long-running operation of ours came to nothing. */
  | { readonly kind: "operation-failed"; readonly what: string };

/** Thrown on the way through this surface; nothing has been written when it is. */
export class ArmRefusal extends Error {
  readonly fault: ArmFault;
  constructor(fault: ArmFault) {
    super(fault.kind);
    this.name = "ArmRefusal";
    this.fault = fault;
  }
}

export function refuseArm(fault: ArmFault): never {
  throw new ArmRefusal(fault);
}
