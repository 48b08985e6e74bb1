/**
 * Where each cloud's planes are. Everything else in this package asks here, so that one more cloud is one more entry.
 *
 * May use: nothing. The names and audiences are those the Azure CLI has for AzureCloud.
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
}

export const azureCloud: CloudEndpoints = {
  name: "AzureCloud",
  authority: "https://login.microsoftonline.com",
  graph: "https://graph.microsoft.com/v1.0",
  resourceManager: "https://management.azure.com",
  graphAudience: "https://graph.microsoft.com",
  resourceManagerAudience: "https://management.azure.com",
  graphOrigin: "https://graph.microsoft.com",
  resourceManagerOrigin: "https://management.azure.com",
};

/** The cloud on this machine: every plane at one address, told apart by the path; tokens are for Azure's own audiences, and it goes by the name AzureCloud, as az sees it. */
export function localCloud(baseUrl: string): CloudEndpoints {
  return { ...azureCloud, authority: baseUrl, graph: `${baseUrl}/v1.0`, resourceManager: baseUrl };
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
