/** Why an identity endpoint gives no token: data without text; errors.ts has the words of each form. */
export type MachineFault =
  | { readonly kind: "path-unknown" }
  | { readonly kind: "method-not-allowed" }
  /** The address names no session that is alive, or one of another form. */
  | { readonly kind: "session-unknown" }
  | { readonly kind: "identity-header-wrong" }
  | { readonly kind: "metadata-header-missing" }
  | { readonly kind: "forwarded" }
  | { readonly kind: "parameter-missing"; readonly parameter: string }
  | { readonly kind: "parameter-repeated"; readonly parameter: string }
  | { readonly kind: "api-version-unsupported"; readonly given: string; readonly oldest: string }
  | { readonly kind: "resource-unknown"; readonly resource: string; readonly tenant: string }
  | { readonly kind: "resource-disabled"; readonly resource: string }
  /** The request names another identity than the session's, or the session's is gone. */
  | { readonly kind: "identity-not-found" }
  | { readonly kind: "identity-disabled"; readonly clientId: string };

/** Thrown on the way through the endpoints. */
export class MachineRefusal extends Error {
  readonly fault: MachineFault;
  constructor(fault: MachineFault) {
    super(fault.kind);
    this.name = "MachineRefusal";
    this.fault = fault;
  }
}

export function refuseMachine(fault: MachineFault): never {
  throw new MachineRefusal(fault);
}
