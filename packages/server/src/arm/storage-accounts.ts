/**
 * Storage accounts and their keys.
 * @see https://learn.microsoft.com/rest/api/storagerp/storage-accounts
 */
import { requireResourceGroup } from "../resources/resource-groups.ts";
import { scopeOfStorageAccount } from "../resources/scopes.ts";
import { startAccountDeletion } from "../resources/storage-account-deletion.ts";
import { regenerateKey, renewDelegationSecret } from "../resources/storage-account-keys.ts";
import { checkAccountName } from "../resources/storage-account-names.ts";
import {
  type AccountPlace,
  findStorageAccount,
  putStorageAccount,
  requireStorageAccount,
  storageAccountType,
  updateStorageAccount,
} from "../resources/storage-accounts.ts";
import { requireSubscription } from "../resources/subscriptions.ts";
import type { StorageAccount } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { Reply } from "../wire/exchange.ts";
import { type ArmContext, type ArmRow, canAct, readCallerScope, row, subscriptionOf } from "./context.ts";
import { refuseArm } from "./fault.ts";
import { refuseKeptBlobs } from "./kept-blobs.ts";
import { listBody, takePage } from "./paging.ts";
import { accepted, groupScope } from "./resource-groups.ts";
import { rowsOfGroup, rowsOfSubscription } from "./rows-by-place.ts";
import { accountNameRule } from "./rule-errors.ts";
import { accountBody, readSettings } from "./storage-account-shape.ts";
import { subscriptionScope } from "./subscriptions.ts";
import { wireTime } from "./wire-time.ts";

const apiVersion = "2022-09-01";
const docs = "https://learn.microsoft.com/rest/api/storagerp/storage-accounts";
const readAction = "Microsoft.Storage/storageAccounts/read";
const writeAction = "Microsoft.Storage/storageAccounts/write";
const subscriptionPath = "/subscriptions/{subscriptionId}/providers/Microsoft.Storage";
const groupPath =
  "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/Microsoft.Storage/storageAccounts";

/** Path of one account, for the rows of this file and of what stands below an account. */
export const accountPath = `${groupPath}/{account}`;

/** The account in the path. */
export function placeOf(context: ArmContext): AccountPlace {
  const { resourceGroup, account } = context.params;
  return { subscriptionId: subscriptionOf(context), resourceGroup: resourceGroup!, name: account! };
}

/** The scope of the account in the path, as the caller spelled it. */
export function accountScope(context: ArmContext): string {
  const { subscriptionId, resourceGroup, name } = placeOf(context);
  const text = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${storageAccountType}/${name}`;
  return readCallerScope(text).text;
}

async function checkNameAvailability(context: ArmContext): Promise<Reply> {
  const { cloud, services } = context;
  requireSubscription(cloud.model, subscriptionOf(context));
  const body = await context.json();
  const name = body.string("name") ?? refuseArm({ kind: "content-invalid", why: "'name' is required" });
  const type = body.string("type") ?? storageAccountType;
  if (type.toLowerCase() !== storageAccountType.toLowerCase()) {
    refuseArm({ kind: "content-invalid", why: `'type' must be '${storageAccountType}'` });
  }
  const verdict = checkAccountName(cloud.model, services.reservedAccountNames, name);
  if (verdict.kind === "free") return { status: 200, body: { nameAvailable: true } };
  const [reason, message] =
    verdict.kind === "invalid"
      ? ["AccountNameInvalid", `${name.slice(0, 64)} is not a valid storage account name. ${accountNameRule}`]
      : ["AlreadyExists", `The storage account named ${name} is already taken.`];
  return { status: 200, body: { nameAvailable: false, reason, message } };
}

function listReply(context: ArmContext, accounts: readonly StorageAccount[]): Reply {
  const { exchange, query, isWhole } = context;
  const visible = accounts
    .filter(({ provisioningState }) => provisioningState !== "Deleting")
    .filter((account) => isWhole || canAct(context, readAction, scopeOfStorageAccount(account)));
  const { rows, nextLink } = takePage(exchange, query, visible, ({ name }) => name);
  return {
    status: 200,
    body: listBody(
      rows.map((account) => accountBody(account, exchange.origin)),
      nextLink,
    ),
  };
}

function listInSubscription(context: ArmContext): Reply {
  return listReply(context, rowsOfSubscription(context, context.cloud.model.storageAccounts));
}

function listInGroup(context: ArmContext): Reply {
  return listReply(context, rowsOfGroup(context, context.cloud.model.storageAccounts));
}

function getAccount(context: ArmContext): Reply {
  const account = requireStorageAccount(context.cloud.model, placeOf(context));
  return { status: 200, body: accountBody(account, context.exchange.origin) };
}

/** A new account answers 202 without a body, as Azure does; what is at its Location is the account. */
async function putAccount(context: ArmContext): Promise<Reply> {
  const { cloud, caller, services, exchange, row: of } = context;
  const body = await context.json();
  const place = placeOf(context);
  const request = {
    ...place,
    location: body.string("location"),
    tags: body.stringMap("tags"),
    settings: readSettings(body),
  };
  const { account, isNew } = await cloud.store.change(caller.actor, of.operation, (model) =>
    putStorageAccount(model, request, services.reservedAccountNames, cloud.ports),
  );
  if (!isNew) return { status: 200, body: accountBody(account, exchange.origin) };
  const id = services.results.add({
    startedBy: caller.principalId,
    readAction,
    readScope: scopeOfStorageAccount(account),
    outcome: () => ({ status: 200, body: accountBody(requireStorageAccount(cloud.model, place), exchange.origin) }),
  });
  const path = `/subscriptions/${account.subscriptionId}/providers/Microsoft.Storage/locations/${account.location}/asyncoperations/${id}`;
  return accepted(`${exchange.origin}${exchange.prefix}${path}?monitor=true&api-version=${context.apiVersion}`);
}

async function patchAccount(context: ArmContext): Promise<Reply> {
  const { cloud, caller, row: of, exchange } = context;
  const body = await context.json();
  const request = { ...placeOf(context), tags: body.stringMap("tags"), settings: readSettings(body) };
  const { account } = await cloud.store.change(caller.actor, of.operation, (model) =>
    updateStorageAccount(model, request),
  );
  return { status: 200, body: accountBody(account, exchange.origin) };
}

/** Answers when the blobs are gone and the name is free again. */
async function deleteAccount(context: ArmContext): Promise<Reply> {
  const { cloud, caller, services, row: of } = context;
  const place = placeOf(context);
  requireResourceGroup(cloud.model, place.subscriptionId, place.resourceGroup);
  const present = findStorageAccount(cloud.model, place);
  if (present !== undefined) await refuseKeptBlobs(services, [present]);
  const account = await cloud.store.change(caller.actor, of.operation, (model) => {
    const found = findStorageAccount(model, place);
    return { changes: found === undefined ? [] : startAccountDeletion(model, found), result: found };
  });
  if (account === undefined) return { status: 204 };
  await services.deletions.deleteAccount(account.name, caller.actor);
  return { status: 200 };
}

function keysBody(account: StorageAccount) {
  const keys = account.keys.map(({ keyName, value, creationTime }) => ({
    creationTime: wireTime(creationTime),
    keyName,
    value,
    permissions: "FULL",
  }));
  return { keys };
}

/** `$expand=kerb` asks for Kerberos keys too: there are none, as for every account without Azure Files' directory sign-in. */
function listKeys(context: ArmContext): Reply {
  const expand = context.query.get("$expand");
  if (expand !== undefined && expand !== "" && expand.toLowerCase() !== "kerb") {
    refuseArm({ kind: "query-invalid", parameter: "$expand", given: expand.slice(0, 64) });
  }
  return { status: 200, body: keysBody(requireStorageAccount(context.cloud.model, placeOf(context))) };
}

async function regenerate(context: ArmContext): Promise<Reply> {
  const { cloud, caller, row: of } = context;
  const keyName = (await context.json()).string("keyName");
  if (keyName === undefined)
    refuse({ kind: "value-invalid", objectKind: "storageAccount", property: "keyName", why: "required" });
  const account = await cloud.store.change(caller.actor, of.operation, (model) =>
    regenerateKey(requireStorageAccount(model, placeOf(context)), keyName, cloud.ports),
  );
  return { status: 200, body: keysBody(account) };
}

/** The secret that the keys were made of is replaced: every one of them, and what was signed with it, is void. */
async function revokeDelegationKeys(context: ArmContext): Promise<Reply> {
  const { cloud, caller, row: of } = context;
  await cloud.store.change(caller.actor, of.operation, (model) =>
    renewDelegationSecret(requireStorageAccount(model, placeOf(context)), cloud.ports),
  );
  return { status: 200 };
}

export const storageAccountRows: readonly ArmRow[] = [
  row({
    operation: "Check storage account name availability",
    method: "POST",
    path: `${subscriptionPath}/checkNameAvailability`,
    apiVersion,
    doc: `${docs}/check-name-availability`,
    authorize: { kind: "rbac", action: "Microsoft.Storage/checkNameAvailability/read", at: subscriptionScope },
    sampleBody: { name: "account1", type: storageAccountType },
    handle: checkNameAvailability,
  }),
  row({
    operation: "List storage accounts",
    method: "GET",
    path: `${subscriptionPath}/storageAccounts`,
    apiVersion,
    doc: `${docs}/list`,
    authorize: { kind: "rbac", action: readAction, at: subscriptionScope, isListing: true },
    handle: listInSubscription,
  }),
  row({
    operation: "List storage accounts of a resource group",
    method: "GET",
    path: groupPath,
    apiVersion,
    doc: `${docs}/list-by-resource-group`,
    authorize: { kind: "rbac", action: readAction, at: groupScope, isListing: true },
    handle: listInGroup,
  }),
  row({
    operation: "Get storage account",
    method: "GET",
    path: accountPath,
    apiVersion,
    doc: `${docs}/get-properties`,
    authorize: { kind: "rbac", action: readAction, at: accountScope },
    handle: getAccount,
  }),
  row({
    operation: "Create storage account",
    method: "PUT",
    path: accountPath,
    apiVersion,
    doc: `${docs}/create`,
    authorize: { kind: "rbac", action: writeAction, at: accountScope },
    sampleBody: { location: "westeurope", kind: "StorageV2", sku: { name: "Standard_LRS" } },
    handle: putAccount,
  }),
  row({
    operation: "Update storage account",
    method: "PATCH",
    path: accountPath,
    apiVersion,
    doc: `${docs}/update`,
    authorize: { kind: "rbac", action: writeAction, at: accountScope },
    sampleBody: { tags: {} },
    handle: patchAccount,
  }),
  row({
    operation: "Delete storage account",
    method: "DELETE",
    path: accountPath,
    apiVersion,
    doc: `${docs}/delete`,
    authorize: { kind: "rbac", action: "Microsoft.Storage/storageAccounts/delete", at: accountScope },
    handle: deleteAccount,
  }),
  row({
    operation: "List storage account keys",
    method: "POST",
    path: `${accountPath}/listKeys`,
    apiVersion,
    doc: `${docs}/list-keys`,
    authorize: { kind: "rbac", action: "Microsoft.Storage/storageAccounts/listKeys/action", at: accountScope },
    handle: listKeys,
  }),
  row({
    operation: "Regenerate storage account key",
    method: "POST",
    path: `${accountPath}/regenerateKey`,
    apiVersion,
    doc: `${docs}/regenerate-key`,
    authorize: { kind: "rbac", action: "Microsoft.Storage/storageAccounts/regenerateKey/action", at: accountScope },
    sampleBody: { keyName: "key1" },
    handle: regenerate,
  }),
  row({
    operation: "Revoke user delegation keys",
    method: "POST",
    path: `${accountPath}/revokeUserDelegationKeys`,
    apiVersion,
    doc: `${docs}/revoke-user-delegation-keys`,
    authorize: {
      kind: "rbac",
      action: "Microsoft.Storage/storageAccounts/revokeUserDelegationKeys/action",
      at: accountScope,
    },
    handle: revokeDelegationKeys,
  }),
];
