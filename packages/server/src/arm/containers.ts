/**
 * The blob service of an account and its containers, managed from here: rights of the control plane, the engine behind a port.
 * @see https://learn.microsoft.com/rest/api/storagerp/blob-containers
 */
import { blobServiceOf, changeBlobService } from "../resources/blob-service.ts";
import { findEncryptionScope } from "../resources/encryption-scopes.ts";
import { requireStorageAccount, storageAccountType } from "../resources/storage-accounts.ts";
import type { StorageAccount } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { Reply } from "../wire/exchange.ts";
import { describeBlobService, readBlobService } from "./blob-service-shape.ts";
import type { ContainerInfo, ContainerPort, PublicAccess } from "./container-port.ts";
import { type ArmContext, type ArmRow, readCallerScope, row } from "./context.ts";
import { refuseArm } from "./fault.ts";
import type { JsonObject } from "./json.ts";
import { listBody, takePage } from "./paging.ts";
import { accountPath, accountScope, placeOf } from "./storage-accounts.ts";
import { wireTime } from "./wire-time.ts";

const apiVersion = "2022-09-01";
const docs = "https://learn.microsoft.com/rest/api/storagerp";
const servicePath = `${accountPath}/blobServices/default`;
const listPath = `${servicePath}/containers`;
const containerPath = `${listPath}/{container}`;
const readAction = "Microsoft.Storage/storageAccounts/blobServices/containers/read";
const writeAction = "Microsoft.Storage/storageAccounts/blobServices/containers/write";

/** @see https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata#container-names */
const namePattern = /^(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$|^\$(?:root|web)$/;

function serviceScope(context: ArmContext): string {
  return `${accountScope(context)}/blobServices/default`;
}

function containerScope(context: ArmContext): string {
  return readCallerScope(`${serviceScope(context)}/containers/${context.params.container!}`).text;
}

function portOf({ services }: ArmContext): ContainerPort {
  return services.containers ?? refuse({ kind: "not-implemented", what: "Managing containers by Resource Manager" });
}

function containerNameOf({ params }: ArmContext): string {
  const name = params.container!;
  return namePattern.test(name) ? name : refuseArm({ kind: "container-name-invalid", given: name.slice(0, 64) });
}

/** The id of the account's blob service, as the caller spelled the path. */
function serviceId(context: ArmContext): string {
  const { subscriptionId, resourceGroup, name } = placeOf(context);
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${storageAccountType}/${name}/blobServices/default`;
}

function serviceBody(context: ArmContext) {
  const account = requireStorageAccount(context.cloud.model, placeOf(context));
  const { skuName } = account;
  return {
    sku: { name: skuName, tier: skuName.split("_")[0] },
    id: serviceId(context),
    name: "default",
    type: `${storageAccountType}/blobServices`,
    properties: describeBlobService(account),
  };
}

async function putService(context: ArmContext): Promise<Reply> {
  const { cloud, caller, row: of } = context;
  const given = readBlobService(await context.json());
  const place = placeOf(context);
  await cloud.store.change(caller.actor, of.operation, (model) => changeBlobService(model, place, given));
  return { status: 200, body: serviceBody(context) };
}

function containerBody(context: ArmContext, container: ContainerInfo) {
  const { name, etag, lastModified, metadata, publicAccess, defaultScope, isScopeFixed } = container;
  return {
    id: `${serviceId(context)}/containers/${name}`,
    name,
    type: `${storageAccountType}/blobServices/containers`,
    etag: `"${etag}"`,
    properties: {
      defaultEncryptionScope: defaultScope ?? accountScopeName,
      denyEncryptionScopeOverride: isScopeFixed,
      publicAccess,
      metadata,
      lastModifiedTime: wireTime(lastModified),
      leaseStatus: "Unlocked",
      leaseState: "Available",
      hasImmutabilityPolicy: false,
      hasLegalHold: false,
    },
  };
}

async function listContainers(context: ArmContext): Promise<Reply> {
  const { name } = requireStorageAccount(context.cloud.model, placeOf(context));
  const all = await portOf(context).list(name);
  const { rows, nextLink } = takePage(context.exchange, context.query, all, (container) => container.name);
  return {
    status: 200,
    body: listBody(
      rows.map((container) => containerBody(context, container)),
      nextLink,
    ),
  };
}

async function getContainer(context: ArmContext): Promise<Reply> {
  const { name } = requireStorageAccount(context.cloud.model, placeOf(context));
  const container = await portOf(context).get(name, containerNameOf(context));
  return container === undefined
    ? refuseArm({ kind: "container-not-found" })
    : { status: 200, body: containerBody(context, container) };
}

async function putContainer(context: ArmContext): Promise<Reply> {
  const account = requireStorageAccount(context.cloud.model, placeOf(context));
  const properties = (await context.json()).object("properties");
  refuseUnservedSettings(properties);
  const given = {
    metadata: properties.stringMap("metadata") ?? {},
    publicAccess: readPublicAccess(account, properties) ?? "None",
    ...readDefaultScope(account, properties),
  };
  const { container, isNew } = await portOf(context).create(account.name, containerNameOf(context), given);
  return { status: isNew ? 201 : 200, body: containerBody(context, container) };
}

/** What is not said stays as it is. */
async function updateContainer(context: ArmContext): Promise<Reply> {
  const account = requireStorageAccount(context.cloud.model, placeOf(context));
  const properties = (await context.json()).object("properties");
  refuseUnservedSettings(properties);
  if (properties.has("defaultEncryptionScope") || properties.has("denyEncryptionScopeOverride")) {
    refuseArm({ kind: "content-invalid", why: "a container's encryption scope is set when it is made" });
  }
  const change = {
    metadata: properties.stringMap("metadata"),
    publicAccess: readPublicAccess(account, properties),
  };
  const container = await portOf(context).update(account.name, containerNameOf(context), change);
  return container === undefined
    ? refuseArm({ kind: "container-not-found" })
    : { status: 200, body: containerBody(context, container) };
}

function refuseUnservedSettings(properties: JsonObject): void {
  for (const setting of ["immutableStorageWithVersioning", "enableNfsV3RootSquash", "enableNfsV3AllSquash"]) {
    if (properties.has(setting)) refuse({ kind: "not-implemented", what: `The container setting '${setting}'` });
  }
}

const accessLevels: readonly PublicAccess[] = ["None", "Blob", "Container"];

function readPublicAccess(account: StorageAccount, properties: JsonObject): PublicAccess | undefined {
  const text = properties.string("publicAccess");
  if (text === undefined) return undefined;
  const level = accessLevels.find((one) => one.toLowerCase() === text.toLowerCase());
  if (level === undefined)
    return refuseArm({ kind: "content-invalid", why: "'publicAccess' is None, Blob or Container" });
  if (level !== "None" && !account.allowBlobPublicAccess) refuseArm({ kind: "public-access-not-permitted" });
  return level;
}

/** The account's own scope, as Azure names it. */
const accountScopeName = "$account-encryption-key";

function readDefaultScope(account: StorageAccount, properties: JsonObject) {
  const name = properties.string("defaultEncryptionScope") ?? accountScopeName;
  const isScopeFixed = properties.boolean("denyEncryptionScopeOverride") ?? false;
  if (name === accountScopeName) return { defaultScope: null, isScopeFixed };
  const scope = findEncryptionScope(account, name) ?? refuseArm({ kind: "encryption-scope-not-found" });
  return { defaultScope: scope.name, isScopeFixed };
}

async function deleteContainer(context: ArmContext): Promise<Reply> {
  const account = requireStorageAccount(context.cloud.model, placeOf(context));
  const { deletedContainerDays } = blobServiceOf(account);
  const hasKeptBlobs = account.hasKeptBlobs === true;
  const name = containerNameOf(context);
  const outcome = await portOf(context).delete(account.name, name, deletedContainerDays, hasKeptBlobs);
  if (outcome === "kept") refuseArm({ kind: "container-kept" });
  if (outcome === "leased") refuseArm({ kind: "container-leased" });
  return { status: outcome ? 200 : 204 };
}

export const containerRows: readonly ArmRow[] = [
  row({
    operation: "List blob services",
    method: "GET",
    path: `${accountPath}/blobServices`,
    apiVersion,
    doc: `${docs}/blob-services/list`,
    authorize: { kind: "rbac", action: "Microsoft.Storage/storageAccounts/blobServices/read", at: accountScope },
    handle: (context) => ({ status: 200, body: listBody([serviceBody(context)]) }),
  }),
  row({
    operation: "Get blob service",
    method: "GET",
    path: servicePath,
    apiVersion,
    doc: `${docs}/blob-services/get-service-properties`,
    authorize: { kind: "rbac", action: "Microsoft.Storage/storageAccounts/blobServices/read", at: serviceScope },
    handle: (context) => ({ status: 200, body: serviceBody(context) }),
  }),
  row({
    operation: "Set blob service",
    method: "PUT",
    path: servicePath,
    apiVersion,
    doc: `${docs}/blob-services/set-service-properties`,
    authorize: { kind: "rbac", action: "Microsoft.Storage/storageAccounts/blobServices/write", at: serviceScope },
    sampleBody: { properties: { isVersioningEnabled: false } },
    handle: putService,
  }),
  row({
    operation: "List containers",
    method: "GET",
    path: listPath,
    apiVersion,
    doc: `${docs}/blob-containers/list`,
    authorize: { kind: "rbac", action: readAction, at: serviceScope },
    handle: listContainers,
  }),
  row({
    operation: "Get container",
    method: "GET",
    path: containerPath,
    apiVersion,
    doc: `${docs}/blob-containers/get`,
    authorize: { kind: "rbac", action: readAction, at: containerScope },
    handle: getContainer,
  }),
  row({
    operation: "Create container",
    method: "PUT",
    path: containerPath,
    apiVersion,
    doc: `${docs}/blob-containers/create`,
    authorize: { kind: "rbac", action: writeAction, at: containerScope },
    sampleBody: { properties: {} },
    handle: putContainer,
  }),
  row({
    operation: "Update container",
    method: "PATCH",
    path: containerPath,
    apiVersion,
    doc: `${docs}/blob-containers/update`,
    authorize: { kind: "rbac", action: writeAction, at: containerScope },
    sampleBody: { properties: {} },
    handle: updateContainer,
  }),
  row({
    operation: "Delete container",
    method: "DELETE",
    path: containerPath,
    apiVersion,
    doc: `${docs}/blob-containers/delete`,
    authorize: {
      kind: "rbac",
      action: "Microsoft.Storage/storageAccounts/blobServices/containers/delete",
      at: containerScope,
    },
    handle: deleteContainer,
  }),
];
