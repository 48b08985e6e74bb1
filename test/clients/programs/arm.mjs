// arm.mjs SCOPE PRINCIPAL_ID: role definitions and assignments by @azure/arm-authorization; prints what it found as JSON.
import { randomUUID } from "node:crypto";
import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { DefaultAzureCredential } from "@azure/identity";

const [scope, principalId] = process.argv.slice(2);
const subscription = scope.split("/")[2];
const client = new AuthorizationManagementClient(new DefaultAzureCredential(), subscription);

async function collect(pages) {
  const items = [];
  for await (const item of pages) items.push(item);
  return items;
}

const roles = await collect(client.roleDefinitions.list(scope));
const [reader] = await collect(
  client.roleDefinitions.list(scope, { filter: "roleName eq 'Storage Blob Data Reader'" }),
);
const parameters = { roleDefinitionId: reader.id, principalId, principalType: "ServicePrincipal" };
const made = await client.roleAssignments.create(scope, randomUUID(), parameters);
const filter = `principalId eq '${principalId}'`;
const listed = await collect(client.roleAssignments.listForScope(scope, { filter }));
const deleted = await client.roleAssignments.deleteById(made.id);
const left = await collect(client.roleAssignments.listForScope(scope, { filter }));
console.log(
  JSON.stringify({
    roleCount: roles.length,
    role: reader.roleName,
    isListed: listed.some(({ id }) => id === made.id),
    isDeletedAnswered: deleted.id === made.id,
    leftCount: left.filter(({ id }) => id === made.id).length,
  }),
);
