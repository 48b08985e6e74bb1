/** Operations on the federated identity credentials of applications. @see https://learn.microsoft.com/graph/api/resources/federatedidentitycredentials-overview */
import {
  createFederatedCredential,
  deleteFederatedCredential,
  type FederatedProperties,
  federatedCredentialsOf,
  findFederatedCredential,
  updateFederatedCredential,
} from "../directory/federated-credential.ts";
import type { FederatedIdentityCredential } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { Guid } from "../state/identifiers.ts";
import type { Reply } from "../wire/exchange.ts";
import { answerCollection, answerMade, answerOne, noContent, rowsOf } from "./answers.ts";
import { change, freshId } from "./changes.ts";
import { federatedCredentialType } from "./federated-credential-type.ts";
import { refuseGraph } from "./graph-fault.ts";
import { definedOnly, JsonMembers } from "./json-members.ts";
import { objectOf, targetOf } from "./objects.ts";
import { type GraphCall, type GraphOperation, operation } from "./operation.ts";

const target = targetOf("application");
const title = "FederatedIdentityCredential";

type Body = { readonly name: string | undefined; readonly properties: Partial<FederatedProperties> };

function readCredential(call: GraphCall): Body {
  const members = new JsonMembers(call.body, title);
  const name = members.text("name");
  const properties = definedOnly<FederatedProperties>({
    issuer: members.text("issuer"),
    subject: members.optionalText("subject"),
    claimsMatchingExpression: readExpression(members),
    audiences: members.texts("audiences"),
    description: members.optionalText("description"),
  });
  // Addressed by the path; az sends back what it read.
  members.take("id");
  members.finish({ readOnly: [], absent: [] });
  return { name, properties };
}

function readExpression(members: JsonMembers): FederatedProperties["claimsMatchingExpression"] | undefined {
  if (members.take("claimsMatchingExpression") === null) return null;
  const expression = members.object("claimsMatchingExpression");
  if (expression === undefined) return undefined;
  const value = expression.text("value") ?? expression.refuse("value");
  const languageVersion = expression.take("languageVersion");
  if (typeof languageVersion !== "number") return expression.refuse("languageVersion");
  expression.finish({ readOnly: [], absent: [] });
  return { value, languageVersion };
}

/** What is left out of a POST has no value yet; the rule says which of it is needed. */
const nothing: FederatedProperties = {
  issuer: "",
  subject: null,
  claimsMatchingExpression: null,
  audiences: [],
  description: null,
};

function create(call: GraphCall): Promise<Reply> {
  const { name, properties } = readCredential(call);
  return make(call, name ?? "", properties);
}

async function make(call: GraphCall, name: string, properties: Body["properties"]): Promise<Reply> {
  const { id } = objectOf(call, "application");
  const parent = { parentKind: "application", parentId: id } as const;
  const credentialId = freshId<Guid>(call);
  const row = await change(call, "Create federated identity credential", (model) =>
    createFederatedCredential(model, parent, name, { ...nothing, ...properties }, credentialId),
  );
  return answerMade(call, federatedCredentialType(id), row);
}

async function update(call: GraphCall): Promise<Reply> {
  const { id } = objectOf(call, "application");
  const missing = nameToBeMade(call, id);
  const before = missing === undefined ? credentialOf(call) : undefined;
  const { name, properties } = readCredential(call);
  if (name !== undefined && name !== (missing ?? before?.name))
    refuseGraph({ kind: "body-property-read-only", property: "name", resource: title });
  if (before === undefined) return make(call, missing!, properties);
  await change(call, "Update federated identity credential", (model) =>
    updateFederatedCredential(model, id, before.id, properties),
  );
  return noContent;
}

/**
 * The name of a credential that is not there and is to be made then: `Prefer: create-if-missing`, by name only.
 * @see https://learn.microsoft.com/graph/api/federatedidentitycredential-upsert
 */
function nameToBeMade({ cloud, keys, header }: GraphCall, applicationId: string): string | undefined {
  const { text, property } = keys.credential!;
  const preferences = (header("prefer") ?? "").split(",").map((preference) => preference.trim().toLowerCase());
  const mayBeMade = property?.toLowerCase() === "name" && preferences.includes("create-if-missing");
  return mayBeMade && findFederatedCredential(cloud.model, applicationId, text) === undefined ? text : undefined;
}

async function remove(call: GraphCall): Promise<Reply> {
  const { id } = objectOf(call, "application");
  const { id: credentialId } = credentialOf(call);
  await change(call, "Delete federated identity credential", (model) =>
    deleteFederatedCredential(model, id, credentialId),
  );
  return noContent;
}

/** By its id or by its name, written `/{name}` or `(name='{name}')`. */
function credentialOf(call: GraphCall): FederatedIdentityCredential {
  const { id } = objectOf(call, "application");
  const { text, property } = call.keys.credential!;
  if (property !== undefined && property.toLowerCase() !== "name")
    refuseGraph({ kind: "identifier-invalid", id: text });
  return (
    findFederatedCredential(call.cloud.model, id, text) ??
    refuse({ kind: "object-not-found", objectKind: "federatedIdentityCredential", id: text })
  );
}

const collection = "/applications/{application}/federatedIdentityCredentials";
const sampleBody = {
  name: "sample",
  issuer: "https://token.actions.githubusercontent.com",
  subject: "repo:sample/sample:ref:refs/heads/main",
  audiences: ["api://AzureADTokenExchange"],
};

export const federatedCredentialOperations: readonly GraphOperation[] = [
  operation({
    operation: "List federatedIdentityCredentials",
    method: "GET",
    match: collection,
    action: "read-applications",
    isCollection: true,
    doc: "application-list-federatedidentitycredentials",
    handle: (call) => {
      const { id } = objectOf(call, "application");
      const type = federatedCredentialType(id);
      return answerCollection(call, type, rowsOf(type, federatedCredentialsOf(call.cloud.model, id)));
    },
  }),
  operation({
    operation: "Create federatedIdentityCredential",
    method: "POST",
    match: collection,
    action: "manage-application",
    target,
    doc: "application-post-federatedidentitycredentials",
    sampleBody,
    handle: create,
  }),
  operation({
    operation: "Get federatedIdentityCredential",
    method: "GET",
    match: `${collection}/{credential}`,
    action: "read-applications",
    doc: "federatedidentitycredential-get",
    handle: (call) => answerOne(call, federatedCredentialType(objectOf(call, "application").id), credentialOf(call)),
  }),
  operation({
    operation: "Update federatedIdentityCredential",
    method: "PATCH",
    match: `${collection}/{credential}`,
    action: "manage-application",
    target,
    doc: "federatedidentitycredential-update",
    sampleBody,
    handle: update,
  }),
  operation({
    operation: "Delete federatedIdentityCredential",
    method: "DELETE",
    match: `${collection}/{credential}`,
    action: "manage-application",
    target,
    doc: "federatedidentitycredential-delete",
    handle: remove,
  }),
];
