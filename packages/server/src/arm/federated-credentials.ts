/**
 * Federated identity credentials of managed identities.
 * @see https://learn.microsoft.com/rest/api/managedidentity/federated-identity-credentials
 */
import {
  createFederatedCredential,
  deleteFederatedCredential,
  type FederatedProperties,
  federatedCredentialsOf,
  findFederatedCredential,
  updateFederatedCredential,
} from "../directory/federated-credential.ts";
import { managedIdentityType, requireManagedIdentity } from "../resources/managed-identities.ts";
import { scopeOfManagedIdentity } from "../resources/scopes.ts";
import type { FederatedIdentityCredential, ManagedIdentity } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { Guid } from "../state/identifiers.ts";
import type { Reply } from "../wire/exchange.ts";
import { type ArmContext, type ArmRow, readCallerScope, row } from "./context.ts";
import { identityPath, identityPlaceOf, identityScope } from "./managed-identities.ts";
import { listBody, takePage } from "./paging.ts";

const apiVersion = "2023-01-31";
const docs = "https://learn.microsoft.com/rest/api/managedidentity/federated-identity-credentials";
const action = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials";
const listPath = `${identityPath}/federatedIdentityCredentials`;
const credentialPath = `${listPath}/{credential}`;

function credentialScope(context: ArmContext): string {
  return readCallerScope(`${identityScope(context)}/federatedIdentityCredentials/${context.params.credential!}`).text;
}

/** A name here is never taken for an id: only Graph finds a credential by either. */
function findByName(context: ArmContext, { principalId }: ManagedIdentity): FederatedIdentityCredential | undefined {
  const name = context.params.credential!;
  const found = findFederatedCredential(context.cloud.model, principalId, name);
  return found?.name.toLowerCase() === name.toLowerCase() ? found : undefined;
}

function credentialBody(identity: ManagedIdentity, credential: FederatedIdentityCredential) {
  const { name, issuer, subject, audiences } = credential;
  return {
    id: `${scopeOfManagedIdentity(identity)}/federatedIdentityCredentials/${name}`,
    name,
    type: `${managedIdentityType}/federatedIdentityCredentials`,
    properties: { issuer, subject, audiences },
  };
}

function listCredentials(context: ArmContext): Reply {
  const { cloud, exchange, query } = context;
  const identity = requireManagedIdentity(cloud.model, identityPlaceOf(context));
  const all = federatedCredentialsOf(cloud.model, identity.principalId);
  const { rows, nextLink } = takePage(exchange, query, all, ({ name }) => name.toLowerCase());
  return {
    status: 200,
    body: listBody(
      rows.map((credential) => credentialBody(identity, credential)),
      nextLink,
    ),
  };
}

function getCredential(context: ArmContext): Reply {
  const identity = requireManagedIdentity(context.cloud.model, identityPlaceOf(context));
  const credential = findByName(context, identity);
  return credential === undefined
    ? refuse({
        kind: "resource-not-found",
        resourceType: `${managedIdentityType}/federatedIdentityCredentials`,
        name: `${identity.name}/${context.params.credential!.slice(0, 128)}`,
        resourceGroup: identity.resourceGroup,
      })
    : { status: 200, body: credentialBody(identity, credential) };
}

async function readProperties(context: ArmContext): Promise<FederatedProperties> {
  const properties = (await context.json()).object("properties");
  if (properties.has("claimsMatchingExpression"))
    refuse({ kind: "not-implemented", what: "The claimsMatchingExpression of a managed identity's credential" });
  return {
    issuer: properties.string("issuer") ?? "",
    subject: properties.string("subject") ?? null,
    claimsMatchingExpression: null,
    audiences: properties.strings("audiences") ?? [],
    description: null,
  };
}

async function putCredential(context: ArmContext): Promise<Reply> {
  const { cloud, caller, row: of } = context;
  const properties = await readProperties(context);
  const name = context.params.credential!;
  const made = await cloud.store.change(caller.actor, of.operation, (model) => {
    const identity = requireManagedIdentity(model, identityPlaceOf(context));
    const parent = { parentKind: "managedIdentity", parentId: identity.principalId } as const;
    const isNew = findByName(context, identity) === undefined;
    const { changes, result } = isNew
      ? createFederatedCredential(model, parent, name, properties, cloud.ports.guid() as Guid)
      : updateFederatedCredential(model, identity.principalId, name, properties);
    return { changes, result: { identity, credential: result, isNew } };
  });
  return { status: made.isNew ? 201 : 200, body: credentialBody(made.identity, made.credential) };
}

async function deleteCredential(context: ArmContext): Promise<Reply> {
  const { cloud, caller, row: of } = context;
  const wasThere = await cloud.store.change(caller.actor, of.operation, (model) => {
    const identity = requireManagedIdentity(model, identityPlaceOf(context));
    const credential = findByName(context, identity);
    if (credential === undefined) return { changes: [], result: false };
    const { changes } = deleteFederatedCredential(model, identity.principalId, credential.id);
    return { changes, result: true };
  });
  return { status: wasThere ? 200 : 204 };
}

export const federatedCredentialRows: readonly ArmRow[] = [
  row({
    operation: "List federated identity credentials of a managed identity",
    method: "GET",
    path: listPath,
    apiVersion,
    doc: `${docs}/list`,
    authorize: { kind: "rbac", action: `${action}/read`, at: identityScope },
    handle: listCredentials,
  }),
  row({
    operation: "Get federated identity credential of a managed identity",
    method: "GET",
    path: credentialPath,
    apiVersion,
    doc: `${docs}/get`,
    authorize: { kind: "rbac", action: `${action}/read`, at: credentialScope },
    handle: getCredential,
  }),
  row({
    operation: "Create or update federated identity credential of a managed identity",
    method: "PUT",
    path: credentialPath,
    apiVersion,
    doc: `${docs}/create-or-update`,
    authorize: { kind: "rbac", action: `${action}/write`, at: credentialScope },
    sampleBody: {
      properties: { issuer: "https://token.example", subject: "s", audiences: ["api://AzureADTokenExchange"] },
    },
    handle: putCredential,
  }),
  row({
    operation: "Delete federated identity credential of a managed identity",
    method: "DELETE",
    path: credentialPath,
    apiVersion,
    doc: `${docs}/delete`,
    authorize: { kind: "rbac", action: `${action}/delete`, at: credentialScope },
    handle: deleteCredential,
  }),
];
