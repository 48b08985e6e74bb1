/** A federated identity credential as Graph shows it. @see https://learn.microsoft.com/graph/api/resources/federatedidentitycredential */
import type { FederatedIdentityCredential } from "../state/entities.ts";
import type { ResourceType } from "./resource-type.ts";

/** The context names the application they belong to. */
export function federatedCredentialType(applicationId: string): ResourceType<FederatedIdentityCredential> {
  return {
    name: "federatedIdentityCredential",
    set: `applications('${applicationId}')/federatedIdentityCredentials`,
    title: "FederatedIdentityCredential",
    keyOf: (row) => row.id,
    properties: [
      { name: "id", read: (row) => row.id },
      { name: "name", read: (row) => row.name },
      { name: "issuer", read: (row) => row.issuer },
      { name: "subject", read: (row) => row.subject },
      { name: "description", read: (row) => row.description },
      { name: "audiences", read: (row) => row.audiences },
      { name: "claimsMatchingExpression", read: (row) => row.claimsMatchingExpression },
    ],
    filters: {
      id: { kind: "identifier", read: (row) => row.id },
      name: { kind: "text", read: (row) => row.name },
      issuer: { kind: "text", read: (row) => row.issuer },
      subject: { kind: "text", read: (row) => row.subject },
    },
    indexes: {},
  };
}
