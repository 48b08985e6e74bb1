/**
 * What az tells of Microsoft's clouds: every endpoint and suffix it knows, also those that no command here uses, for scripts read them.
 *
 * Owns: the names of a description's members, in az's spelling. Facts, as az 2.74 has them. May use: nothing.
 * @see https://learn.microsoft.com/cli/azure/manage-clouds-azure-cli
 */

/** The four clouds, in az's order; each row below has a value for each. */
const knownCloudNames = ["AzureCloud", "AzureChinaCloud", "AzureUSGovernment", "AzureGermanCloud"] as const;

type Row = readonly [string | null, string | null, string | null, string | null];

const aliases =
  "https://raw.githubusercontent.com/Azure/azure-rest-api-specs/main/arm-compute/quickstart-templates/aliases.json";

const endpoints = {
  activeDirectory: [
    "https://login.microsoftonline.com",
    "https://login.chinacloudapi.cn",
    "https://login.microsoftonline.us",
    "https://login.microsoftonline.de",
  ],
  activeDirectoryDataLakeResourceId: ["https://datalake.azure.net/", null, null, null],
  activeDirectoryGraphResourceId: [
    "https://graph.windows.net/",
    "https://graph.chinacloudapi.cn/",
    "https://graph.windows.net/",
    "https://graph.cloudapi.de/",
  ],
  activeDirectoryResourceId: [
    "https://management.core.windows.net/",
    "https://management.core.chinacloudapi.cn/",
    "https://management.core.usgovcloudapi.net/",
    "https://management.core.cloudapi.de/",
  ],
  appInsightsResourceId: [
    "https://api.applicationinsights.io",
    "https://api.applicationinsights.azure.cn",
    "https://api.applicationinsights.us",
    null,
  ],
  appInsightsTelemetryChannelResourceId: [
    "https://dc.applicationinsights.azure.com/v2/track",
    "https://dc.applicationinsights.azure.cn/v2/track",
    "https://dc.applicationinsights.us/v2/track",
    null,
  ],
  attestationResourceId: ["https://attest.azure.net", null, null, null],
  azmirrorStorageAccountResourceId: [null, null, null, null],
  batchResourceId: [
    "https://batch.core.windows.net/",
    "https://batch.chinacloudapi.cn/",
    "https://batch.core.usgovcloudapi.net/",
    "https://batch.cloudapi.de/",
  ],
  gallery: [
    "https://gallery.azure.com/",
    "https://gallery.chinacloudapi.cn/",
    "https://gallery.usgovcloudapi.net/",
    "https://gallery.cloudapi.de/",
  ],
  logAnalyticsResourceId: [
    "https://api.loganalytics.io",
    "https://api.loganalytics.azure.cn",
    "https://api.loganalytics.us",
    null,
  ],
  management: [
    "https://management.core.windows.net/",
    "https://management.core.chinacloudapi.cn/",
    "https://management.core.usgovcloudapi.net/",
    "https://management.core.cloudapi.de/",
  ],
  mediaResourceId: [
    "https://rest.media.azure.net",
    "https://rest.media.chinacloudapi.cn",
    "https://rest.media.usgovcloudapi.net",
    "https://rest.media.cloudapi.de",
  ],
  microsoftGraphResourceId: [
    "https://graph.microsoft.com/",
    "https://microsoftgraph.chinacloudapi.cn",
    "https://graph.microsoft.us/",
    "https://graph.microsoft.de",
  ],
  ossrdbmsResourceId: [
    "https://ossrdbms-aad.database.windows.net",
    "https://ossrdbms-aad.database.chinacloudapi.cn",
    "https://ossrdbms-aad.database.usgovcloudapi.net",
    "https://ossrdbms-aad.database.cloudapi.de",
  ],
  portal: [
    "https://portal.azure.com",
    "https://portal.azure.cn",
    "https://portal.azure.us",
    "https://portal.microsoftazure.de",
  ],
  resourceManager: [
    "https://management.azure.com/",
    "https://management.chinacloudapi.cn",
    "https://management.usgovcloudapi.net/",
    "https://management.microsoftazure.de",
  ],
  sqlManagement: [
    "https://management.core.windows.net:8443/",
    "https://management.core.chinacloudapi.cn:8443/",
    "https://management.core.usgovcloudapi.net:8443/",
    "https://management.core.cloudapi.de:8443/",
  ],
  synapseAnalyticsResourceId: [
    "https://dev.azuresynapse.net",
    "https://dev.azuresynapse.azure.cn",
    "https://dev.azuresynapse.usgovcloudapi.net",
    null,
  ],
  vmImageAliasDoc: [aliases, aliases, aliases, aliases],
} as const satisfies Record<string, Row>;

const suffixes = {
  acrLoginServerEndpoint: [".azurecr.io", ".azurecr.cn", ".azurecr.us", null],
  attestationEndpoint: [".attest.azure.net", null, null, null],
  azureDatalakeAnalyticsCatalogAndJobEndpoint: ["azuredatalakeanalytics.net", null, null, null],
  azureDatalakeStoreFileSystemEndpoint: ["azuredatalakestore.net", null, null, null],
  keyvaultDns: [".vault.azure.net", ".vault.azure.cn", ".vault.usgovcloudapi.net", ".vault.microsoftazure.de"],
  mariadbServerEndpoint: [
    ".mariadb.database.azure.com",
    ".mariadb.database.chinacloudapi.cn",
    ".mariadb.database.usgovcloudapi.net",
    ".mariadb.database.cloudapi.de",
  ],
  mhsmDns: [
    ".managedhsm.azure.net",
    ".managedhsm.azure.cn",
    ".managedhsm.usgovcloudapi.net",
    ".managedhsm.microsoftazure.de",
  ],
  mysqlServerEndpoint: [
    ".mysql.database.azure.com",
    ".mysql.database.chinacloudapi.cn",
    ".mysql.database.usgovcloudapi.net",
    ".mysql.database.cloudapi.de",
  ],
  postgresqlServerEndpoint: [
    ".postgres.database.azure.com",
    ".postgres.database.chinacloudapi.cn",
    ".postgres.database.usgovcloudapi.net",
    ".postgres.database.cloudapi.de",
  ],
  sqlServerHostname: [
    ".database.windows.net",
    ".database.chinacloudapi.cn",
    ".database.usgovcloudapi.net",
    ".database.cloudapi.de",
  ],
  storageEndpoint: ["core.windows.net", "core.chinacloudapi.cn", "core.usgovcloudapi.net", "core.cloudapi.de"],
  storageSyncEndpoint: ["afs.azure.net", null, "afs.azure.us", null],
  synapseAnalyticsEndpoint: [
    ".dev.azuresynapse.net",
    ".dev.azuresynapse.azure.cn",
    ".dev.azuresynapse.usgovcloudapi.net",
    null,
  ],
} as const satisfies Record<string, Row>;

export type EndpointName = keyof typeof endpoints;
export type SuffixName = keyof typeof suffixes;

/** A cloud as az shows it; null is not known. */
export interface CloudDescription {
  readonly endpoints: Readonly<Record<EndpointName, string | null>>;
  readonly suffixes: Readonly<Record<SuffixName, string | null>>;
}

export const endpointNames = Object.keys(endpoints) as EndpointName[];

/** @param name one of Microsoft's; every value of another cloud is null. */
export function describeKnown(name: string): CloudDescription {
  const index = (knownCloudNames as readonly string[]).indexOf(name);
  const pick = <Name extends string>(table: Readonly<Record<Name, Row>>) =>
    Object.fromEntries(Object.entries<Row>(table).map(([key, row]) => [key, row[index] ?? null])) as Record<
      Name,
      string | null
    >;
  return { endpoints: pick(endpoints), suffixes: pick(suffixes) };
}
