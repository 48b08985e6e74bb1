/**
 * Deploying an ARM template: to a subscription, or to a resource group. May use: azure/, http/, session.ts.
 * @see https://learn.microsoft.com/rest/api/resources/deployments
 */
import { resourceGroupPath, versioned } from "../azure/resource-manager.ts";
import { failure } from "../faults.ts";
import type { Json } from "../http/service-client.ts";
import { isObject } from "../output/ordered.ts";
import type { Session } from "../session.ts";
import { parseRecord } from "../state/private-file.ts";

export interface DeploymentRequest {
  readonly template: Json;
  /** undefined: the subscription itself. */
  readonly group: string | undefined;
  /** `{name: {value}}`. */
  readonly parameters: Json;
  readonly name?: string | undefined;
  readonly mode?: string | undefined;
  /** Of a deployment to a subscription: where its record is. */
  readonly location?: string | undefined;
}

/** Where the record of a subscription's deployment is when nobody says. */
const DEFAULT_LOCATION = "westeurope";

export function deploymentPath(subscriptionId: string, group: string | undefined, name: string): string {
  const scope = group === undefined ? `/subscriptions/${subscriptionId}` : resourceGroupPath(subscriptionId, group);
  return `${scope}/providers/Microsoft.Resources/deployments/${encodeURIComponent(name)}`;
}

/** Deploys and waits for the end. @returns the deployment as Resource Manager shows it. @throws ServiceFault in its words. */
export async function deployTemplate(
  session: Session,
  subscriptionId: string,
  request: DeploymentRequest,
): Promise<Json> {
  const { template, group, parameters, name = `postern-${Date.now()}`, mode = "Incremental" } = request;
  const declared = isObject(template.parameters) ? Object.entries(template.parameters) : [];
  const missing = declared
    .filter(([key, rule]) => parameters[key] === undefined && !(isObject(rule) && "defaultValue" in rule))
    .map(([key]) => key);
  if (missing.length > 0) throw failure(`Missing input parameters: ${missing.join(", ")}`);
  const path = versioned(deploymentPath(subscriptionId, group, name), "deployments");
  const body = {
    ...(group === undefined ? { location: request.location ?? DEFAULT_LOCATION } : {}),
    properties: { mode, template, parameters },
  };
  const answer = await session.resourceManager.finish("PUT", path, body);
  const deployment = parseRecord(answer.body) ?? (await session.resourceManager.json("GET", path));
  const { provisioningState, error } = (deployment.properties ?? {}) as Json;
  if (provisioningState === "Failed" && isObject(error)) {
    throw failure(JSON.stringify({ status: provisioningState, error }));
  }
  return deployment;
}

/** `{a: 1}`, `{a: {value: 1}}` and whole parameter files alike, as `{a: {value: 1}}`. */
export function normaliseParameters(given: Json): Json {
  const inner = isObject(given.parameters) && "$schema" in given ? given.parameters : given;
  return Object.fromEntries(
    Object.entries(inner).map(([name, value]) => [
      name,
      isObject(value) && ("value" in value || "reference" in value) ? value : { value },
    ]),
  );
}
