/**
 * Where a machine's identity gives its tokens: one row a kind of machine, chosen by the environment in this order.
 * @see https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
 * @see https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
import type { HttpRequest } from "./http.ts";
import { readVariable } from "./variables.ts";

/** Which identity, when the machine has several: at most one is given. */
export interface IdentityIds {
  clientId?: string | undefined;
  resourceId?: string | undefined;
  objectId?: string | undefined;
}

export interface IdentitySource {
  readonly kind: "ServiceFabric" | "AppService" | "CloudShell" | "AzureArc" | "Imds";
  readonly endpoint: string;
  /** The thumbprint of the endpoint's own certificate. */
  readonly thumbprint?: string | undefined;
  request(resource: string, ids: IdentityIds): HttpRequest;
}

const METADATA = { metadata: "true" };
const METADATA_PATH = "/metadata/identity/oauth2/token";

function withQuery(endpoint: string, query: Readonly<Record<string, string | undefined>>): string {
  const url = new URL(endpoint);
  for (const [name, value] of Object.entries(query)) if (value) url.searchParams.set(name, value);
  return url.href;
}

function cloudShell(endpoint: string): IdentitySource {
  const headers = { ...METADATA, "content-type": "application/x-www-form-urlencoded" };
  return {
    kind: "CloudShell",
    endpoint,
    request: (resource) => ({
      url: endpoint,
      method: "POST",
      headers,
      body: new URLSearchParams({ resource }).toString(),
    }),
  };
}

function imds(): IdentitySource {
  const host = readVariable("AZURE_POD_IDENTITY_AUTHORITY_HOST") ?? "http://169.254.169.254";
  const endpoint = host.replace(/\/+$/, "") + METADATA_PATH;
  return {
    kind: "Imds",
    endpoint,
    request: (resource, { clientId, resourceId, objectId }) => ({
      url: withQuery(endpoint, {
        "api-version": "2018-02-01",
        resource,
        client_id: clientId,
        msi_res_id: resourceId,
        object_id: objectId,
      }),
      headers: METADATA,
    }),
  };
}

/** @returns the source that the environment names; a virtual machine's metadata service when it names none. */
export function detectIdentitySource(): IdentitySource {
  const endpoint = readVariable("IDENTITY_ENDPOINT");
  const header = readVariable("IDENTITY_HEADER");
  const thumbprint = readVariable("IDENTITY_SERVER_THUMBPRINT");
  if (endpoint && header && thumbprint) {
    const request = (resource: string) => ({
      url: withQuery(endpoint, { "api-version": "2019-07-01-preview", resource }),
      headers: { secret: header },
    });
    return { kind: "ServiceFabric", endpoint, thumbprint, request };
  }
  if (endpoint && header) {
    return {
      kind: "AppService",
      endpoint,
      request: (resource, { clientId, resourceId, objectId }) => ({
        url: withQuery(endpoint, {
          "api-version": "2019-08-01",
          resource,
          client_id: clientId,
          mi_res_id: resourceId,
          object_id: objectId,
        }),
        headers: { "x-identity-header": header },
      }),
    };
  }
  const msiEndpoint = readVariable("MSI_ENDPOINT");
  // With a secret beside it, it is the endpoint of Azure Machine Learning, which is not spoken here.
  if (msiEndpoint && !readVariable("MSI_SECRET")) return cloudShell(msiEndpoint);
  if (endpoint && readVariable("IMDS_ENDPOINT")) {
    const request = (resource: string) => ({
      url: withQuery(endpoint, { "api-version": "2019-11-01", resource }),
      headers: METADATA,
    });
    return { kind: "AzureArc", endpoint, request };
  }
  return imds();
}
