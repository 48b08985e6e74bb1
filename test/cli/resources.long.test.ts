/** Resource groups, roles, storage, managed identities and sign-in: of the real az and of ours. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { acceptSession } from "./acceptance.ts";
import type { Step } from "./session.ts";

const nobody = "00000000-0000-4000-8000-000000000000";
const group = "/subscriptions/{subscription}/resourceGroups/one";
const login = "--account-name {account} --auth-mode login";

const groups: readonly Step[] = [
  { words: "group create --name one --location 'West Europe' --tags a=b c" },
  { words: "group create --name one", code: 2 },
  { words: "group create --name two --location nowhere", code: 1 },
  { words: "group show --name ONE" },
  { words: "group show --name none", code: 3 },
  { words: "group list" },
  { words: "group list --tag a=b --output table", isText: true },
  { words: "group list --query '[].{n:name,l:location}' --output tsv", isText: true },
  { words: "group list --query '[0].tags' --output yaml", isText: true },
  { words: "group list --output yamlc", isText: true },
  { words: "group list --output jsonc", isText: true },
  { words: "group list --output none", isText: true },
  { words: "group list --query '[' ", code: 2, ownWords: "why a query cannot be read is each parser's text" },
  { words: "group list --outp json" },
  { words: "group list --output nonsense", code: 2, ownWords: "az names the group of the command, too" },
  { words: "group list --subscription nowhere", code: 1 },
  { words: "group list --subscription Postern" },
  { words: "group exists --name one" },
  { words: "group exists --name none" },
  { words: "group update --name one --set tags.d=e" },
  { words: "group update --name none --tags a=b", code: 3 },
];

const accounts: readonly Step[] = [
  { words: "storage account check-name --name {account}" },
  { words: "storage account check-name --name A!" },
  {
    words:
      "storage account create --name {account} --resource-group one --sku Standard_LRS --allow-shared-key-access true --tags t=u",
  },
  { words: "storage account create --name {account} --resource-group none", code: 2 },
  { words: "storage account create --name A! --resource-group one --location westeurope", code: 1 },
  { words: "storage account show --name {account}" },
  { words: "storage account show --name {account} --resource-group none", code: 3 },
  { words: "storage account show --name nosuch", code: 2 },
  { words: "storage account show", code: 1 },
  { words: "storage account delete --yes", code: 1 },
  { words: `storage account show --ids ${group}/providers/Microsoft.Storage/storageAccounts/{account} --name other` },
  { words: "storage account show --ids {account}", code: 1 },
  { words: "storage account show --ids", code: 2 },
  { words: "storage account list" },
  { words: "storage account list --resource-group none", code: 3 },
  { words: "storage account update --name {account} --resource-group one --min-tls-version TLS1_2 --tags" },
  { words: "storage account update --name {account} --resource-group one --min-tls-version TLS1_2 --tags x=y" },
  { words: "storage account keys list --account-name {account}", ignore: ["value"] },
  { words: "storage account keys renew --account-name {account} --resource-group one --key key2", ignore: ["value"] },
  { words: "storage account show-connection-string --name {account} --query 'length(connectionString)'" },
];

const roles: readonly Step[] = [
  { words: "role definition list --name Reader" },
  { words: "role definition list --name 'No Such Role'" },
  { words: "role definition list --name acdd72a7-3385-48ef-bd42-f606fba81ae7 --output table", isText: true },
  { words: "role definition list --custom-role-only" },
  { words: `role definition show --name acdd72a7-3385-48ef-bd42-f606fba81ae7 --scope ${group}` },
  { words: "role definition show --name Reader", code: 1 },
  { words: `role definition show --name ${nobody} --scope ${group}`, code: 3 },
  {
    words: `role definition create --role-definition '{"Name":"Lister","Description":"Lists","Actions":["Microsoft.Storage/storageAccounts/read"],"DataActions":[],"AssignableScopes":["/subscriptions/@subscription@"]}'`,
    keep: { roleName: "name", roleId: "id" },
  },
  { words: `role definition create --role-definition '{"Name":"Lister"}'`, code: 1 },
  { words: "role definition create --role-definition '[]'", code: 1 },
  {
    words: `role definition create --role-definition '{"Name":"X","Actions":["Nonsense/*/read"],"AssignableScopes":["/subscriptions/@subscription@"]}'`,
  },
  { words: "role definition list --custom-role-only" },
  {
    words: `role definition update --role-definition '{"name":"Lister","description":"Lists more","actions":["*/read"],"assignableScopes":["/subscriptions/@subscription@"]}'`,
  },
  {
    words: `role definition update --role-definition '{"name":"Nobody","actions":["*/read"],"assignableScopes":["/subscriptions/@subscription@"]}'`,
    code: 1,
  },
  {
    words: `role assignment create --assignee {robot} --role Lister --scope ${group} --description why`,
    keep: { assignment: "id", assignmentName: "name" },
  },
  { words: `role assignment create --assignee {robot} --role Lister --scope ${group}` },
  { words: `role assignment create --assignee {robot} --role 'No Such Role' --scope ${group}`, code: 1 },
  { words: `role assignment create --assignee nobody --role Reader --scope ${group}`, code: 1 },
  { words: "role assignment create --assignee {robot} --role Reader --scope /subscriptions/x/nonsense", code: 1 },
  { words: "role assignment create --assignee {robot} --role Reader", code: 2 },
  { words: `role assignment create --role Reader --scope ${group}`, code: 1 },
  { words: `role assignment create --assignee-object-id ${nobody} --role Reader --scope ${group}`, code: 1 },
  {
    words: `role assignment create --assignee-object-id {robotPrincipal} --assignee-principal-type ServicePrincipal --role 'Storage Blob Data Reader' --scope ${group} --condition "((!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'})) OR (@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'box'))"`,
  },
  {
    words: `role assignment create --assignee {robot} --role Reader --scope ${group} --condition-version 2.0`,
    code: 1,
  },
  { words: `role assignment list --scope ${group}`, isUnordered: true },
  {
    words: `role assignment list --scope ${group} --include-inherited --query '[].roleDefinitionName' `,
    isUnordered: true,
  },
  { words: "role assignment list --all --assignee {robot}", isUnordered: true },
  { words: "role assignment list --all --assignee {robot} --include-groups", isUnordered: true },
  { words: "role assignment list --all --scope /x", code: 1 },
  { words: "role assignment list --resource-group one --role Lister --output table", isText: true },
  { words: "role assignment list --resource-group one --scope /x", code: 1 },
  { words: "role assignment list --assignee ''", code: 1 },
  { words: "role assignment list --assignee nobody@nowhere.example", code: 1 },
  { words: "role assignment list --scope /subscriptions/{subscription}/resourceGroups/none", code: 3 },
  {
    words: `role assignment update --role-assignment '{"scope":"/subscriptions/@subscription@/resourceGroups/one","name":"@assignmentName@","roleDefinitionId":"@roleId@","principalId":"@robotPrincipal@","description":"because"}'`,
  },
  // Both list up to now, each its own now: what was changed in the last second is in one list and not in the other.
  { words: "role assignment list-changelogs --query 'length(@) > `2`'" },
  { words: "role assignment list-changelogs --start-time yesterday", code: 1 },
  { words: `role assignment delete --assignee {robot} --role Lister --scope ${group}` },
  { words: `role assignment delete --assignee {robot} --role Lister --scope ${group}`, code: 1 },
  { words: "role assignment delete", code: 1 },
  { words: "role definition delete --name Lister" },
  { words: "role definition delete --name Lister" },
];

const blobs: readonly Step[] = [
  {
    words:
      "role assignment create --assignee {operator} --role 'Storage Blob Data Owner' --scope /subscriptions/{subscription}",
  },
  { words: `storage container create --name box ${login}` },
  { words: `storage container create --name box ${login}` },
  { words: `storage container create --name box --fail-on-exist ${login}`, code: 1 },
  { words: `storage container create --name B ${login}`, code: 1 },
  { words: `storage container list ${login}` },
  { words: `storage container show --name box ${login}` },
  { words: `storage container show --name none ${login}`, code: 3 },
  { words: `storage container exists --name box ${login}` },
  { words: `storage container exists --name none ${login}` },
  { words: `storage container metadata show --name box ${login}` },
  {
    words: `storage blob upload --container-name box --name 'a b/c.txt' --file {work}/site/a.txt --metadata k=v ${login}`,
    ignore: ["client_request_id", "request_id"],
  },
  { words: `storage blob upload --container-name box --name 'a b/c.txt' --file {work}/site/a.txt ${login}`, code: 1 },
  {
    words: `storage blob upload --container-name box --name 'a b/c.txt' --data hello --overwrite ${login}`,
    ignore: ["client_request_id", "request_id"],
  },
  { words: `storage blob upload --container-name box --name x --file /no/such/file ${login}`, code: 1 },
  { words: `storage blob upload --container-name none --name x --data x ${login}`, code: 3 },
  { words: `storage blob list --container-name box ${login}` },
  { words: `storage blob list --container-name box --delimiter / --query '[].name' ${login}` },
  { words: `storage blob list --container-name box --prefix nothing ${login}` },
  { words: `storage blob list --container-name none ${login}`, code: 3 },
  { words: "storage blob list --container-name box --auth-mode login", code: 1 },
  { words: `storage blob show --container-name box --name 'a b/c.txt' ${login}` },
  { words: `storage blob show --container-name box --name 'a b/c.txt' --output table ${login}`, isText: true },
  { words: `storage blob show --container-name box --name none ${login}`, code: 3 },
  { words: `storage blob exists --container-name box --name none ${login}` },
  { words: `storage blob url --container-name box --name 'a b/c.txt' ${login} --output tsv`, isText: true },
  { words: `storage blob download --container-name box --name 'a b/c.txt' --file {work}/out.txt ${login}` },
  { words: `storage blob download --container-name box --name none --file {work}/out2.txt ${login}`, code: 3 },
  {
    words: `storage blob upload-batch --destination box --source {work}/site --destination-path deep/er ${login}`,
    isUnordered: true,
  },
  { words: `storage blob upload-batch --destination box --source {work}/site --pattern '*.json' --dryrun ${login}` },
  {
    words: `storage blob upload-batch --destination box --source /no/such/folder ${login}`,
    code: 2,
  },
  { words: `storage blob download-batch --source box --destination {work}/down --pattern 'deep/*' ${login}` },
  {
    words: `storage blob generate-sas --container-name box --name x --permissions r --expiry 2030-01-01 --account-name {account} --account-key a2V5 --output tsv`,
    isText: true,
  },
  {
    words: `storage container generate-sas --name box --permissions rl --expiry 2030-01-01T10:00Z --https-only --ip 10.0.0.1 --account-name {account} --account-key a2V5 --output tsv`,
    isText: true,
  },
  { words: `storage blob delete --container-name box --name 'a b/c.txt' ${login}` },
  { words: `storage blob delete --container-name box --name 'a b/c.txt' ${login}`, code: 3 },
  { words: `storage blob delete-batch --source box ${login}` },
  { words: `storage container delete --name box ${login}` },
  { words: `storage container delete --name box ${login}` },
  { words: "storage account delete --name {account} --yes" },
  { words: "storage account delete --name {account} --yes", code: 2 },
];

const identities: readonly Step[] = [
  { words: "identity create --name worker --resource-group one" },
  { words: "identity create --name worker --resource-group none", code: 2 },
  { words: "identity show --name worker --resource-group one" },
  { words: "identity show --name none --resource-group one", code: 3 },
  { words: "identity show", code: 1 },
  { words: "identity show --name worker", code: 1 },
  { words: `identity show --ids ${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/worker` },
  { words: `identity show --ids ${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/none`, code: 3 },
  { words: "identity list" },
  {
    words:
      "identity federated-credential create --name ci1 --identity-name worker --resource-group one --issuer https://token.example --subject s --audiences api://AzureADTokenExchange",
  },
  { words: "identity federated-credential list --identity-name worker --resource-group one" },
  { words: "identity federated-credential show --name ci1 --identity-name worker --resource-group one" },
  { words: "identity federated-credential show --name none --identity-name worker --resource-group one", code: 3 },
  {
    words:
      "identity federated-credential update --name ci1 --identity-name worker --resource-group one --subject other",
  },
  { words: "identity federated-credential delete --name ci1 --identity-name worker --resource-group one --yes" },
  { words: "identity delete --name worker --resource-group one" },
  { words: "account management-group create --name mg --display-name Group" },
  { words: "account management-group list", isUnordered: true },
  { words: "account management-group show --name mg --expand" },
  { words: "account management-group show --name none", code: 3 },
  { words: "account management-group subscription add --name mg --subscription {subscription}" },
  { words: "account management-group subscription remove --name mg --subscription {subscription}" },
  {
    words: "account management-group delete --name mg",
    ownWords: "az waits and says nothing",
    isText: true,
    ignore: [],
  },
  {
    words:
      "deployment group create --resource-group one --name d --template-file {work}/template.json --parameters name=Deployed",
    ignore: ["duration"],
  },
  { words: "deployment group show --resource-group one --name d", ignore: ["duration"] },
  { words: "deployment group list --resource-group one --query '[].name'" },
  {
    words:
      "deployment group create --resource-group one --name e --template-file {work}/template.json --parameters name=Deployed sku=Nonsense",
    code: 1,
  },
  { words: "deployment group create --resource-group one --name e --template-file {work}/template.json", code: 1 },
  { words: "deployment group show --resource-group one --name none", code: 3 },
  { words: "deployment group delete --resource-group one --name d" },
  { words: "rest --url '/subscriptions?api-version=2022-12-01'" },
  { words: "rest --url https://graph.microsoft.com/v1.0/organization --query 'value[0].displayName'" },
  { words: "rest --method get --url /nonsense", code: 1, ownWords: "an error's request ids stand in the middle of it" },
  { words: "cloud show --name nowhere", code: 1 },
  { words: "cloud set --name nowhere", code: 1 },
];

const signIn: readonly Step[] = [
  { words: "account show" },
  { words: "account show --subscription nowhere", code: 1 },
  { words: "account list" },
  { words: "account list --output table", isText: true },
  { words: "account set --subscription nowhere", code: 1 },
  { words: "account set --subscription Postern" },
  { words: "account get-access-token --resource-type ms-graph", ignore: ["accessToken", "expires_on", "expiresOn"] },
  { words: "account get-access-token --subscription nowhere", code: 1 },
  { words: `login --service-principal --username ${nobody} --password x --tenant {tenant}`, code: 1 },
  { words: "login --service-principal --password x", code: 1 },
  { words: "login --identity --username x", code: 1 },
  { words: "login --use-device-code --username x", code: 1 },
  { words: "login --service-principal --username {robot} --password @{work}/secret.txt --tenant {tenant}" },
  { words: "account show" },
  { words: "logout" },
  { words: "login --service-principal --username {robot} --certificate {work}/robot.pem --tenant {tenant}" },
  { words: "account show --query user" },
  { words: "account clear" },
  { words: "login --username {username} --password {password}" },
  { words: "ad signed-in-user show --query userPrincipalName" },
  {
    words: "account get-access-token --scope https://graph.microsoft.com/.default",
    ignore: ["accessToken", "expires_on", "expiresOn"],
  },
  { words: "login --username {username} --password wrong", code: 1 },
  { words: "logout --username {username}" },
];

/** One of each kind of resource, with what templates are made of: parameters, variables, a loop, a reference. */
const template = {
  $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  contentVersion: "1.0.0.0",
  parameters: { name: { type: "string" }, sku: { type: "string", defaultValue: "Standard_LRS" } },
  variables: { account: "[toLower(concat(parameters('name'), 'data'))]" },
  resources: [
    {
      type: "Microsoft.Storage/storageAccounts",
      apiVersion: "2023-05-01",
      name: "[variables('account')]",
      location: "[resourceGroup().location]",
      sku: { name: "[parameters('sku')]" },
      kind: "StorageV2",
    },
    {
      type: "Microsoft.ManagedIdentity/userAssignedIdentities",
      apiVersion: "2023-01-31",
      name: "[format('machine-{0}', copyIndex())]",
      location: "[resourceGroup().location]",
      copy: { name: "machines", count: 2 },
    },
  ],
  outputs: { endpoint: { type: "string", value: "[reference(variables('account')).primaryEndpoints.blob]" } },
};

acceptSession(
  "resources and sign-in",
  [...groups, ...accounts, ...roles, ...blobs, ...identities, ...signIn],
  async (side) => {
    const { cloud, variables } = side;
    variables.set("account", "acceptancedata");
    const { appId, password } = await cloud.posternJson<{ appId: string; password: string }>(
      ...[
        "ad",
        "sp",
        "create-for-rbac",
        "--name",
        "robot",
        "--role",
        "Reader",
        "--scopes",
        `/subscriptions/${cloud.status.subscriptionId}`,
      ],
    );
    const principal = await cloud.posternJson<{ id: string }>("ad", "sp", "show", "--id", appId);
    const made = await cloud.posternJson<{ fileWithCertAndPrivateKey: string }>(
      ...["ad", "app", "credential", "reset", "--id", appId, "--append", "--create-cert"],
    );
    const { username, password: word } = await cloud.credentials("operator");
    const { cp, mkdir, rm } = await import("node:fs/promises");
    await mkdir(join(cloud.workDir, "site/sub"), { recursive: true });
    await mkdir(join(cloud.workDir, "down"));
    await writeFile(join(cloud.workDir, "site/a.txt"), "a\n");
    await writeFile(join(cloud.workDir, "site/sub/b c.json"), "{}\n");
    await writeFile(join(cloud.workDir, "secret.txt"), password);
    await writeFile(join(cloud.workDir, "template.json"), JSON.stringify(template));
    await cp(made.fileWithCertAndPrivateKey, join(cloud.workDir, "robot.pem"));
    await rm(made.fileWithCertAndPrivateKey);
    for (const [name, value] of Object.entries({
      robot: appId,
      robotPrincipal: principal.id,
      username: username!,
      password: word!,
    })) {
      variables.set(name, value);
    }
  },
);
