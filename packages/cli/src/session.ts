/**
 * A running cloud and the operator's way into it: what the az-compatible commands stand on. May use: state/, http/, clouds.ts.
 */
import { type CloudEndpoints, localCloud } from "./clouds.ts";
import type { Context } from "./command/command.ts";
import { failure } from "./faults.ts";
import { ServiceClient } from "./http/service-client.ts";
import { FileTokenCache } from "./http/token-cache.ts";
import { TokenSource } from "./http/tokens.ts";
import { createTransport, type Transport } from "./http/transport.ts";
import { type Operator, readOperator } from "./state/operator.ts";
import { type StatePaths, statePathsOf } from "./state/paths.ts";
import { requireRunning, type Status } from "./state/status.ts";

export interface Session {
  readonly paths: StatePaths;
  readonly status: Status;
  readonly operator: Operator;
  readonly endpoints: CloudEndpoints;
  readonly transport: Transport;
  readonly tokens: TokenSource;
  readonly graph: ServiceClient;
  readonly resourceManager: ServiceClient;
}

/** Signs in to the running cloud as the operator. Nothing is sent yet. @throws CliFault when no cloud runs. */
export async function openSession(context: Context): Promise<Session> {
  const paths = statePathsOf(context);
  const status = await requireRunning(paths);
  const operator = await readOperator(paths);
  const endpoints = localCloud(status.baseUrl);
  const userAgent = `postern/${context.version}`;
  const transport = createTransport({ notes: context.notes, caBundle: status.caBundle, userAgent });
  const now = () => Date.now();
  const cache = new FileTokenCache(paths.tokenCache, now);
  const tokens = new TokenSource({ transport, authority: endpoints.authority, credential: operator, cache, now });
  const graph = new ServiceClient({
    service: "graph",
    transport,
    tokens,
    audience: endpoints.graphAudience,
    endpoint: endpoints.graph,
    publicOrigin: endpoints.graphOrigin,
  });
  const resourceManager = new ServiceClient({
    service: "resource-manager",
    transport,
    tokens,
    audience: endpoints.resourceManagerAudience,
    endpoint: endpoints.resourceManager,
    publicOrigin: endpoints.resourceManagerOrigin,
  });
  return { paths, status, operator, endpoints, transport, tokens, graph, resourceManager };
}

/** The subscription commands work in: the one named by `--subscription` (ID or name), else the cloud's own. */
export async function findSubscriptionId(context: Context, session: Session): Promise<string> {
  const wanted = context.globals.subscription;
  if (wanted === undefined) return session.status.subscriptionId;
  const subscriptions = await session.resourceManager.list("/subscriptions?api-version=2022-12-01");
  const match = subscriptions.find(({ subscriptionId, displayName }) =>
    [subscriptionId, displayName].some((name) => String(name).toLowerCase() === wanted.toLowerCase()),
  );
  if (match === undefined) {
    throw failure(`The subscription of '${wanted}' doesn't exist in cloud '${session.endpoints.name}'.`);
  }
  return String(match.subscriptionId);
}
