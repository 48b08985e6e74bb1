/**
 * Runs a template: works out each resource, those first that others need, and sends each through this surface's own table as the caller, so that
 * nothing is made by a template that the caller could not make alone.
 *
 * May use: this folder, fault.ts. Mode Incremental only: nothing is ever deleted by a template.
 * @see https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax
 */
import type { Reply } from "../../wire/exchange.ts";
import { Evaluation, type EvaluationInput, type Place, resourcePath, UNKNOWN } from "./evaluation.ts";
import { refuseTemplate } from "./expression.ts";
import { isRecord, textOf, type Value } from "./functions.ts";

/** @see https://learn.microsoft.com/azure/azure-resource-manager/templates/best-practices#template-limits */
const maxResources = 800;
const maxParameters = 256;
/** Deployments inside deployments; our choice. */
const maxNesting = 5;

/** Sends a request of the caller's through the operation table. @param path begins with a slash and is not percent-encoded. */
export type Send = (method: "GET" | "PUT", path: string, apiVersion: string, body?: Value) => Promise<Reply>;

export type Template = { readonly [name: string]: unknown };

export type RunInput = {
  readonly template: Template;
  readonly parameters: Template;
  readonly place: Place;
  readonly deploymentName: string;
  /** `nothing` for a trial: each expression is tried, and what only a made resource can say is unknown. */
  readonly send: Send | "nothing";
  readonly placeOf: (subscriptionId: string, group: string) => Place;
  readonly depth?: number;
};

export type RunResult = {
  readonly resourceIds: readonly string[];
  readonly outputs: { readonly [name: string]: Value };
  readonly parameters: { readonly [name: string]: Value };
  /** Of the resource that could not be made; nothing after it was tried. */
  readonly failure: { readonly code: string; readonly message: string; readonly target: string } | undefined;
};

type Declared = {
  readonly id: string;
  readonly type: string;
  readonly source: Template;
  readonly evaluation: Evaluation;
  state: "waiting" | "working" | "done";
};

class DeploymentFailure extends Error {
  readonly failure: NonNullable<RunResult["failure"]>;
  constructor(failure: NonNullable<RunResult["failure"]>) {
    super(failure.code);
    this.failure = failure;
  }
}

/** Runs a template. @throws ArmRefusal `template-invalid` for what cannot be read, before or after some resources were made. */
export async function runTemplate(input: RunInput): Promise<RunResult> {
  const run = new Run(input);
  return run.start();
}

class Run {
  readonly #input: RunInput;
  readonly #declared = new Map<string, Declared>();
  readonly #made: string[] = [];
  #evaluation!: Evaluation;

  constructor(input: RunInput) {
    this.#input = input;
  }

  async start(): Promise<RunResult> {
    const { template, depth = 0 } = this.#input;
    if (depth > maxNesting) refuseTemplate("Deployments are nested too deep.");
    const parameters = await readParameters(this.#input);
    const values: EvaluationInput = {
      place: this.#input.place,
      deploymentName: this.#input.deploymentName,
      parameters: new Map(Object.entries(parameters).map(([name, value]) => [name.toLowerCase(), value])),
      variables: isRecord(template.variables) ? template.variables : {},
      reference: (id, apiVersion, isFull) => this.#reference(id, apiVersion, isFull),
    };
    this.#evaluation = new Evaluation(values);
    for (const source of resourcesOf(template)) await this.#declare(source, this.#evaluation, "");
    let failure: RunResult["failure"];
    try {
      for (const one of this.#declared.values()) await this.#make(one);
    } catch (cause) {
      if (!(cause instanceof DeploymentFailure)) throw cause;
      failure = cause.failure;
    }
    const outputs = failure === undefined ? await this.#outputs(template.outputs) : {};
    return { resourceIds: this.#made, outputs, parameters, failure };
  }

  /** Names a resource and those inside it. @param parentId of the resource it stands in, or "". */
  async #declare(source: Template, evaluation: Evaluation, parentId: string): Promise<void> {
    if (isRecord(source.copy)) {
      const { copy, ...one } = source as Template & { copy: { readonly [name: string]: Value } };
      const count = Number(await evaluation.value(copy.count));
      if (!Number.isSafeInteger(count) || count < 0 || count > maxResources)
        refuseTemplate("A copy loop's count is no number of resources.");
      for (let index = 0; index < count; index += 1)
        await this.#declare(one, evaluation.inCopy(textOf(copy.name), index), parentId);
      return;
    }
    if (source.condition !== undefined && (await evaluation.value(source.condition)) !== true) return;
    const type = await evaluation.text(source.type);
    const name = await evaluation.text(source.name);
    const id = parentId === "" ? await this.#idOf(source, type, name, evaluation) : `${parentId}/${type}/${name}`;
    if (this.#declared.size >= maxResources) refuseTemplate(`A template has at most ${maxResources} resources.`);
    if (this.#declared.has(id.toLowerCase()))
      refuseTemplate(`The resource '${id}' is defined multiple times in a template.`);
    this.#declared.set(id.toLowerCase(), { id, type, source, evaluation, state: "waiting" });
    for (const child of resourcesOf(source)) await this.#declare(child, evaluation, id);
  }

  async #idOf(source: Template, type: string, name: string, evaluation: Evaluation): Promise<string> {
    const { subscriptionId, group } = evaluation.place;
    const base = `/subscriptions/${subscriptionId}`;
    const own = source.resourceGroup === undefined ? group?.name : await evaluation.text(source.resourceGroup);
    const place = own === undefined ? base : `${base}/resourceGroups/${own}`;
    if (source.scope !== undefined) {
      const scope = await evaluation.text(source.scope);
      const full = scope.startsWith("/") ? scope : `${place}/providers/${scope}`;
      return `${full.replace(/\/$/, "")}${resourcePath([type, name])}`;
    }
    const isGroup = /^microsoft\.resources\/resourcegroups$/i.test(type);
    return `${isGroup ? base : place}${resourcePath([type, name])}`;
  }

  async #make(one: Declared): Promise<void> {
    if (one.state === "done") return;
    if (one.state === "working") refuseTemplate(`Circular dependency detected on resource: '${one.id}'.`);
    one.state = "working";
    const { source, evaluation } = one;
    const after = Array.isArray(source.dependsOn) ? source.dependsOn : [];
    for (const name of after) {
      const other = this.#find(await evaluation.text(name));
      if (other !== undefined) await this.#make(other);
    }
    // What a resource stands in, and what it is attached to, is there before it.
    for (const other of this.#declared.values()) {
      if (other !== one && one.id.toLowerCase().startsWith(`${other.id.toLowerCase()}/`)) await this.#make(other);
    }
    if (/^microsoft\.resources\/deployments$/i.test(one.type)) await this.#nest(one);
    else await this.#put(one);
    one.state = "done";
    this.#made.push(one.id);
  }

  /** `dependsOn` has IDs, or names alone. */
  #find(name: string): Declared | undefined {
    const wanted = name.toLowerCase();
    return (
      this.#declared.get(wanted) ??
      [...this.#declared.values()].find(({ id }) => id.toLowerCase().endsWith(`/${wanted}`))
    );
  }

  async #put({ id, source, evaluation }: Declared): Promise<void> {
    const {
      type: _type,
      name: _name,
      apiVersion,
      dependsOn,
      condition,
      scope,
      resourceGroup,
      resources,
      comments,
      metadata,
      ...rest
    } = source;
    const body = await evaluation.value(rest);
    const { send } = this.#input;
    const version = await evaluation.text(apiVersion);
    if (send === "nothing") return;
    const reply = await send("PUT", id, version, body);
    if (reply.status >= 400) throw new DeploymentFailure({ ...errorOf(reply), target: id });
  }

  async #nest({ id, source, evaluation }: Declared): Promise<void> {
    const properties = isRecord(source.properties) ? source.properties : {};
    if (!isRecord(properties.template))
      refuseTemplate("A nested deployment has its template in it; templateLink is not served.");
    const template = properties.template as Template;
    const options = isRecord(properties.expressionEvaluationOptions) ? properties.expressionEvaluationOptions : {};
    const isInner = textOf(options.scope).toLowerCase() === "inner";
    const { subscriptionId } = evaluation.place;
    const group = source.resourceGroup === undefined ? undefined : await evaluation.text(source.resourceGroup);
    const parameters = await evaluation.value(properties.parameters ?? {});
    const result = await runTemplate({
      ...this.#input,
      template: isInner ? template : ((await evaluation.value(template)) as Template),
      parameters: isRecord(parameters) ? parameters : {},
      place: group === undefined ? evaluation.place : this.#input.placeOf(subscriptionId, group),
      deploymentName: id.split("/").at(-1)!,
      depth: (this.#input.depth ?? 0) + 1,
    });
    this.#made.push(...result.resourceIds);
    if (result.failure !== undefined) throw new DeploymentFailure(result.failure);
  }

  async #reference(id: string, apiVersion: string | undefined, isFull: boolean): Promise<Value> {
    const own = this.#find(id);
    if (own !== undefined) await this.#make(own);
    const version = apiVersion ?? (own === undefined ? undefined : await own.evaluation.text(own.source.apiVersion));
    if (version === undefined)
      return refuseTemplate("reference() of a resource outside the template needs an api-version.");
    const { send } = this.#input;
    if (send === "nothing") return UNKNOWN;
    const reply = await send("GET", own?.id ?? id, version);
    if (reply.status >= 400) throw new DeploymentFailure({ ...errorOf(reply), target: id });
    const body = JSON.parse(JSON.stringify(reply.body ?? {})) as { readonly properties?: Value };
    return isFull ? (body as Value) : (body.properties ?? {});
  }

  async #outputs(declared: unknown): Promise<{ readonly [name: string]: Value }> {
    const outputs: [string, Value][] = [];
    for (const [name, output] of Object.entries(isRecord(declared) ? declared : {})) {
      if (!isRecord(output)) continue;
      if (output.condition !== undefined && (await this.#evaluation.value(output.condition)) !== true) continue;
      outputs.push([name, { type: textOf(output.type), value: await this.#evaluation.value(output.value) }]);
    }
    return Object.fromEntries(outputs);
  }
}

function resourcesOf(template: Template): readonly Template[] {
  const { resources } = template;
  if (resources === undefined || resources === null) return [];
  if (Array.isArray(resources)) return resources.filter(isRecord);
  // Symbolic names, as Bicep writes them.
  return isRecord(resources) ? Object.values(resources).filter(isRecord) : refuseTemplate("resources must be a list.");
}

/** @throws ArmRefusal `template-invalid`. */
async function readParameters({
  template,
  parameters,
  place,
  deploymentName,
}: RunInput): Promise<{ readonly [name: string]: Value }> {
  const declared = isRecord(template.parameters) ? template.parameters : {};
  if (Object.keys(declared).length > maxParameters)
    refuseTemplate(`A template has at most ${maxParameters} parameters.`);
  const given = new Map(Object.entries(parameters).map(([name, value]) => [name.toLowerCase(), { name, value }]));
  for (const { name } of given.values()) {
    if (!Object.keys(declared).some((one) => one.toLowerCase() === name.toLowerCase())) {
      refuseTemplate(
        `The following parameters were supplied, but do not correspond to any parameters defined in the template: '${name.slice(0, 64)}'.`,
      );
    }
  }
  const known = new Map<string, Value>();
  const found: [string, Value][] = [];
  const reference = () => refuseTemplate("reference() cannot be used in a parameter's default.");
  const defaults = new Evaluation({ place, deploymentName, parameters: known, variables: {}, reference });
  for (const [name, rule] of Object.entries(declared)) {
    const one = given.get(name.toLowerCase())?.value;
    const isGiven = isRecord(one) && "value" in one;
    const source = isRecord(rule) ? rule.defaultValue : undefined;
    if (!isGiven && source === undefined) {
      return refuseTemplate(`The value for the template parameter '${name.slice(0, 64)}' is not provided.`);
    }
    const value = isGiven ? (one as { value: Value }).value : await defaults.value(source);
    const allowed = isRecord(rule) && Array.isArray(rule.allowedValues) ? (rule.allowedValues as Value[]) : undefined;
    if (allowed !== undefined && !allowed.some((choice) => JSON.stringify(choice) === JSON.stringify(value))) {
      refuseTemplate(
        `The provided value for the template parameter '${name.slice(0, 64)}' is not valid: it is not part of the allowed values.`,
      );
    }
    known.set(name.toLowerCase(), value);
    found.push([name, value]);
  }
  return Object.fromEntries(found);
}

function errorOf({ status, body }: Reply): { code: string; message: string } {
  const error = isRecord(body) && isRecord(body.error) ? body.error : {};
  return {
    code: textOf(error.code) || String(status),
    message: textOf(error.message) || "The resource could not be made.",
  };
}
