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
