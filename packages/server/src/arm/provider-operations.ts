/**
 * Which operations there are, by provider: what someone who makes a custom role looks up (`az provider operation show`).
 * @see https://learn.microsoft.com/rest/api/authorization/provider-operations-metadata
 */
import { listProviders, type Provider, type ProviderOperation } from "../authorization/provider-operations.ts";
import type { Reply } from "../wire/exchange.ts";
import { type ArmContext, type ArmRow, row } from "./context.ts";
import { refuseArm } from "./fault.ts";
import { listBody } from "./paging.ts";

const docs = "https://learn.microsoft.com/rest/api/authorization/provider-operations-metadata";
const path = "/providers/Microsoft.Authorization/providerOperations";
const apiVersion = "2022-04-01";

/** Texts of Azure's own are not public data: an operation is called by its name. */
function operationBody({ name, isDataAction }: ProviderOperation) {
  return { name, displayName: name, description: null, origin: "user,system", properties: null, isDataAction };
}

function providerBody({ query }: ArmContext, { namespace, operationsByType }: Provider) {
  const isExpanded = isResourceTypes(query.get("$expand"));
  const types = isExpanded ? [...operationsByType] : [];
  return {
    id: `${path}/${namespace}`,
    type: "Microsoft.Authorization/providerOperations",
    name: namespace,
    displayName: namespace,
    resourceTypes: types
      .filter(([type]) => type !== "")
      .map(([name, operations]) => ({ name, displayName: name, operations: operations.map(operationBody) })),
    operations: types.filter(([type]) => type === "").flatMap(([, operations]) => operations.map(operationBody)),
  };
}

/** @throws ArmRefusal `query-invalid`. */
function isResourceTypes(expand: string | undefined): boolean {
  if (expand === undefined || expand === "") return false;
  return (
    expand.toLowerCase() === "resourcetypes" ||
    refuseArm({ kind: "query-invalid", parameter: "$expand", given: expand.slice(0, 64) })
  );
}

/** @param served operations that Resource Manager serves; asked at the first request. */
export function providerOperationRows(served: () => readonly string[]): readonly ArmRow[] {
  let made: readonly Provider[] | undefined;
  const providers = (): readonly Provider[] => {
    made ??= listProviders(served());
    return made;
  };
  return [
    row({
      operation: "List provider operations",
      method: "GET",
      path,
      apiVersion,
      doc: `${docs}/list`,
      authorize: { kind: "signed-in" },
      handle: (context): Reply => ({
        status: 200,
        body: listBody(providers().map((provider) => providerBody(context, provider))),
      }),
    }),
    row({
      operation: "Get provider operations",
      method: "GET",
      path: `${path}/{namespace}`,
      apiVersion,
      doc: `${docs}/get`,
      authorize: { kind: "signed-in" },
      handle: (context): Reply => {
        const given = context.params.namespace!;
        const found = providers().find(({ namespace }) => namespace.toLowerCase() === given.toLowerCase());
        const provider = found ?? refuseArm({ kind: "namespace-unknown", namespace: given.slice(0, 128) });
        return { status: 200, body: providerBody(context, provider) };
      },
    }),
  ];
}
