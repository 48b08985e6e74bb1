/**
 * Resource Manager (management.azure.com): the operation table, and the one way every request takes.
 *
 * match -> api-version -> authenticate -> decide -> handle -> render
 *
 * Owns: the rows of this folder, the decision before a handler runs, the headers of every answer. May use: the rules in resources/ and
 * authorization/, the access package, wire/. Knows no other surface: the blob engine is reached through what the factory is given.
 * @see https://learn.microsoft.com/rest/api/azure/
 */
import { type Decision, decide, hasAccessAtOrBelow } from "@postern/access";
import type { Cloud } from "../cloud.ts";
import { admitCaller } from "../guard/admission.ts";
import { pointToExplanation, settle } from "../observe/gate.ts";
import type { PrincipalId } from "../state/identifiers.ts";
import { isGuid } from "../state/identifiers.ts";
import { requireImpersonation } from "../tokens/impersonation.ts";
import type { VerifiedToken } from "../tokens/token.ts";
import { type Exchange, type Reply, sendReply } from "../wire/exchange.ts";
import type { Surface } from "../wire/operation.ts";
import { activityLogRows } from "./activity-log.ts";
import { commonAttributes } from "./attributes.ts";
import { authorizationReadRows } from "./authorization-reads.ts";
import type { ContainerPort } from "./container-port.ts";
import { containerRows } from "./containers.ts";
import {
  type ArmContext,
  type ArmRow,
  type ArmServices,
  type Authorize,
  askOf,
  type Caller,
  type InnerRequest,
} from "./context.ts";
import { type DataRemoval, Deletions } from "./deletions.ts";
import { denyAssignmentRows } from "./deny-assignments.ts";
import { Deployments, deploymentRows } from "./deployments/deployments.ts";
import { encryptionScopeRows } from "./encryption-scopes.ts";
import { renderError } from "./errors.ts";
import { refuseArm } from "./fault.ts";
import { federatedCredentialRows } from "./federated-credentials.ts";
import { JsonObject, readJsonObject } from "./json.ts";
import { refuseUnmatched } from "./known-types.ts";
import { managedIdentityRows } from "./managed-identities.ts";
import { managementGroupRows } from "./management-groups.ts";
import { metadataRows } from "./metadata.ts";
import { OperationResults } from "./operation-results.ts";
import { matchPath, type PathParams, splitPath } from "./path.ts";
import { providerOperationRows } from "./provider-operations.ts";
import { ArmQuery } from "./query.ts";
import { resourceGroupRows } from "./resource-groups.ts";
import { resourceRows } from "./resources.ts";
import { roleAssignmentRows } from "./role-assignments.ts";
import { roleDefinitionRows } from "./role-definitions.ts";
import { storageAccountRows } from "./storage-accounts.ts";
import { subscriptionRows } from "./subscriptions.ts";

export type ArmOptions = {
  /** Judges a token's `aud` exactly as it stands there. */
  readonly isAudience: (audience: string) => boolean;
  /** Names no storage account may have: a path-style address could not reach it. */
  readonly reservedAccountNames: ReadonlySet<string>;
  /**
   * Removes an account's blobs for good; the account is closed to everyone by then, and its name is not free before this resolves. May be
   * called again for the same account, also after a crash.
   */
  readonly onStorageAccountDeleted: DataRemoval;
  /** The blob engine's containers; without it, managing containers here answers 501. */
  readonly containers?: ContainerPort | undefined;
};

export type ArmSurface = Surface & {
  /** Goes on with deletions that an earlier process left marked; to be called once at every start. */
  resumeDeletions(): Promise<void>;
};

/** The operation table. */
const table: readonly ArmRow[] = [
  ...metadataRows,
  ...subscriptionRows,
  ...resourceGroupRows,
  ...deploymentRows,
  ...resourceRows,
  ...roleDefinitionRows,
  ...roleAssignmentRows,
  ...denyAssignmentRows,
  ...authorizationReadRows,
  ...providerOperationRows(() =>
    table.flatMap(({ authorize }) => (authorize.kind === "rbac" ? [authorize.action] : [])),
  ),
  ...activityLogRows,
  ...managementGroupRows,
  ...storageAccountRows,
  ...containerRows,
  ...encryptionScopeRows,
  ...managedIdentityRows,
  ...federatedCredentialRows,
];

const nobody: Caller = {
  principalId: "" as PrincipalId,
  clientName: "",
  actor: { principalId: "", displayName: "" },
};

type Services = ArmServices & Pick<ArmOptions, "isAudience">;

/** Makes the surface. */
export function createArmSurface(cloud: Cloud, options: ArmOptions): ArmSurface {
  const deletions = new Deletions(cloud, options.onStorageAccountDeleted);
  const services: Services = {
    isAudience: options.isAudience,
    reservedAccountNames: options.reservedAccountNames,
    containers: options.containers,
    deletions,
    results: new OperationResults(cloud.ports),
    deployments: new Deployments(),
    send: (context, request) => answerInner(cloud, context, request),
  };
  return {
    name: "arm",
    operations: table,
    resumeDeletions: () => deletions.resume(),
    handle: async (exchange) => {
      const reply = await answer(cloud, services, exchange).catch((cause: unknown) =>
        renderError(cause, { exchange, tenantId: cloud.model.tenant.tenantId, now: cloud.ports.now() }),
      );
      sendReply(exchange, { ...reply, headers: { ...answerHeaders(cloud, exchange), ...reply.headers } });
    },
  };
}

async function answer(cloud: Cloud, services: Services, exchange: Exchange): Promise<Reply> {
  const path = splitPath(exchange.path);
  const found = findRow(path, exchange.request.method ?? "GET");
  const query = new ArmQuery(exchange.query);
  const apiVersion = query.apiVersion();
  if (found.row === undefined) {
    authenticate(cloud, services, exchange);
    return found.allowed.length > 0
      ? refuseArm({ kind: "method-not-allowed", method: exchange.request.method ?? "", allowed: found.allowed })
      : refuseUnmatched(path, apiVersion);
  }
  const { row, params } = found;
  if (exchange.note !== undefined) exchange.note.operation = row.operation;
  const caller = row.authorize.kind === "public" ? nobody : callerOf(cloud, authenticate(cloud, services, exchange));
  let body: ReturnType<typeof readJsonObject> | undefined;
  const json: ArmContext["json"] = () => {
    body ??= readJsonObject(exchange.request);
    return body;
  };
  const context: ArmContext = {
    exchange,
    cloud,
    services,
    row,
    caller,
    params,
    query,
    apiVersion,
    isWhole: true,
    json,
  };
  const isWhole = await authorize(context);
  return row.handle(isWhole ? context : { ...context, isWhole });
}

/**
 * A request that a deployment makes: by the same table, the same decision and the same handlers as the caller's own. It is told apart from one by its
 * path and body only; who asks, from where and by which request stays.
 */
async function answerInner(
  cloud: Cloud,
  outer: ArmContext,
  { method, path, apiVersion, body }: InnerRequest,
): Promise<Reply> {
  const segments = path.split("/").filter((segment) => segment !== "");
  const query = new ArmQuery(new URLSearchParams({ "api-version": apiVersion }).toString());
  const exchange = { ...outer.exchange, path: `/${segments.map(encodeURIComponent).join("/")}`, query: "" };
  try {
    const found = findRow(splitPath(exchange.path), method);
    if (found.row === undefined) return refuseUnmatched(segments, query.apiVersion());
    const { row, params } = found;
    const json = async () => new JsonObject(body ?? {});
    const context: ArmContext = {
      ...outer,
      exchange,
      row,
      params,
      query,
      apiVersion: query.apiVersion(),
      isWhole: true,
      json,
    };
    const isWhole = await authorize(context);
    return await row.handle({ ...context, isWhole });
  } catch (cause) {
    return renderError(cause, { exchange, tenantId: cloud.model.tenant.tenantId, now: cloud.ports.now() });
  }
}

type Found =
  | { readonly row: ArmRow; readonly params: PathParams }
  | { readonly row: undefined; readonly allowed: readonly string[] };

function findRow(path: readonly string[], method: string): Found {
  const allowed: string[] = [];
  for (const row of table) {
    const params = matchPath(row.template, path);
    if (params === undefined) continue;
    if (row.method === method) return { row, params };
    allowed.push(row.method);
  }
  return { row: undefined, allowed };
}

function authenticate(cloud: Cloud, services: Services, exchange: Exchange): VerifiedToken {
  return admitCaller(cloud, exchange, () => verify(cloud, services, exchange));
}

/** @throws ArmRefusal `authentication-missing`, `authentication-malformed`; TokenRefusal. */
function verify(cloud: Cloud, services: Services, exchange: Exchange): VerifiedToken {
  const header = exchange.request.headers.authorization;
  if (header === undefined || header === "") return refuseArm({ kind: "authentication-missing" });
  const token = /^Bearer +([^\s]+)$/i.exec(header)?.[1];
  if (token === undefined) return refuseArm({ kind: "authentication-malformed" });
  return requireImpersonation(cloud.verifier.verify(token, services.isAudience));
}

function callerOf(cloud: Cloud, { principalId, appId }: VerifiedToken): Caller {
  const principal = cloud.model.principal(principalId);
  const clientName = principal?.type === "User" ? principal.row.userPrincipalName : appId;
  return { principalId, clientName, actor: { principalId, displayName: principal?.row.displayName ?? clientName } };
}

/**
 * The decision. @returns false when only part of a list may be shown.
 * @throws ArmRefusal `authorization-failed`.
 */
async function authorize(context: ArmContext): Promise<boolean> {
  const { cloud, caller, exchange, row, params } = context;
  if (row.authorize.kind !== "rbac") return true;
  const { at, isListing, isOwn, attributes } = row.authorize;
  const action = row.authorize.action.replace("{namespace}", params.namespace ?? "");
  const scope = await at(context);
  const { access } = cloud.model;
  const decision = await ask(context, action, scope, attributes);
  const answers = [{ ask: askOf(context, action, scope), decision }];
  const isGranted = settle(cloud, exchange, { surface: "arm", operation: row.operation, answers }) >= 0;
  if (isGranted || isOwn?.(context) === true) return true;
  if (isListing === true && hasAccessAtOrBelow(access, caller.principalId, scope)) return false;
  pointToExplanation(cloud, exchange);
  const { clientName, principalId: objectId } = caller;
  // Granted, and not in effect yet.
  if (decision.isAllowed) {
    return refuseArm({ kind: "authorization-failed", clientName, objectId, action, scope, isForCondition: false });
  }
  const { overruled } = decision;
  if (overruled !== undefined) {
    return refuseArm({ kind: "denied-by-deny-assignment", clientName, objectId, action, scope, overruled });
  }
  const isForCondition = decision.reason === "condition-false" || decision.reason === "condition-not-evaluable";
  return refuseArm({ kind: "authorization-failed", clientName, objectId, action, scope, isForCondition });
}

/**
 * Asks first without what the request and the resource say, then, if only a condition stands in the way, with it: the body of a caller who
 * holds nothing, or everything, need not be read for the decision. What is not said never grants, so the first grant stands.
 */
async function ask(
  context: ArmContext,
  action: string,
  scope: string,
  attributes: Extract<Authorize, { kind: "rbac" }>["attributes"],
): Promise<Decision> {
  const { access } = context.cloud.model;
  const question = askOf(context, action, scope);
  if (attributes === undefined) return decide(access, question);
  const common = commonAttributes(context);
  const decision = decide(access, { ...question, attributes: common });
  if (decision.isAllowed || decision.reason !== "condition-false") return decision;
  return decide(access, { ...question, attributes: { ...common, ...(await attributes(context)) } });
}

/** What every answer carries. @see https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling */
function answerHeaders(cloud: Cloud, { request, requestId }: Exchange): Record<string, string> {
  const given = request.headers["x-ms-correlation-request-id"];
  const clientId = request.headers["x-ms-client-request-id"];
  const stamp = cloud.ports
    .now()
    .toISOString()
    .replace(/[-:]|\.\d+/g, "");
  return {
    "cache-control": "no-cache",
    pragma: "no-cache",
    expires: "-1",
    "x-ms-request-id": requestId,
    "x-ms-correlation-request-id": isGuid(given) ? given : requestId,
    "x-ms-routing-request-id": `POSTERN:${stamp}:${requestId}`,
    ...(isGuid(clientId) ? { "x-ms-client-request-id": clientId } : {}),
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
  };
}
