/**
 * What the other sessions leave out, each command done and refused: clouds, what a wrong subscription, scope, role or assignee is told, lists of nothing,
 * deployments to a subscription, what is deleted twice. Of the real az and of ours.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { acceptSession } from "./acceptance.ts";
import type { Step } from "./session.ts";

const nobody = "00000000-0000-4000-8000-000000000000";
const login = "--account-name {account} --auth-mode login";
const none = "/subscriptions/{subscription}/resourceGroups/none";

const directory: readonly Step[] = [
  { words: "ad app create --display-name first", keep: { appId: "appId" } },
  { words: "ad sp create --id {appId} --query appId" },
  {
    words: "ad user create --display-name Ann --user-principal-name ann@{domain} --password Tr0ub4dor-and-3",
    keep: { ann: "id" },
  },
  {
    words: "ad user create --display-name Bob --user-principal-name bob@{domain} --password Tr0ub4dor-and-3",
    keep: { bob: "id" },
  },
  { words: "ad group create --display-name Readers --mail-nickname readers", keep: { group: "id" } },
  { words: `ad app credential list --id ${nobody}`, code: 1 },
  { words: `ad app federated-credential list --id ${nobody}`, code: 1 },
  {
    words: `ad app federated-credential update --id {appId} --federated-credential-id none --parameters '{"subject":"x"}'`,
    code: 1,
  },
  { words: `ad app owner list --id ${nobody}`, code: 1 },
  { words: `ad app permission admin-consent --id ${nobody}`, code: 1 },
  { words: `ad app permission list --id ${nobody}`, code: 1 },
  { words: `ad app permission delete --id ${nobody} --api ${nobody}`, code: 1 },
  { words: "ad group get-member-groups --group Nothing", code: 1 },
  { words: "ad group list --filter broken", code: 1 },
  { words: `ad group member check --group Nothing --member-id {ann}`, code: 1 },
  { words: `ad group member list --group ${nobody}`, code: 1 },
  { words: `ad group owner add --group {group} --owner-object-id ${nobody}`, code: 1 },
  { words: "ad group owner list --group Nothing", code: 1 },
  { words: "ad group owner add --group {group} --owner-object-id {ann}" },
  { words: "ad group owner add --group {group} --owner-object-id {bob}" },
  { words: "ad group owner remove --group {group} --owner-object-id {ann}" },
  { words: "ad group owner list --group {group} --query '[].displayName'" },
  { words: `ad sp credential list --id ${nobody}`, code: 1 },
  { words: `ad sp credential reset --id ${nobody}`, code: 1 },
  { words: "ad sp list --filter broken", code: 1 },
  { words: `ad sp owner list --id ${nobody}`, code: 1 },
  { words: `ad user get-member-groups --id ${nobody}`, code: 1 },
  { words: "ad user list --filter broken", code: 1 },
];

const resources: readonly Step[] = [
  { words: "group exists --name one --subscription nowhere", code: 1 },
  { words: "group delete --name none --yes", code: 3 },
  { words: "identity delete --name none --resource-group one" },
  { words: "identity delete --name none --resource-group none", code: 3 },
  { words: "identity list --resource-group none", code: 3 },
  { words: "identity create --name worker --resource-group one" },
  { words: "identity list-resources --name worker --resource-group one" },
  { words: "identity list-resources --name none --resource-group one", code: 3 },
  { words: "identity federated-credential list --identity-name none --resource-group one", code: 3 },
  { words: "identity federated-credential delete --name none --identity-name worker --resource-group one --yes" },
  {
    words:
      "identity federated-credential create --name missing --identity-name none --resource-group one --issuer https://token.example --subject s --audiences a",
    code: 3,
  },
  {
    words: "identity federated-credential update --name none --identity-name worker --resource-group one --subject s",
    code: 3,
  },
  // Ours prints the second of them from what it kept of the first, and the third not.
  { words: "role definition list --output table", isText: true },
  { words: "role definition list --output table", isText: true },
  {
    words: `role definition create --role-definition '{"Name":"Kept","Description":"Not kept","Actions":["*/read"],"AssignableScopes":["/subscriptions/@subscription@"]}' --query roleName`,
  },
  { words: "role definition list --output table", isText: true },
  { words: "role definition delete --name Kept" },
  { words: "role definition list --output table", isText: true },
  { words: "role definition list --scope /subscriptions/nowhere", code: 1 },
  { words: `role definition list --scope ${none}`, code: 3 },
  { words: "role definition delete --name 'No Such Role'" },
  { words: "role definition delete --name Reader", code: 1 },
  {
    words: `role assignment update --role-assignment '{"scope":"/x"}'`,
    code: 1,
    ownWords: "az's is Python's KeyError",
  },
  { words: `role assignment create --assignee {appId} --role Reader --scope ${none}`, code: 3 },
  {
    words: `role assignment create --assignee {appId} --role ${nobody} --scope /subscriptions/{subscription}`,
    code: 1,
  },
  { words: `role assignment create --assignee {appId} --role Reader --scope /subscriptions/${nobody}`, code: 3 },
  { words: `role assignment list --scope /subscriptions/${nobody}`, code: 3 },
  { words: `role assignment delete --assignee {appId} --role 'No Such Role'`, code: 1 },
  {
    words: `role assignment delete --ids ${none}/providers/Microsoft.Authorization/roleAssignments/${nobody}`,
  },
  { words: "storage account check-name", code: 2 },
  { words: "storage account keys list --account-name nosuch", code: 2 },
  { words: "storage account keys renew --account-name nosuch --key key1", code: 2 },
  { words: "storage account show-connection-string --name nosuch", code: 2 },
  { words: "storage account update --name nosuch --min-tls-version TLS1_2", code: 2 },
  {
    words: `storage container list --account-name nosuch --auth-mode login`,
    code: 3,
    ownWords: "why a name is not found",
  },
  { words: `storage container delete --name B ${login}`, code: 1 },
  { words: `storage container exists --name B ${login}`, code: 1 },
  { words: `storage container metadata show --name none ${login}`, code: 3 },
  { words: "storage container generate-sas --name box --permissions rl", code: 1 },
  { words: `storage blob delete-batch --source none ${login}`, code: 3 },
  { words: `storage blob download-batch --source none --destination {work} ${login}`, code: 3 },
  { words: `storage blob download-batch --source none --destination /no/such/folder ${login}`, code: 1 },
  { words: "storage blob generate-sas --container-name box --name x --permissions r", code: 1 },
  { words: `storage blob url --container-name box ${login}`, code: 2 },
  { words: "account management-group create --name mg --display-name Group" },
  { words: "account management-group update --name mg --display-name Other --query displayName" },
  { words: "account management-group update --name none --display-name Other", code: 1 },
  { words: "account management-group create --name child --parent none", code: 3 },
  { words: "account management-group delete --name none", isText: true },
  { words: `account management-group subscription add --name none --subscription {subscription}`, code: 3 },
  { words: `account management-group subscription remove --name none --subscription {subscription}`, code: 3 },
  { words: "account management-group list --bad", code: 2 },
];

const deployments: readonly Step[] = [
  {
    words:
      "deployment sub create --name d --location westeurope --template-file {work}/template.json --parameters name=made",
    ignore: ["duration"],
  },
  { words: "deployment sub show --name d", ignore: ["duration"] },
  { words: "deployment sub list --query '[].name'" },
  { words: "deployment sub create --name d --template-file {work}/template.json --parameters name=made", code: 2 },
  { words: "deployment sub create --name e --location westeurope --template-file {work}/template.json", code: 1 },
  { words: "deployment sub create --name e --location westeurope --template-file {work}/none.json", code: 1 },
  { words: "deployment sub show --name none", code: 3 },
  { words: "deployment sub delete --name d" },
  { words: "deployment sub delete --name d", code: 3 },
  { words: "deployment sub list --subscription nowhere", code: 1 },
  { words: "deployment group list --resource-group none" },
  { words: "deployment group delete --resource-group one --name none", code: 3 },
  { words: "group show --name made --query tags" },
  { words: "group delete --name made --yes" },
  { words: "group exists --name made" },
];

/** az is in AzureCloud when it begins, ours in the cloud on this machine: whatever tells which one is in use is asked for at the end. */
const clouds: readonly Step[] = [
  { words: "cloud list --query \"[?name!='Postern' && name!='AzureCloud']\"" },
  { words: "cloud list --query \"[?name!='Postern'].name\" --output tsv", isText: true },
  { words: "cloud list --bad", code: 2 },
  { words: "cloud show --name AzureChinaCloud" },
  { words: "cloud show --name AzureUSGovernment" },
  { words: "cloud show --name AzureCloud --query '{e:endpoints,s:suffixes,p:profile}'" },
  { words: "cloud register --name AzureChinaCloud --endpoint-resource-manager {base}", code: 1 },
  { words: "cloud register --name bare", code: 1 },
  {
    words:
      "cloud register --name half --endpoint-active-directory https://login.example --endpoint-active-directory-resource-id https://arm.example",
    code: 1,
  },
  { words: "cloud register --name lab --endpoint-resource-manager {base}" },
  { words: "cloud register --name lab --endpoint-resource-manager {base}", code: 1 },
  { words: "cloud show --name lab" },
  { words: "cloud update --name lab --suffix-storage-endpoint lab.example --suffix-keyvault-dns .vault.lab.example" },
  { words: "cloud update --name none --suffix-storage-endpoint x", code: 1 },
  { words: "cloud show --name lab --query suffixes" },
  {
    words: `cloud register --name other --cloud-config '{"endpoints":{"resourceManager":"@base@","portal":"https://portal.other.example"},"suffixes":{"storage_endpoint":"other.example"}}'`,
  },
  { words: "cloud show --name other" },
  { words: "cloud unregister --name other" },
  { words: "cloud set --name lab" },
  { words: "cloud show" },
  { words: "cloud list --output table --query \"[?name!='Postern'].{n:name,a:isActive}\"", isText: true },
  { words: "group list", code: 1, ownWords: "az tells of its own subscription file first" },
  { words: "cloud unregister --name lab", code: 1 },
  { words: "cloud set --name AzureCloud", ownWords: "az remembers which subscription was in use there" },
  { words: "cloud set --name AzureCloud" },
  { words: "cloud show" },
  { words: "cloud unregister --name AzureUSGovernment", code: 1 },
  { words: "cloud unregister --name lab" },
  { words: "cloud unregister --name lab", code: 1 },
];

const signedOut: readonly Step[] = [
  { words: "account clear --bad", code: 2 },
  { words: "account list --bad", code: 2 },
  { words: "logout --username nobody@nowhere.example" },
  { words: "account clear" },
  { words: "logout", code: 1 },
];

const template = {
  $schema: "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#",
  contentVersion: "1.0.0.0",
  parameters: { name: { type: "string" } },
  resources: [
    {
      type: "Microsoft.Resources/resourceGroups",
      apiVersion: "2022-09-01",
      name: "[parameters('name')]",
      location: "westeurope",
      tags: { by: "[deployment().name]" },
    },
  ],
};

acceptSession(
  "the remaining commands",
  [...directory, ...resources, ...deployments, ...signedOut, ...clouds],
  async ({ cloud, variables }) => {
    const { AZURE_CLIENT_ID, username } = await cloud.credentials("operator");
    variables.set("domain", username!.slice(username!.indexOf("@") + 1));
    variables.set("account", "remainingdata");
    variables.set("base", cloud.status.baseUrl);
    await cloud.posternJson("group", "create", "--name", "one", "--location", "westeurope");
    await cloud.posternJson(...["storage", "account", "create", "-n", "remainingdata", "-g", "one"]);
    await cloud.posternJson(
      ...["role", "assignment", "create", "--assignee", AZURE_CLIENT_ID, "--role", "Storage Blob Data Owner"],
      ...["--scope", `/subscriptions/${cloud.status.subscriptionId}`],
    );
    await writeFile(join(cloud.workDir, "template.json"), JSON.stringify(template));
  },
);
