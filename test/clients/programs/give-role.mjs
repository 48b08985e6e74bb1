// give-role.mjs SCOPE PRINCIPAL_ID ROLE: gives a role by @azure/arm-authorization.
import { randomUUID } from "node:crypto";
import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { DefaultAzureCredential } from "@azure/identity";

const [scope, principalId, roleName] = process.argv.slice(2);
const client = new AuthorizationManagementClient(new DefaultAzureCredential(), scope.split("/")[2]);
const roles = client.roleDefinitions.list(scope, { filter: `roleName eq '${roleName}'` });
const { value: role } = await roles.next();
const parameters = { roleDefinitionId: role.id, principalId, principalType: "ServicePrincipal" };
try {
  const { id } = await client.roleAssignments.create(scope, randomUUID(), parameters);
  console.log(id);
} catch (error) {
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}
