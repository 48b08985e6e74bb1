/**
 * What expressions and values of a template come to: parameters, variables, IDs of resources, and what other resources say of themselves.
 *
 * May use: expression.ts, functions.ts. Values are worked out when they are asked for: `reference` may have to wait for a resource to be made.
 * @see https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-resource
 */
import { type Expression, parseExpression, refuseTemplate } from "./expression.ts";
import { isRecord, pureFunctions, textOf, type Value } from "./functions.ts";

/** Where a template is deployed. */
export type Place = {
  readonly subscriptionId: string;
  readonly subscriptionName: string;
  readonly tenantId: string;
  /** undefined: the subscription itself. */
  readonly group: { readonly name: string; readonly location: string } | undefined;
};

export type EvaluationInput = {
  readonly place: Place;
  readonly deploymentName: string;
  readonly parameters: ReadonlyMap<string, Value>;
  readonly variables: { readonly [name: string]: unknown };
  /** What a resource says of itself: its properties, or with `isFull` all of it. @param id as `resourceId` writes it. */
  readonly reference: (id: string, apiVersion: string | undefined, isFull: boolean) => Promise<Value>;
};

/** What is known only when a resource has been made; so is every member of it. */
export const UNKNOWN = "(known after deployment)";

type Evaluate = (args: readonly Value[]) => Value | Promise<Value>;

/** Values inside values; our choice. */
const maxDepth = 64;

export class Evaluation {
  readonly #input: EvaluationInput;
  readonly #variables = new Map<string, Value>();
  readonly #working = new Set<string>();
  readonly #copyIndexes: ReadonlyMap<string, number>;
  readonly #own: ReadonlyMap<string, Evaluate>;

  constructor(input: EvaluationInput, copyIndexes: ReadonlyMap<string, number> = new Map()) {
    this.#input = input;
    this.#copyIndexes = copyIndexes;
    this.#own = this.#makeFunctions();
  }

  /** The same, inside one turn of a resource's copy loop. */
  inCopy(name: string, index: number): Evaluation {
    return new Evaluation(this.#input, new Map([...this.#copyIndexes, [name.toLowerCase(), index], ["", index]]));
  }

  get place(): Place {
    return this.#input.place;
  }

  /** Works out every expression of a value. @throws ArmRefusal `template-invalid`. */
  async value(source: unknown, depth = 0): Promise<Value> {
    if (depth > maxDepth) refuseTemplate("The template is nested too deep.");
    if (typeof source === "string") {
      const expression = parseExpression(source);
      return expression === undefined ? source.replace(/^\[\[/, "[") : this.#evaluate(expression);
    }
    if (Array.isArray(source)) {
      const items: Value[] = [];
      for (const item of source) items.push(await this.value(item, depth + 1));
      return items;
    }
    if (isRecord(source)) {
      const members: [string, Value][] = [];
      for (const [name, member] of Object.entries(source)) members.push([name, await this.value(member, depth + 1)]);
      return Object.fromEntries(members);
    }
    return (source ?? null) as Value;
  }

  async text(source: unknown): Promise<string> {
    return textOf(await this.value(source));
  }

  async #evaluate(expression: Expression): Promise<Value> {
    switch (expression.kind) {
      case "literal":
        return expression.value;
      case "member":
        return this.#member(await this.#evaluate(expression.of), await this.#evaluate(expression.key));
      case "call":
        return this.#call(expression.name, expression.args);
    }
  }

  #member(of: Value, key: Value): Value {
    if (of === UNKNOWN) return UNKNOWN;
    if (Array.isArray(of)) return of[Number(key)] ?? refuseTemplate(`The index '${textOf(key)}' is out of bounds.`);
    const name = isRecord(of)
      ? Object.keys(of).find((one) => one.toLowerCase() === textOf(key).toLowerCase())
      : undefined;
    if (name === undefined || !isRecord(of)) {
      return refuseTemplate(`The language expression property '${textOf(key).slice(0, 64)}' doesn't exist.`);
    }
    return of[name]!;
  }

  async #call(name: string, args: readonly Expression[]): Promise<Value> {
    const key = name.toLowerCase();
    if (key === "if") {
      // Only the branch that is taken is worked out.
      const [test, yes, no] = args;
      if (test === undefined || yes === undefined || no === undefined)
        return refuseTemplate("if takes three arguments.");
      return this.#evaluate((await this.#evaluate(test)) === true ? yes : no);
    }
    const values: Value[] = [];
    for (const arg of args) values.push(await this.#evaluate(arg));
    const evaluate = this.#own.get(key) ?? pureFunctions.get(key);
    if (evaluate === undefined) return refuseTemplate(`The template function '${name.slice(0, 64)}' is not valid.`);
    return evaluate(values);
  }

  #makeFunctions(): ReadonlyMap<string, Evaluate> {
    const { place, deploymentName, reference } = this.#input;
    const { subscriptionId, group } = place;
    const subscription = `/subscriptions/${subscriptionId}`;
    const inGroup = (name: string) => `${subscription}/resourceGroups/${name}`;
    const needGroup = () =>
      group ?? refuseTemplate("resourceGroup() is for templates that are deployed to a resource group.");
    return new Map<string, Evaluate>([
      ["parameters", ([name]) => this.#parameter(textOf(name))],
      ["variables", ([name]) => this.#variable(textOf(name))],
      ["copyindex", (args) => this.#copyIndex(args)],
      ["deployment", () => ({ name: deploymentName, properties: {} })],
      [
        "subscription",
        () => ({ id: subscription, subscriptionId, tenantId: place.tenantId, displayName: place.subscriptionName }),
      ],
      ["tenant", () => ({ tenantId: place.tenantId })],
      [
        "environment",
        () => ({
          name: "AzureCloud",
          resourceManager: "https://management.azure.com/",
          suffixes: { storage: "core.windows.net" },
        }),
      ],
      [
        "resourcegroup",
        () => ({
          id: inGroup(needGroup().name),
          ...needGroup(),
          type: "Microsoft.Resources/resourceGroups",
          properties: { provisioningState: "Succeeded" },
        }),
      ],
      ["resourceid", (args) => this.#resourceId(args)],
      ["subscriptionresourceid", (args) => `${this.#head(args)[0]}${resourcePath(this.#head(args)[1])}`],
      ["tenantresourceid", (args) => resourcePath(args)],
      ["extensionresourceid", ([base, ...args]) => `${textOf(base)}${resourcePath(args)}`],
      [
        "reference",
        ([id, version, full]) =>
          reference(
            textOf(id),
            version === undefined ? undefined : textOf(version),
            textOf(full).toLowerCase() === "full",
          ),
      ],
    ]);
  }

  #parameter(name: string): Value {
    const value = this.#input.parameters.get(name.toLowerCase());
    if (value === undefined) refuseTemplate(`The template parameter '${name.slice(0, 64)}' is not found.`);
    return value!;
  }

  async #variable(name: string): Promise<Value> {
    const known = this.#variables.get(name.toLowerCase());
    if (known !== undefined) return known;
    const key = Object.keys(this.#input.variables).find((one) => one.toLowerCase() === name.toLowerCase());
    if (key === undefined) return refuseTemplate(`The template variable '${name.slice(0, 64)}' is not found.`);
    if (this.#working.has(key)) return refuseTemplate(`The template variable '${name.slice(0, 64)}' needs itself.`);
    this.#working.add(key);
    const value = await this.value(this.#input.variables[key]);
    this.#working.delete(key);
    this.#variables.set(name.toLowerCase(), value);
    return value;
  }

  #copyIndex(args: readonly Value[]): Value {
    const name = typeof args[0] === "string" ? args[0].toLowerCase() : "";
    const offset = typeof args[0] === "number" ? args[0] : typeof args[1] === "number" ? args[1] : 0;
    const index = this.#copyIndexes.get(name);
    return index === undefined ? refuseTemplate("copyIndex() is for copy loops.") : index + offset;
  }

  /** A subscription may stand before a resource's type. */
  #head(args: readonly Value[]): [string, readonly Value[]] {
    const [first] = args;
    const hasId = /^[0-9a-f-]{36}$/i.test(textOf(first));
    return hasId
      ? [`/subscriptions/${textOf(first)}`, args.slice(1)]
      : [`/subscriptions/${this.#input.place.subscriptionId}`, args];
  }

  /** `resourceId([subscription], [group], type, name, ...)`. */
  #resourceId(args: readonly Value[]): string {
    const [subscription, rest] = this.#head(args);
    const hasGroup = !textOf(rest[0]).includes("/");
    const group = hasGroup ? textOf(rest[0]) : this.#input.place.group?.name;
    const path = resourcePath(hasGroup ? rest.slice(1) : rest);
    return group === undefined ? `${subscription}${path}` : `${subscription}/resourceGroups/${group}${path}`;
  }
}

/** `Microsoft.Storage/storageAccounts/blobServices`, a, b as `/providers/Microsoft.Storage/storageAccounts/a/blobServices/b`. */
export function resourcePath([type, ...names]: readonly Value[]): string {
  const [namespace = "", ...types] = textOf(type).split("/");
  const given = names.flatMap((name) => textOf(name).split("/"));
  if (types.length === 0 || types.length !== given.length) {
    refuseTemplate(`The type '${textOf(type).slice(0, 128)}' and the number of names do not go together.`);
  }
  // A resource group is no provider's resource in an address.
  if (/^microsoft\.resources$/i.test(namespace) && /^resourcegroups$/i.test(types[0]!))
    return `/resourceGroups/${given[0]}`;
  return `/providers/${namespace}${types.map((one, index) => `/${one}/${given[index]}`).join("")}`;
}
