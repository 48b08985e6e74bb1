/**
 * Where each cloud's planes are. Everything else in this package asks here, so that one more cloud is one more entry.
 *
 * May use: nothing. The names and addresses are those the Azure CLI has.
 * @see https://learn.microsoft.com/cli/azure/manage-clouds-azure-cli
 */

export interface CloudEndpoints {
  readonly name: string;
  /** Token endpoints are at `{authority}/{tenant}/oauth2/v2.0/token`. */
  readonly authority: string;
  /** With the version, e.g. https://graph.microsoft.com/v1.0. */
  readonly graph: string;
  readonly resourceManager: string;
  readonly graphAudience: string;
  readonly resourceManagerAudience: string;
  /** What each plane is called by, wherever its endpoint is; links in its answers name it so. */
  readonly graphOrigin: string;
  readonly resourceManagerOrigin: string;
  /** What stands behind `{account}.blob.` in the name of an account. */
  readonly storageSuffix: string;
  /** Of a registered cloud: all that is known of it, as az shows it. */
  readonly description?: unknown;
  /** Where every account answers at one address; undefined where each has its own name only. */
  readonly blobBase: string | undefined;
}

function publicCloud(
  name: string,
  planes: { authority: string; graph: string; resourceManager: string; storageSuffix: string },
): CloudEndpoints {
  const { authority, graph, resourceManager, storageSuffix } = planes;
  return {
    name,
    authority,
    graph: `${graph}/v1.0`,
    resourceManager,
    graphAudience: graph,
    resourceManagerAudience: resourceManager,
    graphOrigin: graph,
    resourceManagerOrigin: resourceManager,
    storageSuffix,
    blobBase: undefined,
  };
}

const azureCloud = publicCloud("AzureCloud", {
  authority: "https://login.microsoftonline.com",
  graph: "https://graph.microsoft.com",
  resourceManager: "https://management.azure.com",
  storageSuffix: "core.windows.net",
});

/** The clouds of Microsoft's, by name. They are spoken to by the public protocols only. */
export const publicClouds: readonly CloudEndpoints[] = [
  azureCloud,
  publicCloud("AzureChinaCloud", {
    authority: "https://login.chinacloudapi.cn",
    graph: "https://microsoftgraph.chinacloudapi.cn",
    resourceManager: "https://management.chinacloudapi.cn",
    storageSuffix: "core.chinacloudapi.cn",
  }),
  publicCloud("AzureUSGovernment", {
    authority: "https://login.microsoftonline.us",
    graph: "https://graph.microsoft.us",
    resourceManager: "https://management.usgovcloudapi.net",
    storageSuffix: "core.usgovcloudapi.net",
  }),
  // Closed since 2021; az lists it still.
  publicCloud("AzureGermanCloud", {
    authority: "https://login.microsoftonline.de",
    graph: "https://graph.microsoft.de",
    resourceManager: "https://management.microsoftazure.de",
    storageSuffix: "core.cloudapi.de",
  }),
];

/** The name by which the cloud on this machine is chosen among others. */
export const LOCAL_CLOUD = "Postern";

/** The cloud on this machine: every plane at one address, told apart by the path; tokens are for Azure's own audiences, and it goes by the name AzureCloud, as az sees it. */
export function localCloud(baseUrl: string): CloudEndpoints {
  return { ...azureCloud, authority: baseUrl, graph: `${baseUrl}/v1.0`, resourceManager: baseUrl, blobBase: baseUrl };
}

/** Every name of Azure's that a client must reach through the launcher's proxy, and none by itself: a name stands for all below it. */
export const azureDomains: readonly string[] = [
  "login.microsoftonline.com",
  "login.microsoft.com",
  "login.windows.net",
  "sts.windows.net",
  "graph.microsoft.com",
  "graph.windows.net",
  "management.azure.com",
  "management.core.windows.net",
  "core.windows.net",
  "main.iam.ad.ext.azure.com",
  "169.254.169.254",
];
