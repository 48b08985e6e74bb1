/**
 * Reads the tenant a URL names: by id, by a verified domain, or not at all (`common`, `organizations`, `consumers`).
 * @see https://learn.microsoft.com/entra/identity-platform/v2-protocols#endpoints
 */
import { parseGuid } from "../state/identifiers.ts";
import { refuse } from "./fault.ts";
import type { Visit } from "./visit.ts";

export type TenantName =
  /** The one tenant of this cloud, by id or domain; `segment` as the client wrote it. */
  | { readonly kind: "tenant"; readonly segment: string }
  | { readonly kind: "common" | "organizations" | "consumers"; readonly segment: string };

/** Where personal accounts live; no work account is ever there. */
export const consumersTenantId = "9188040d-6c67-4c5b-b112-36a304b66dad";

/** A DNS name's length, in characters (RFC 1035 section 2.3.4). */
const maxDomainChars = 253;
const domainPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/;

/**
 * @throws EntraRefusal `tenant-unknown` for a well-formed name of no tenant here, `tenant-malformed` for anything else.
 */
export function readTenantName(visit: Visit, endpoint: "discovery" | "token"): TenantName {
  const segment = visit.segments.tenant ?? "";
  const name = segment.toLowerCase();
  if (name === "common" || name === "organizations" || name === "consumers") return { kind: name, segment };
  const { tenantId, domains } = visit.cloud.model.tenant;
  if (name === tenantId || domains.includes(name)) return { kind: "tenant", segment };
  const isDomain = name.length <= maxDomainChars && domainPattern.test(name);
  if (parseGuid(name) !== undefined || isDomain) refuse({ kind: "tenant-unknown", tenant: segment, endpoint });
  return refuse({ kind: "tenant-malformed", tenant: segment });
}
