/** Postern's own plane, which Azure has none like: at the server's own name, not at one of Azure's. May use: http/, session.ts. */
import { ServiceClient } from "./http/service-client.ts";
import type { Service } from "./http/service-fault.ts";
import type { Session } from "./session.ts";

/** @param service whose tokens the operation takes, and in whose form it refuses. */
export function openOwnPlane({ status, transport, tokens, endpoints }: Session, service: Service): ServiceClient {
  return new ServiceClient({
    service,
    transport,
    tokens,
    audience: service === "graph" ? endpoints.graphAudience : endpoints.resourceManagerAudience,
    endpoint: status.baseUrl,
    publicOrigin: status.baseUrl,
  });
}

/** az's own first-party name of the portal's identity service, and where it is. */
const IAM_AUDIENCE = "74658136-14ec-4630-ad9b-26e160ff0fc6";
const IAM_ORIGIN = "https://main.iam.ad.ext.azure.com";

/** The portal's identity service, which consents for everyone. @see https://learn.microsoft.com/cli/azure/ad/app/permission#az-ad-app-permission-admin-consent */
export function openIamPlane({ local, transport, tokens }: Session): ServiceClient {
  return new ServiceClient({
    service: "resource-manager",
    transport,
    tokens,
    audience: IAM_AUDIENCE,
    endpoint: local?.status.baseUrl ?? IAM_ORIGIN,
    publicOrigin: IAM_ORIGIN,
  });
}
