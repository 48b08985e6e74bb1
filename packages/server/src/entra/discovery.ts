/**
 * OpenID Connect discovery documents, v1 and v2, and the AD FS form that lets an old Azure CLI do without the proxy.
 *
 * URLs name the host the client came by; the issuer is always Azure's, because it is what tokens carry.
 * Spec: OpenID Connect Discovery 1.0; https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
 */
import { issuerOf } from "../tokens/issuers.ts";
import type { Reply } from "../wire/exchange.ts";
import { refuse } from "./fault.ts";
import { cachedForADay } from "./render.ts";
import { consumersTenantId, readTenantName, type TenantName } from "./tenant-name.ts";
import { documentOrigin, type Visit } from "./visit.ts";

const cloudNames = {
  cloud_instance_name: "microsoftonline.com",
  cloud_graph_host_name: "graph.windows.net",
  msgraph_host: "graph.microsoft.com",
  rbac_url: "https://pas.windows.net",
} as const;

const supported = {
  token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
  response_modes_supported: ["query", "fragment", "form_post"],
  subject_types_supported: ["pairwise"],
  id_token_signing_alg_values_supported: ["RS256"],
} as const;

/** Entra lists `token` beside these: by way of the address bar no access token is issued here. */
const responseTypes = ["code", "id_token", "code id_token"] as const;

export function answerDiscoveryV1(visit: Visit): Reply {
  const name = readTenantName(visit, "discovery");
  const tenantId = documentTenantId(visit, name);
  const base = `${documentOrigin(visit.exchange)}/${pathTenant(visit, name)}`;
  return {
    status: 200,
    headers: cachedForADay,
    body: {
      token_endpoint: `${base}/oauth2/token`,
      ...supported,
      jwks_uri: `${base}/discovery/keys`,
      response_types_supported: responseTypes,
      scopes_supported: ["openid"],
      issuer: issuerOf("1.0", tenantId),
      microsoft_multi_refresh_token: true,
      authorization_endpoint: `${base}/oauth2/authorize`,
      device_authorization_endpoint: `${base}/oauth2/devicecode`,
      http_logout_supported: true,
      frontchannel_logout_supported: true,
      end_session_endpoint: `${base}/oauth2/logout`,
      claims_supported: ["sub", "iss", "aud", "exp", "iat", "amr", "nonce", "email", "given_name", "family_name"],
      check_session_iframe: `${base}/oauth2/checksession`,
      userinfo_endpoint: `${base}/openid/userinfo`,
      kerberos_endpoint: `${base}/kerberos`,
      tenant_region_scope: regionOf(name),
      ...cloudNames,
    },
  };
}

export function answerDiscoveryV2(visit: Visit): Reply {
  const name = readTenantName(visit, "discovery");
  const tenantId = documentTenantId(visit, name);
  const base = `${documentOrigin(visit.exchange)}/${pathTenant(visit, name)}`;
  return {
    status: 200,
    headers: cachedForADay,
    body: {
      token_endpoint: `${base}/oauth2/v2.0/token`,
      ...supported,
      jwks_uri: `${base}/discovery/v2.0/keys`,
      response_types_supported: responseTypes,
      scopes_supported: ["openid", "profile", "email", "offline_access"],
      issuer: issuerOf("2.0", tenantId),
      request_uri_parameter_supported: false,
      userinfo_endpoint: userinfoOf(visit, base),
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
      http_logout_supported: true,
      frontchannel_logout_supported: true,
      end_session_endpoint: `${base}/oauth2/v2.0/logout`,
      claims_supported: [
        "sub",
        "iss",
        "aud",
        "exp",
        "iat",
        "nonce",
        "preferred_username",
        "name",
        "tid",
        "ver",
        "email",
      ],
      kerberos_endpoint: `${base}/kerberos`,
      tenant_region_scope: regionOf(name),
      ...cloudNames,
    },
  };
}

/** Graph has it for the world; who came without the proxy cannot reach Graph's name. */
function userinfoOf(visit: Visit, base: string): string {
  return visit.ownOrigins.length > 0 ? `${base}/openid/userinfo` : "https://graph.microsoft.com/oidc/userinfo";
}

/**
 * The document of `https://localhost:PORT/adfs`. An authority whose path is `/adfs` is taken by MSAL without asking
 * login.microsoftonline.com about it, which is the only way for azure-cli 2.45 to sign in without the proxy.
 */
export function answerDiscoveryAdfs(visit: Visit): Reply {
  const base = `${needOwnOrigin(visit)}/adfs`;
  return {
    status: 200,
    headers: cachedForADay,
    body: {
      issuer: issuerOf("1.0", visit.cloud.model.tenant.tenantId),
      authorization_endpoint: `${base}/oauth2/authorize`,
      token_endpoint: `${base}/oauth2/token`,
      jwks_uri: `${base}/discovery/keys`,
      ...supported,
      response_types_supported: ["code"],
      scopes_supported: ["openid"],
    },
  };
}

/** Entra itself has no /adfs: it is there on localhost only. @throws EntraRefusal `path-unknown`. */
export function needOwnOrigin(visit: Visit): string {
  return visit.ownOrigins.length > 0 ? visit.exchange.origin : refuse({ kind: "path-unknown" });
}

/** What stands in the issuer: `common` and `organizations` carry a placeholder, literally so in Azure's documents. */
export function documentTenantId(visit: Visit, name: TenantName): string {
  switch (name.kind) {
    case "tenant":
      return visit.cloud.model.tenant.tenantId;
    case "consumers":
      return consumersTenantId;
    case "common":
    case "organizations":
      return "{tenantid}";
  }
}

/** A tenant's URLs name its id, however it was asked for: clients read the id from there. */
function pathTenant(visit: Visit, name: TenantName): string {
  return name.kind === "tenant" ? visit.cloud.model.tenant.tenantId : name.kind;
}

function regionOf(name: TenantName): string | null {
  return name.kind === "tenant" ? "WW" : null;
}
