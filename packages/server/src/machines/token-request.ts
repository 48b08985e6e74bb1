/** What a request to an identity endpoint asks for, out of its query. Names are compared without case, and each may stand once. */
import { scopeOfManagedIdentity } from "../resources/scopes.ts";
import type { ManagedIdentity } from "../state/entities.ts";
import { refuseMachine } from "./fault.ts";
import { maxResourceLength } from "./limits.ts";

/** The names by which each form lets a request choose among identities, and what each is compared with. */
const selectors: Readonly<Record<string, (identity: ManagedIdentity) => string>> = {
  client_id: ({ clientId }) => clientId,
  object_id: ({ principalId }) => principalId,
  principal_id: ({ principalId }) => principalId,
  mi_res_id: scopeOfManagedIdentity,
  msi_res_id: scopeOfManagedIdentity,
};

export class TokenQuery {
  readonly #values = new Map<string, string>();

  /** @throws MachineRefusal `parameter-repeated`. */
  constructor(rawQuery: string) {
    for (const [name, value] of new URLSearchParams(rawQuery)) {
      const key = name.toLowerCase();
      if (this.#values.has(key)) refuseMachine({ kind: "parameter-repeated", parameter: key.slice(0, 64) });
      this.#values.set(key, value);
    }
  }

  /**
   * Demands an api-version of that day or later: the same answer serves all since.
   * @throws MachineRefusal `parameter-missing`, `api-version-unsupported`.
   */
  requireApiVersion(oldest: string): void {
    const given = this.#need("api-version");
    if (!/^\d{4}-\d{2}-\d{2}(-preview)?$/.test(given) || given < oldest)
      refuseMachine({ kind: "api-version-unsupported", given: given.slice(0, 64), oldest });
  }

  /** @throws MachineRefusal `parameter-missing`, `resource-unknown` for one longer than any there is. */
  resource(tenant: string): string {
    const resource = this.#need("resource");
    return resource.length <= maxResourceLength
      ? resource
      : refuseMachine({ kind: "resource-unknown", resource: resource.slice(0, 128), tenant });
  }

  /**
   * Demands that every identity the request names is this one; naming none means it, as where only one identity is assigned.
   * @returns the selectors that were given, for an answer that confirms them.
   * @throws MachineRefusal `identity-not-found`.
   */
  requireIdentity(identity: ManagedIdentity): string[] {
    const given = Object.keys(selectors).filter((name) => (this.#values.get(name) ?? "") !== "");
    for (const name of given) {
      const wanted = this.#values.get(name)!.toLowerCase().replace(/\/$/, "");
      if (wanted !== selectors[name]!(identity).toLowerCase()) refuseMachine({ kind: "identity-not-found" });
    }
    return given;
  }

  #need(parameter: string): string {
    const value = this.#values.get(parameter);
    return value === undefined || value === "" ? refuseMachine({ kind: "parameter-missing", parameter }) : value;
  }
}

/** The value by which an answer confirms a selector. */
export function selectorValue(name: string, identity: ManagedIdentity): string {
  return selectors[name]!(identity);
}
