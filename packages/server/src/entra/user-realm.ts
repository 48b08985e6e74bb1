/**
 * User realm: a client asks, before it sends a password, whether the account's domain signs in here or at a federated server.
 * Every domain of the tenant is managed here; of other domains nothing is known. Says nothing about whether the account exists.
 * Spec: seen from azure-cli and MSAL (`api-version=1.0`), which need `account_type` only.
 */
import type { Reply } from "../wire/exchange.ts";
import { uncached } from "./render.ts";
import type { Visit } from "./visit.ts";

export function answerUserRealm(visit: Visit): Reply {
  const domain = (visit.segments.upn ?? "").split("@")[1]?.toLowerCase();
  const isManaged = domain !== undefined && visit.cloud.model.tenant.domains.includes(domain);
  return {
    status: 200,
    headers: uncached,
    body: {
      ver: "1.0",
      account_type: isManaged ? "Managed" : "Unknown",
      ...(isManaged ? { domain_name: domain, cloud_audience_urn: "urn:federation:MicrosoftOnline" } : {}),
      cloud_instance_name: "microsoftonline.com",
    },
  };
}
