/** Storage by account key, connection string and signature, rights through groups, consent, clouds: of the real az and of ours. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { acceptSession } from "./acceptance.ts";
import type { Step } from "./session.ts";

const account = "--account-name {account}";
const byKey = `${account} --account-key {key}`;
const bySignature = `${account} --sas-token {signature}`;
const requestIds = ["client_request_id", "request_id"];

const storage: readonly Step[] = [
  { words: "storage account keys list --account-name {account}", ignore: ["value"], keep: { key: "0.value" } },
  {
    words: "storage account show-connection-string --name {account} --resource-group one",
    keep: { connection: "connectionString" },
    ignore: ["connectionString"],
  },
  { words: `storage container create --name keyed ${byKey}` },
  {
    words: `storage blob upload --container-name keyed --name a.txt --file {work}/site/a.txt ${byKey}`,
    ignore: requestIds,
  },
  { words: "storage blob list --container-name keyed --connection-string {connection}" },
  { words: "storage blob show --container-name keyed --name a.txt --connection-string {connection}" },
  { words: `storage blob exists --container-name keyed --name a.txt ${account} --account-key d3Jvbmc=`, code: 1 },
  {
    words: `storage container generate-sas --name keyed --permissions racwdl --expiry 2030-01-01T00:00Z ${byKey}`,
    keep: { signature: "" },
  },
  { words: `storage blob list --container-name keyed --query '[].name' ${bySignature}` },
  {
    words: `storage blob upload-batch --destination keyed --source {work}/site --destination-path all ${bySignature}`,
    isUnordered: true,
    // az shows the signature with each address: whoever reads that is let in.
    ignore: ["Blob"],
  },
  {
    words: `storage blob download-batch --source keyed --destination {work}/down --pattern 'all/*' ${bySignature}`,
    isUnordered: true,
  },
  {
    words: `storage blob generate-sas --container-name keyed --name a.txt --permissions r --expiry {soon} --as-user --auth-mode login ${account}`,
    keep: { signature: "" },
  },
  { words: `storage blob show --container-name keyed --name a.txt --query name ${bySignature}` },
  { words: `storage blob delete --container-name keyed --name a.txt ${bySignature}`, code: 1 },
];

const rights: readonly Step[] = [
  {
    words: "ad user create --display-name Bob --user-principal-name bob@{domain} --password Tr0ub4dor-and-4",
    keep: { bob: "id" },
  },
  { words: "ad group create --display-name Readers --mail-nickname readers", keep: { group: "id" } },
  { words: "ad group member add --group {group} --member-id {bob}" },
  {
    words:
      "role assignment create --assignee-object-id {group} --assignee-principal-type Group --role Reader --scope {scope}",
  },
  { words: "role assignment list --all --assignee bob@{domain}" },
  { words: "role assignment list --all --assignee bob@{domain} --include-groups" },
  { words: "role assignment list --scope {scope} --assignee {bob} --include-groups --output table", isText: true },
  { words: "ad app create --display-name consenting", keep: { appId: "appId" } },
  { words: "ad sp create --id {appId} --query appId" },
  {
    words:
      "ad app permission add --id {appId} --api 00000003-0000-0000-c000-000000000000 --api-permissions e1fe6dd8-ba31-4d61-89e7-88639da4683d=Scope",
  },
  { words: "ad app permission admin-consent --id {appId}" },
  { words: "ad app permission list-grants --id {appId} --query '[].[scope,consentType]'" },
  { words: "group nonsense", code: 2 },
  { words: "role definition liszt", code: 2 },
  { words: "cloud unregister --name none", code: 1 },
  {
    words: "cloud register --name lab --endpoint-resource-manager https://localhost:1",
    code: 1,
    ownWords: "why nothing answers is told in Python's words",
  },
];

acceptSession("storage by key and signature, rights through groups", [...storage, ...rights], async (side) => {
  const { cloud, variables } = side;
  const { subscriptionId } = cloud.status;
  const { AZURE_CLIENT_ID, username } = await cloud.credentials("operator");
  const scope = `/subscriptions/${subscriptionId}/resourceGroups/one`;
  variables.set("account", "acceptancedata");
  variables.set("scope", scope);
  variables.set("domain", username!.slice(username!.indexOf("@") + 1));
  // A signature by a user's key lasts seven days at most.
  variables.set("soon", `${new Date(Date.now() + 86_400_000).toISOString().slice(0, 16)}Z`);
  await cloud.posternJson("group", "create", "--name", "one", "--location", "westeurope");
  await cloud.posternJson(
    ...["storage", "account", "create", "--name", "acceptancedata", "--resource-group", "one"],
    ...["--allow-shared-key-access", "true"],
  );
  await cloud.posternJson(
    ...["role", "assignment", "create", "--assignee", AZURE_CLIENT_ID, "--role", "Storage Blob Data Owner"],
    ...["--scope", scope],
  );
  await mkdir(join(cloud.workDir, "site/sub"), { recursive: true });
  await mkdir(join(cloud.workDir, "down"));
  await writeFile(join(cloud.workDir, "site/a.txt"), "a\n");
  await writeFile(join(cloud.workDir, "site/sub/b c.json"), "{}\n");
});
