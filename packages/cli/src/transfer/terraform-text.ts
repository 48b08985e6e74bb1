/** Names and texts of a Terraform configuration. Pure. May use: inventory.ts. */
import type { Json } from "../http/service-client.ts";
import { SUBSCRIPTION } from "./inventory.ts";

// biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's own template
const SUBSCRIPTION_REFERENCE = "${data.azurerm_subscription.current.subscription_id}";

/** Names blocks: letters, digits and `_`, each only once. */
export class Labels {
  readonly #labels = new Map<string, string>();
  readonly #used = new Set<string>();

  of(kind: string, name: string): string {
    const key = `${kind} ${name.toLowerCase()}`;
    const known = this.#labels.get(key);
    if (known !== undefined) return known;
    const base = name
      .toLowerCase()
      .replace(/[^a-z0-9_]+/g, "_")
      .replace(/^(?=\d)|^$/, "_");
    let label = base;
    for (let count = 2; this.#used.has(`${kind} ${label}`); count += 1) label = `${base}_${count}`;
    this.#used.add(`${kind} ${label}`);
    this.#labels.set(key, label);
    return label;
  }
}

/** `${` and `%{` begin templates, and are doubled not to; after another of their kind, doubling could be read in two ways: there the marks are a text that is filled in. */
export function text(value: string): string {
  return value
    .replace(/(\$+|%+)(?=\{)/g, (marks) => (marks.length === 1 ? marks + marks : `\${"${marks}"}`))
    .replaceAll(SUBSCRIPTION, () => SUBSCRIPTION_REFERENCE);
}

/** Puts a block into a configuration. */
export type Add = (type: string, name: string, body: Json) => void;
