/**
 * Deployments of ARM templates, to a subscription or a resource group: made, shown, listed, validated, forgotten.
 *
 * A deployment is done when it is answered. What is kept of it is in memory, and goes with the process; what it made stays.
 * @see https://learn.microsoft.com/rest/api/resources/deployments
 */
import { requireResourceGroup } from "../../resources/resource-groups.ts";
import { requireSubscription } from "../../resources/subscriptions.ts";
import { BodyRefusal, isWithinDepth, maxJsonDepth, readBody } from "../../wire/body.ts";
import type { Reply } from "../../wire/exchange.ts";
import { type ArmContext, type ArmRow, readCallerScope, row, subscriptionOf } from "../context.ts";
import { ArmRefusal, refuseArm } from "../fault.ts";
import { JsonObject, maxBodySizeBytes } from "../json.ts";
import type { Place } from "./evaluation.ts";
import { refuseTemplate } from "./expression.ts";
import { isRecord, type Value } from "./functions.ts";
import { makePlain } from "./loose-json.ts";
import { type RunResult, runTemplate, type Template } from "./run.ts";

const apiVersion = "2024-11-01";
const docs = "https://learn.microsoft.com/rest/api/resources/deployments";
/** @see https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits */
const maxKept = 800;
/** @see https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftresources */
const namePattern = /^[\w.()-]{1,64}$/;

type Deployment = { readonly id: string; readonly body: Template };

/** The deployments of one cloud, the newest last. */
export class Deployments {
  readonly #kept = new Map<string, Deployment>();

  keep(deployment: Deployment): void {
    const key = deployment.id.toLowerCase();
    this.#kept.delete(key);
    this.#kept.set(key, deployment);
    if (this.#kept.size > maxKept) this.#kept.delete(this.#kept.keys().next().value!);
  }

  find(id: string): Deployment | undefined {
    return this.#kept.get(id.toLowerCase());
  }

  forget(id: string): boolean {
    return this.#kept.delete(id.toLowerCase());
  }

  /** Those right at a scope. */
  list(scope: string): readonly Deployment[] {
    const start = `${scope}/providers/Microsoft.Resources/deployments/`.toLowerCase();
    return [...this.#kept].filter(([key]) => key.startsWith(start)).map(([, deployment]) => deployment);
  }
}

function scopeOf(context: ArmContext): string {
  const group = context.params.resourceGroup;
  const subscription = `/subscriptions/${subscriptionOf(context)}`;
  return readCallerScope(group === undefined ? subscription : `${subscription}/resourceGroups/${group}`).text;
}

function idOf(context: ArmContext): string {
  const { deployment = "" } = context.params;
  if (!namePattern.test(deployment)) refuseTemplate(`The deployment name '${deployment.slice(0, 64)}' is not valid.`);
  return `${scopeOf(context)}/providers/Microsoft.Resources/deployments/${deployment}`;
}

function placeOf(context: ArmContext, subscription: string, groupName: string | undefined): Place {
  const { model } = context.cloud;
  const subscriptionId = subscription as ReturnType<typeof subscriptionOf>;
  const { displayName } = requireSubscription(model, subscriptionId);
  const group = groupName === undefined ? undefined : requireResourceGroup(model, subscriptionId, groupName);
  return {
    subscriptionId,
    subscriptionName: displayName,
    tenantId: model.tenant.tenantId,
    group: group === undefined ? undefined : { name: group.name, location: group.location },
  };
}

type Wanted = { readonly template: Template; readonly parameters: Template; readonly location: string | undefined };

/** @throws ArmRefusal `content-invalid`, `content-too-large`. */
async function readLoose({ exchange }: ArmContext): Promise<JsonObject> {
  let bytes: Buffer;
  try {
    bytes = await readBody(exchange.request, maxBodySizeBytes);
  } catch (cause) {
    if (!(cause instanceof BodyRefusal) || cause.fault.kind !== "body-too-large") throw cause;
    return refuseArm({ kind: "content-too-large", limitBytes: cause.fault.limitBytes });
  }
  try {
    const value: unknown = JSON.parse(makePlain(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
    if (isWithinDepth(value, maxJsonDepth)) return new JsonObject(value);
  } catch (cause) {
    if (cause instanceof ArmRefusal) throw cause;
  }
  return refuseArm({ kind: "content-invalid", why: "the request body must be one JSON object" });
}

async function readWanted(context: ArmContext): Promise<Wanted> {
  const body = await readLoose(context);
  const properties = body.object("properties");
  const mode = properties.string("mode") ?? "Incremental";
  if (mode.toLowerCase() !== "incremental") refuseTemplate("Postern deploys in mode Incremental only.");
  const template = properties.raw("template");
  if (!isRecord(template)) refuseTemplate("A deployment has its template in it; templateLink is not served.");
  const parameters = properties.raw("parameters") ?? {};
  if (!isRecord(parameters)) refuseTemplate("parameters must be an object.");
  return { template: template as Template, parameters: parameters as Template, location: body.string("location") };
}

async function putDeployment(context: ArmContext): Promise<Reply> {
  const { cloud, services, params } = context;
  const id = idOf(context);
  const wanted = await readWanted(context);
  const started = cloud.ports.now();
  const place = placeOf(context, subscriptionOf(context), params.resourceGroup);
  const result = await runTemplate({
    ...wanted,
    place,
    deploymentName: params.deployment!,
    send: (method, path, version, body) => services.send(context, { method, path, apiVersion: version, body }),
    placeOf: (subscriptionId, group) => placeOf(context, subscriptionId, group),
  });
  const isNew = services.deployments.find(id) === undefined;
  const seconds = (cloud.ports.now().getTime() - started.getTime()) / 1000;
  const body = deploymentBody(id, wanted, result, { started, seconds, correlationId: context.exchange.requestId });
  services.deployments.keep({ id, body });
  const status = `${context.exchange.origin}${id}/operationStatuses/${context.exchange.requestId}?api-version=${apiVersion}`;
  return { status: isNew ? 201 : 200, headers: { "azure-asyncoperation": status }, body };
}

function deploymentBody(
  id: string,
  { template, location }: Wanted,
  result: RunResult,
  {
    started,
    seconds,
    correlationId,
  }: { readonly started: Date; readonly seconds: number; readonly correlationId: string },
): Template {
  const declared = isRecord(template.parameters) ? template.parameters : {};
  const typeOf = (name: string) => (isRecord(declared[name]) ? String((declared[name] as { type?: Value }).type) : "");
  const parameters = Object.entries(result.parameters).map(([name, value]) => {
    const type = typeOf(name);
    // What is secure is not shown again.
    return [name, /^secure/i.test(type) ? { type } : { type, value }];
  });
  return {
    id,
    name: id.split("/").at(-1),
    type: "Microsoft.Resources/deployments",
    ...(location === undefined ? {} : { location }),
    properties: {
      mode: "Incremental",
      provisioningState: result.failure === undefined ? "Succeeded" : "Failed",
      timestamp: started.toISOString(),
      duration: `PT${seconds}S`,
      correlationId,
      parameters: Object.fromEntries(parameters),
      providers: [],
      dependencies: [],
      outputs: result.outputs,
      outputResources: result.resourceIds.map((resource) => ({ id: resource })),
      ...(result.failure === undefined ? {} : { error: failureBody(result.failure) }),
    },
  };
}

function failureBody({ code, message, target }: NonNullable<RunResult["failure"]>) {
  return {
    code: "DeploymentFailed",
    message:
      "At least one resource deployment operation failed. Please list deployment operations for details. " +
      "Please see https://aka.ms/arm-deployment-operations for usage details.",
    details: [{ code, message, target }],
  };
}

function requireDeployment(context: ArmContext): Deployment {
  const found = context.services.deployments.find(idOf(context));
  return found ?? refuseArm({ kind: "deployment-not-found", name: context.params.deployment! });
}

function showStatus(context: ArmContext): Reply {
  const { provisioningState, error } = requireDeployment(context).body.properties as {
    provisioningState: string;
    error?: unknown;
  };
  return { status: 200, body: { status: provisioningState, ...(error === undefined ? {} : { error }) } };
}

/** Reads the template and tries every expression that needs no resource to be there. */
async function validate(context: ArmContext): Promise<Reply> {
  const id = idOf(context);
  const wanted = await readWanted(context);
  const { params } = context;
  const result = await runTemplate({
    ...wanted,
    place: placeOf(context, subscriptionOf(context), params.resourceGroup),
    deploymentName: params.deployment!,
    send: "nothing",
    placeOf: (subscriptionId, group) => ({
      ...placeOf(context, subscriptionId, undefined),
      group: { name: group, location: "" },
    }),
  });
  const facts = { started: context.cloud.ports.now(), seconds: 0, correlationId: context.exchange.requestId };
  const body = deploymentBody(id, wanted, result, facts);
  return { status: 200, body };
}

function rowsAt(place: string, where: string): readonly ArmRow[] {
  const path = `${place}/providers/Microsoft.Resources/deployments`;
  const one = `${path}/{deployment}`;
  const rbac = (action: string) => ({
    kind: "rbac" as const,
    action: `Microsoft.Resources/deployments/${action}`,
    at: scopeOf,
  });
  const sampleBody = { properties: { mode: "Incremental", template: { resources: [] } }, location: "westeurope" };
  const make = (
    operation: string,
    method: string,
    rowPath: string,
    action: string,
    handle: ArmRow["handle"],
    body?: unknown,
  ) =>
    row({
      operation: `${operation} ${where}`,
      method,
      path: rowPath,
      apiVersion,
      doc: docs,
      authorize: rbac(action),
      ...(body === undefined ? {} : { sampleBody: body }),
      handle,
    });
  return [
    make("Create or update a deployment", "PUT", one, "write", putDeployment, sampleBody),
    make("Get a deployment", "GET", one, "read", (context) => ({ status: 200, body: requireDeployment(context).body })),
    make("List deployments", "GET", path, "read", (context) => {
      return {
        status: 200,
        body: { value: context.services.deployments.list(scopeOf(context)).map(({ body }) => body) },
      };
    }),
    make("Delete a deployment", "DELETE", one, "delete", (context) => {
      return { status: context.services.deployments.forget(requireDeployment(context).id) ? 204 : 404 };
    }),
    make("Validate a deployment", "POST", `${one}/validate`, "validate/action", validate, sampleBody),
    make(
      "Get a deployment's status",
      "GET",
      `${one}/operationStatuses/{operationId}`,
      "operationstatuses/read",
      showStatus,
    ),
  ];
}

export const deploymentRows: readonly ArmRow[] = [
  ...rowsAt("/subscriptions/{subscriptionId}", "at a subscription"),
  ...rowsAt("/subscriptions/{subscriptionId}/resourcegroups/{resourceGroup}", "in a resource group"),
];
