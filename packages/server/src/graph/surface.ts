/**
 * Microsoft Graph: the directory as OData.
 *
 * Owns: everything below graph.microsoft.com/v1.0 and /beta (which answers alike). May use: directory (the rules and the decision), state, wire,
 * the token verifier's interface. A request goes one way: authenticate -> match -> decide -> handle -> render; who asks comes before what is
 * wrong with the question, so that a stranger is told nothing but that.
 * Spec: https://learn.microsoft.com/graph/use-the-api, OData 4.01.
 */
import type { Cloud } from "../cloud.ts";
import type { FailedSignIns } from "../directory/failed-sign-ins.ts";
import { mayAct } from "../directory/permissions.ts";
import { admitCaller } from "../guard/admission.ts";
import type { Actor } from "../state/change.ts";
import { isGuid } from "../state/identifiers.ts";
import type { VerifiedToken } from "../tokens/token.ts";
import { readJson } from "../wire/body.ts";
import { type Exchange, type Reply, sendReply } from "../wire/exchange.ts";
import type { Surface } from "../wire/operation.ts";
import { readAddress } from "./address.ts";
import { appRoleAssignmentOperations } from "./app-role-assignments.ts";
import { applicationOperations } from "./applications.ts";
import { auditLogOperations } from "./audit-logs.ts";
import { batchOperations } from "./batch.ts";
import { credentialActivityOperations } from "./credential-activities.ts";
import { answerPreflight, crossOriginHeaders, isPreflight } from "./cross-origin.ts";
import { deletedItemOperations } from "./deleted-items.ts";
import { deltaOperations } from "./delta.ts";
import { directoryObjectOperations } from "./directory-objects.ts";
import { directoryRoleOperations } from "./directory-roles.ts";
import { errorFor, type GraphError } from "./errors.ts";
import { federatedCredentialOperations } from "./federated-credentials.ts";
import { refuseGraph } from "./graph-fault.ts";
import { groupOperations } from "./groups.ts";
import { maxBodySizeBytes } from "./limits.ts";
import { managerOperations } from "./managers.ts";
import { meOperations } from "./me.ts";
import type { GraphCall, GraphOperation, GraphRequest } from "./operation.ts";
import { organizationOperations } from "./organization.ts";
import { permissionGrantOperations } from "./permission-grants.ts";
import { parseQuery } from "./query.ts";
import { Router } from "./route.ts";
import { servicePrincipalOperations } from "./service-principals.ts";
import { userSessionOperations } from "./user-sessions.ts";
import { answerUserinfo, isUserinfo, userinfoOperations } from "./userinfo.ts";
import { userOperations } from "./users.ts";

export type GraphOptions = {
  /** Judges a token's `aud`: Graph's own names, and ours when clients address us by origin. */
  readonly isAudience: (audience: string) => boolean;
  /** The one count of the cloud. */
  readonly failedSignIns: FailedSignIns;
};

/** Graph's whole operation table. */
export const graphOperations: readonly GraphOperation[] = [
  ...applicationOperations,
  ...federatedCredentialOperations,
  ...servicePrincipalOperations,
  ...appRoleAssignmentOperations,
  ...permissionGrantOperations,
  ...userOperations,
  ...userSessionOperations,
  ...managerOperations,
  ...groupOperations,
  ...directoryObjectOperations,
  ...deletedItemOperations,
  ...meOperations,
  ...organizationOperations,
  ...directoryRoleOperations,
  ...deltaOperations,
  ...auditLogOperations,
  ...credentialActivityOperations,
  ...batchOperations,
];

/** Makes the Graph surface over a cloud. */
export function createGraphSurface(cloud: Cloud, options: GraphOptions): Surface {
  const dispatcher: Dispatcher = {
    cloud,
    options,
    router: new Router(graphOperations),
  };
  return {
    name: "graph",
    operations: [...graphOperations, ...userinfoOperations],
    handle: async (exchange) => {
      const reply = isPreflight(exchange)
        ? answerPreflight(exchange)
        : await answerOrRefuse(dispatcher, requestOf(exchange), (part) => answerOrRefuse(dispatcher, part));
      sendReply(exchange, { ...reply, headers: { ...crossOriginHeaders, ...reply.headers } });
    },
  };
}

/** What answering a request takes beside the request. */
type Dispatcher = {
  readonly cloud: Cloud;
  readonly options: GraphOptions;
  readonly router: Router;
};

function requestOf(exchange: Exchange): GraphRequest {
  const { request } = exchange;
  return {
    method: request.method ?? "GET",
    exchange,
    remoteAddress: request.socket.remoteAddress,
    header: (name) => {
      const value = request.headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
    readBody: () => readJson(request, maxBodySizeBytes),
  };
}

async function answer(
  { cloud, options, router }: Dispatcher,
  request: GraphRequest,
  dispatch?: GraphCall["dispatch"],
): Promise<Reply> {
  const { exchange, header } = request;
  const verify = () => authenticate(cloud, options, header("authorization"));
  // A batch is one request, as far as rates go.
  const asking = { note: exchange.note, request: { socket: request } };
  const caller = dispatch === undefined ? verify() : admitCaller(cloud, asking, verify);
  if (isUserinfo(request.method, exchange.path)) return answerUserinfo(cloud, caller);
  const { version, segments } = readAddress(exchange.path);
  const match = router.find(request.method, segments);
  if ("fault" in match) refuseGraph(match.fault);
  const { operation, keys, view } = match;
  if (dispatch !== undefined && exchange.note !== undefined) exchange.note.operation = operation.operation;
  const body = operation.takesBody ? await request.readBody() : undefined;
  const action = operation.actionFor?.({ cloud, keys, body }) ?? operation.action;
  decide(
    cloud,
    caller,
    { action, isDelegatedOnly: operation.isDelegatedOnly === true },
    operation.target?.({ cloud, keys, body }),
  );
  const query = parseQuery(exchange.query);
  const isEventual = header("consistencylevel")?.toLowerCase() === "eventual";
  return operation.handle({
    cloud,
    exchange,
    action,
    caller,
    actor: actorOf(cloud, caller),
    base: `${exchange.origin}${exchange.prefix}/${version}`,
    keys,
    options: query,
    view,
    isEventual,
    isAdvanced: isEventual && (query.isCountAsked || query.search !== undefined || view.isCount),
    failedSignIns: options.failedSignIns,
    remoteAddress: request.remoteAddress,
    isBatchPart: dispatch === undefined,
    header,
    ...(dispatch === undefined ? {} : { dispatch }),
    body,
  });
}

/** Answers a request or renders why not; throws only for a defect of ours. */
async function answerOrRefuse(
  dispatcher: Dispatcher,
  request: GraphRequest,
  dispatch?: GraphCall["dispatch"],
): Promise<Reply> {
  let reply: Reply;
  try {
    reply = await answer(dispatcher, request, dispatch);
  } catch (cause) {
    const error = errorFor(cause);
    if (error === undefined) throw cause;
    reply = renderError(dispatcher.cloud, request, error);
  }
  return { ...reply, headers: { ...commonHeaders(request, reply), ...reply.headers } };
}

function authenticate(cloud: Cloud, { isAudience }: GraphOptions, authorization: string | undefined): VerifiedToken {
  const [, token] = /^Bearer +(\S+)\s*$/i.exec(authorization ?? "") ?? [];
  if (token === undefined) refuseGraph({ kind: "token-missing" });
  return cloud.verifier.verify(token, isAudience);
}

function decide(
  cloud: Cloud,
  caller: VerifiedToken,
  { action, isDelegatedOnly }: Pick<GraphOperation, "action" | "isDelegatedOnly">,
  targetId: string | undefined,
): void {
  if (isDelegatedOnly === true && caller.kind === "app") refuseGraph({ kind: "delegated-only" });
  if (action === "signed-in") return;
  if (!mayAct(cloud.model, caller, action, targetId)) refuseGraph({ kind: "denied" });
}

function actorOf({ model }: Cloud, { principalId }: VerifiedToken): Actor {
  return { principalId, displayName: model.principal(principalId)?.row.displayName ?? "" };
}

function renderError({ ports }: Cloud, request: GraphRequest, error: GraphError): Reply {
  const innerError = {
    date: ports.now().toISOString().slice(0, 19),
    "request-id": request.exchange.requestId,
    "client-request-id": clientRequestIdOf(request),
  };
  return {
    status: error.status,
    ...(error.headers === undefined ? {} : { headers: error.headers }),
    body: { error: { code: error.code, message: error.message, innerError } },
  };
}

/** The caller's own id for the request when it is one, else ours. */
function clientRequestIdOf({ exchange, header }: GraphRequest): string {
  const given = header("client-request-id");
  return isGuid(given) ? given : exchange.requestId;
}

const jsonType = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

function commonHeaders(request: GraphRequest, { body }: Reply): Readonly<Record<string, string>> {
  return {
    "cache-control": "no-cache",
    ...(body === undefined ? {} : { "content-type": jsonType }),
    "odata-version": "4.0",
    "request-id": request.exchange.requestId,
    "client-request-id": clientRequestIdOf(request),
  };
}
