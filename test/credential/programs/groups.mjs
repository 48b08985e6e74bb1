// groups.mjs SUBSCRIPTION: prints the names of the resource groups that the signed-in app sees, by @azure/arm-resources.
import { ResourceManagementClient } from "@azure/arm-resources";
import { DefaultAzureCredential } from "@postern/credential";

const client = new ResourceManagementClient(new DefaultAzureCredential(), process.argv[2]);
const names = [];
for await (const { name } of client.resourceGroups.list()) names.push(name);
console.log(JSON.stringify(names));
