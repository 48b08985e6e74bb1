/**
 * A request on its way through this surface, and the shape of a row of its operation table.
 *
 * One way for all: match -> api-version -> authenticate -> decide -> handle -> render (surface.ts). A row says which operation of RBAC
 * it needs and at which scope; its handler finds that already granted.
 */
import { type Ask, decide, isAllowed, parseScope, type Scope } from "@postern/access";
import type { Cloud } from "../cloud.ts";
import { pointToExplanation, settle } from "../observe/gate.ts";
import type { Actor } from "../state/change.ts";
import type { PrincipalId, SubscriptionId } from "../state/identifiers.ts";
import { parseGuid } from "../state/identifiers.ts";
import type { Exchange, Reply } from "../wire/exchange.ts";
import type { OperationRow } from "../wire/operation.ts";
import { commonAttributes, noOwnAttributes, type OwnAttributes } from "./attributes.ts";
import type { ContainerPort } from "./container-port.ts";
import type { Deletions } from "./deletions.ts";
import type { Deployments } from "./deployments/deployments.ts";
import { refuseArm } from "./fault.ts";
import type { JsonObject } from "./json.ts";
import type { OperationResults } from "./operation-results.ts";
import { compileTemplate, type PathParams, type Template } from "./path.ts";
import type { ArmQuery } from "./query.ts";

export type Caller = {
  readonly principalId: PrincipalId;
  /** What AuthorizationFailed calls it: a user's name, an application's appId. */
  readonly clientName: string;
  readonly actor: Actor;
};

/** What handlers need of this surface, beside the cloud. */
export type ArmServices = {
  readonly reservedAccountNames: ReadonlySet<string>;
  readonly deletions: Deletions;
  readonly results: OperationResults;
  readonly containers: ContainerPort | undefined;
  readonly deployments: Deployments;
  /** Sends a request of the caller's own through the table, as if the caller had: matched, decided and handled like any other. */
  readonly send: (context: ArmContext, request: InnerRequest) => Promise<Reply>;
};

/** A request that a deployment makes for its caller. */
export type InnerRequest = {
  readonly method: string;
  /** Decoded; begins with a slash. */
  readonly path: string;
  readonly apiVersion: string;
  readonly body?: unknown;
};

export type ArmContext = {
  readonly exchange: Exchange;
  readonly cloud: Cloud;
  readonly services: ArmServices;
  readonly row: ArmRow;
  /** Of a public row: nobody, with an empty id. */
  readonly caller: Caller;
  readonly params: PathParams;
  readonly query: ArmQuery;
  readonly apiVersion: string;
  /** Of a listing: false when the caller may not read all, and the handler must leave out what it may not see. */
  readonly isWhole: boolean;
  /** The body; read when first asked for. */
  json(): Promise<JsonObject>;
};

export type Authorize =
  | { readonly kind: "public" }
  | { readonly kind: "signed-in" }
  | {
      readonly kind: "rbac";
      /** The RBAC operation; `{namespace}` is filled from the path. */
      readonly action: string;
      readonly at: (context: ArmContext) => string | Promise<string>;
      /** A caller who holds something below the scope gets what it may see of the list; Azure shows lists so. */
      readonly isListing?: boolean;
      /** Grants without a role: whoever started a long-running operation may ask how it goes. */
      readonly isOwn?: (context: ArmContext) => boolean;
      /** What conditions may look at; asked only where a condition decides. Left out for operations without attributes of their own. */
      readonly attributes?: (context: ArmContext) => OwnAttributes | Promise<OwnAttributes>;
    };

export type ArmRow = OperationRow & {
  readonly template: Template;
  readonly authorize: Authorize;
  readonly handle: (context: ArmContext) => Reply | Promise<Reply>;
};

export type RowInput = {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly apiVersion: string;
  readonly doc: string;
  readonly authorize: Authorize;
  readonly sampleBody?: unknown;
  readonly handle: ArmRow["handle"];
};

/** What stands in the holes of a row's sample. */
const sampleValues: Readonly<Record<string, string>> = {
  scope: "subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg1",
  subscriptionId: "00000000-0000-0000-0000-000000000001",
  resourceGroup: "rg1",
  account: "account1",
  container: "container1",
  name: "00000000-0000-0000-0000-0000000000aa",
  deployment: "deployment1",
  operationId: "00000000-0000-0000-0000-0000000000bb",
  group: "group1",
  namespace: "Microsoft.Storage",
  location: "westeurope",
};

/** Makes a row; its readable columns come from the same input that drives it. */
export function row(input: RowInput): ArmRow {
  const { operation, method, path, doc, authorize, sampleBody, handle } = input;
  const filled = path.replace(/\{(\w+)\}/g, (_, hole: string) => sampleValues[hole] ?? hole);
  const target = `${filled.startsWith("/") ? "" : "/"}${filled}?api-version=${input.apiVersion}`;
  return {
    operation,
    method,
    match: path,
    permission: authorize.kind === "rbac" ? authorize.action : authorize.kind,
    doc,
    sample:
      sampleBody === undefined
        ? { target }
        : { target, body: JSON.stringify(sampleBody), headers: { "content-type": "application/json" } },
    template: compileTemplate(path),
    authorize,
    handle,
  };
}

/** The subscription in the path. @throws ArmRefusal `subscription-id-malformed`. */
export function subscriptionOf({ params }: Pick<ArmContext, "params">): SubscriptionId {
  const given = params.subscriptionId!;
  return parseGuid<string>(given) !== undefined
    ? (given.toLowerCase() as SubscriptionId)
    : refuseArm({ kind: "subscription-id-malformed", given: given.slice(0, 64) });
}

/** Reads a scope a caller wrote. @throws ArmRefusal `subscription-id-malformed`, `path-malformed`. */
export function readCallerScope(text: string): Scope {
  const parsed = parseScope(text);
  if (parsed.isValid) return parsed.scope;
  if (parsed.fault.kind === "subscription-not-guid") {
    return refuseArm({ kind: "subscription-id-malformed", given: text.split("/")[2]!.slice(0, 64) });
  }
  return refuseArm({ kind: "path-malformed" });
}

/** The question about an operation of the caller that has no attributes of its own. */
export function askOf(context: Pick<ArmContext, "cloud" | "caller">, operation: string, scope: string | Scope): Ask {
  return {
    principalId: context.caller.principalId,
    operation,
    isDataAction: false,
    scope,
    subOperations: [],
    attributes: { ...commonAttributes(context), ...noOwnAttributes },
  };
}

/** Says whether the caller may, without a record: for leaving things out of a list. */
export function canAct(context: ArmContext, operation: string, scope: string | Scope): boolean {
  return isAllowed(context.cloud.model.access, askOf(context, operation, scope));
}

/**
 * Demands a further right of a caller that has the row's own, and records the decision.
 * @throws ArmRefusal `linked-authorization-failed`.
 */
export function requireLinkedAccess(
  context: ArmContext,
  linkedAction: string,
  linkedScope: string,
  scope: string,
): void {
  const { cloud, caller, exchange, row: of } = context;
  const ask = askOf(context, linkedAction, linkedScope);
  const answers = [{ ask, decision: decide(cloud.model.access, ask) }];
  if (settle(cloud, exchange, { surface: "arm", operation: of.operation, answers }) >= 0) return;
  pointToExplanation(cloud, exchange);
  const { clientName, principalId: objectId } = caller;
  refuseArm({
    kind: "linked-authorization-failed",
    clientName,
    objectId,
    action: of.permission,
    scope,
    linkedAction,
    linkedScope,
  });
}
