/** Encryption scopes of an account. @see https://learn.microsoft.com/rest/api/storagerp/encryption-scopes */
import { findEncryptionScope, type GivenScope, putEncryptionScope } from "../resources/encryption-scopes.ts";
import { requireStorageAccount, storageAccountType } from "../resources/storage-accounts.ts";
import type { EncryptionScope } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { Reply } from "../wire/exchange.ts";
import { type ArmContext, type ArmRow, readCallerScope, row } from "./context.ts";
import { refuseArm } from "./fault.ts";
import type { JsonObject } from "./json.ts";
import { listBody, takePage } from "./paging.ts";
import { accountPath, accountScope, placeOf } from "./storage-accounts.ts";
import { wireTime } from "./wire-time.ts";

const apiVersion = "2022-09-01";
const docs = "https://learn.microsoft.com/rest/api/storagerp/encryption-scopes";
const listPath = `${accountPath}/encryptionScopes`;
const scopePath = `${listPath}/{encryptionScope}`;
const readAction = "Microsoft.Storage/storageAccounts/encryptionScopes/read";
const writeAction = "Microsoft.Storage/storageAccounts/encryptionScopes/write";

/** Bytes of a scope's key: AES-256. */
const secretBytes = 32;

function placeOfScope(context: ArmContext): string {
  return readCallerScope(`${accountScope(context)}/encryptionScopes/${context.params.encryptionScope!}`).text;
}

function scopeBody(context: ArmContext, scope: EncryptionScope) {
  const { subscriptionId, resourceGroup, name } = placeOf(context);
  return {
    id: `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${storageAccountType}/${name}/encryptionScopes/${scope.name}`,
    name: scope.name,
    type: `${storageAccountType}/encryptionScopes`,
    properties: {
      state: scope.isEnabled ? "Enabled" : "Disabled",
      source: "Microsoft.Storage",
      requireInfrastructureEncryption: scope.isDoublyEncrypted,
      creationTime: wireTime(scope.creationTime),
      lastModifiedTime: wireTime(scope.lastModifiedTime),
    },
  };
}

/** @throws ArmRefusal `content-invalid`; Refusal `not-implemented` for keys that lie in a vault. */
function readScope(name: string, body: JsonObject): GivenScope {
  const properties = body.object("properties");
  const source = properties.string("source") ?? "Microsoft.Storage";
  if (source.toLowerCase() !== "microsoft.storage") {
    refuse({ kind: "not-implemented", what: `An encryption scope's source '${source.slice(0, 64)}'` });
  }
  const state = properties.string("state")?.toLowerCase();
  if (state !== undefined && state !== "enabled" && state !== "disabled") {
    refuseArm({ kind: "content-invalid", why: "'state' must be Enabled or Disabled" });
  }
  return {
    name,
    isEnabled: state === undefined ? undefined : state === "enabled",
    isDoublyEncrypted: properties.boolean("requireInfrastructureEncryption"),
  };
}

async function writeScope(context: ArmContext, mayCreate: boolean): Promise<Reply> {
  const { cloud, caller, row: of, params } = context;
  const given = readScope(params.encryptionScope!, await context.json());
  const place = placeOf(context);
  if (!mayCreate) requireScope(context);
  const { randomBytes, now } = cloud.ports;
  const secret = Buffer.from(randomBytes(secretBytes)).toString("base64");
  const { scope, isNew } = await cloud.store.change(caller.actor, of.operation, (model) =>
    putEncryptionScope(model, place, given, secret, now().toISOString()),
  );
  return { status: isNew ? 201 : 200, body: scopeBody(context, scope) };
}

function requireScope(context: ArmContext): EncryptionScope {
  const account = requireStorageAccount(context.cloud.model, placeOf(context));
  return (
    findEncryptionScope(account, context.params.encryptionScope!) ?? refuseArm({ kind: "encryption-scope-not-found" })
  );
}

function listScopes(context: ArmContext): Reply {
  const { encryptionScopes = [] } = requireStorageAccount(context.cloud.model, placeOf(context));
  const { rows, nextLink } = takePage(context.exchange, context.query, encryptionScopes, ({ name }) => name);
  return {
    status: 200,
    body: listBody(
      rows.map((scope) => scopeBody(context, scope)),
      nextLink,
    ),
  };
}

export const encryptionScopeRows: readonly ArmRow[] = [
  row({
    operation: "List encryption scopes",
    method: "GET",
    path: listPath,
    apiVersion,
    doc: `${docs}/list`,
    authorize: { kind: "rbac", action: readAction, at: accountScope },
    handle: listScopes,
  }),
  row({
    operation: "Get encryption scope",
    method: "GET",
    path: scopePath,
    apiVersion,
    doc: `${docs}/get`,
    authorize: { kind: "rbac", action: readAction, at: placeOfScope },
    handle: (context) => ({ status: 200, body: scopeBody(context, requireScope(context)) }),
  }),
  row({
    operation: "Put encryption scope",
    method: "PUT",
    path: scopePath,
    apiVersion,
    doc: `${docs}/put`,
    authorize: { kind: "rbac", action: writeAction, at: placeOfScope },
    sampleBody: { properties: {} },
    handle: (context) => writeScope(context, true),
  }),
  row({
    operation: "Update encryption scope",
    method: "PATCH",
    path: scopePath,
    apiVersion,
    doc: `${docs}/patch`,
    authorize: { kind: "rbac", action: writeAction, at: placeOfScope },
    sampleBody: { properties: {} },
    handle: (context) => writeScope(context, false),
  }),
];
