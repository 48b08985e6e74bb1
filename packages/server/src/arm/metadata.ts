/**
 * The cloud's own description, for `az cloud register`: where to sign in, which audiences, which names. Public: it is asked before anyone can sign in.
 *
 * Three shapes by age, as measured: 2015-01-01 is a short object; up to 2022 a list of clouds; from 2022-09-01 one object (a list there makes az 2.74 fail).
 */
import type { Reply } from "../wire/exchange.ts";
import { type ArmContext, type ArmRow, row } from "./context.ts";
import { isPublicName } from "./errors.ts";

const audiences = ["https://management.core.windows.net/", "https://management.azure.com/"];

type Endpoints = {
  readonly name: string;
  readonly login: string;
  readonly resourceManager: string;
  readonly graph: string;
  readonly portal: string;
};

/** By Azure's names the description is Azure's; by ours, everything is where the client found us. */
function endpointsOf(origin: string): Endpoints {
  if (isPublicName(origin)) {
    return {
      name: "AzureCloud",
      login: "https://login.microsoftonline.com",
      resourceManager: "https://management.azure.com/",
      graph: "https://graph.microsoft.com/",
      portal: "https://portal.azure.com",
    };
  }
  return {
    name: "Postern",
    login: origin,
    resourceManager: `${origin}/`,
    graph: `${origin}/`,
    portal: `${origin}/portal`,
  };
}

function authentication(loginEndpoint: string) {
  return { loginEndpoint, audiences, tenant: "common", identityProvider: "AAD" };
}

function modernBody({ name, login, resourceManager, graph, portal }: Endpoints) {
  return {
    name,
    portal,
    authentication: authentication(login),
    resourceManager,
    graph,
    graphAudience: graph,
    microsoftGraphResourceId: graph,
    gallery: resourceManager,
    suffixes: { storage: "core.windows.net" },
  };
}

function describe({ exchange, apiVersion }: ArmContext): Reply {
  const endpoints = endpointsOf(exchange.origin);
  if (apiVersion < "2018-01-01") {
    const { login, graph, resourceManager, portal } = endpoints;
    const body = {
      galleryEndpoint: resourceManager,
      graphEndpoint: graph,
      portalEndpoint: portal,
      authentication: { loginEndpoint: `${login}/`, audiences },
    };
    return { status: 200, body };
  }
  const body = modernBody(endpoints);
  return { status: 200, body: apiVersion < "2022-09-01" ? [body] : body };
}

export const metadataRows: readonly ArmRow[] = [
  row({
    operation: "Get cloud metadata",
    method: "GET",
    path: "/metadata/endpoints",
    apiVersion: "2022-09-01",
    doc: "https://learn.microsoft.com/azure-stack/user/azure-stack-version-profiles-azurecli2",
    authorize: { kind: "public" },
    handle: describe,
  }),
];
