/**
 * The operation table of the Entra surface: every path there is, in the order they are tried. All rows but userinfo answer
 * anyone, by protocol: they are how one becomes someone. `{tenant}` is an id, a verified domain, or common, organizations, consumers.
 */
import type { Reply } from "../wire/exchange.ts";
import type { OperationRow } from "../wire/operation.ts";
import { answerDiscoveryAdfs, answerDiscoveryV1, answerDiscoveryV2 } from "./discovery.ts";
import { answerInstanceDiscovery } from "./instance-discovery.ts";
import { answerKeysAdfs, answerKeysV1, answerKeysV2 } from "./key-sets.ts";
import { peopleOperations } from "./people-operations.ts";
import { answerTokenAdfs, answerTokenV1, answerTokenV2 } from "./token-endpoint.ts";
import { answerUserRealm } from "./user-realm.ts";
import type { Visit } from "./visit.ts";

export type EntraOperation = OperationRow & {
  /** `match` is a path of literal segments (compared without case) and `{names}`. */
  readonly match: `/${string}`;
  readonly method: "GET" | "POST";
  readonly permission: "public" | "signed-in";
  /** Who reads the answer: a person at a browser gets pages, also of what went wrong, and no other site's script may look. */
  readonly audience: "client" | "person";
  readonly handler: (visit: Visit) => Reply | Promise<Reply>;
};

const oidcDoc = "https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc";
const keysDoc = "https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-signature";
const tokenDoc = "https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#get-a-token";
const instanceDoc = "https://learn.microsoft.com/entra/msal/python/advanced/client-instance-metadata";
const adfsDoc =
  "https://learn.microsoft.com/windows-server/identity/ad-fs/overview/ad-fs-openid-connect-oauth-concepts";

/** A token request that is well-formed and proves nothing. */
const strangerForm = {
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: "grant_type=client_credentials&client_id=00000000-0000-0000-0000-000000000001&client_secret=none&scope=https%3A%2F%2Fmanagement.azure.com%2F.default&resource=https%3A%2F%2Fmanagement.azure.com",
};
const strangerScopeForm = { ...strangerForm, body: strangerForm.body.replace(/&resource=.*$/, "") };

const authorizationEndpoint = "https%3A%2F%2Flogin.microsoftonline.com%2Fcommon%2Foauth2%2Fauthorize";

export const operations: readonly EntraOperation[] = [
  ...peopleOperations,
  row("Instance discovery", "GET", "/common/discovery/instance", answerInstanceDiscovery, instanceDoc, {
    target: `/common/discovery/instance?api-version=1.1&authorization_endpoint=${authorizationEndpoint}`,
  }),
  row("User realm", "GET", "/common/userrealm/{upn}", answerUserRealm, instanceDoc, {
    target: "/common/userrealm/someone%40example.com?api-version=1.0",
  }),
  row("OpenID configuration (AD FS)", "GET", "/adfs/.well-known/openid-configuration", answerDiscoveryAdfs, adfsDoc, {
    target: "/adfs/.well-known/openid-configuration",
  }),
  row("Signing keys (AD FS)", "GET", "/adfs/discovery/keys", answerKeysAdfs, adfsDoc, {
    target: "/adfs/discovery/keys",
  }),
  row("Token (AD FS)", "POST", "/adfs/oauth2/token", answerTokenAdfs, adfsDoc, {
    target: "/adfs/oauth2/token",
    ...strangerScopeForm,
  }),
  row("OpenID configuration", "GET", "/{tenant}/.well-known/openid-configuration", answerDiscoveryV1, oidcDoc, {
    target: "/common/.well-known/openid-configuration",
  }),
  row(
    "OpenID configuration v2.0",
    "GET",
    "/{tenant}/v2.0/.well-known/openid-configuration",
    answerDiscoveryV2,
    oidcDoc,
    {
      target: "/common/v2.0/.well-known/openid-configuration",
    },
  ),
  row("Signing keys", "GET", "/{tenant}/discovery/keys", answerKeysV1, keysDoc, { target: "/common/discovery/keys" }),
  row("Signing keys v2.0", "GET", "/{tenant}/discovery/v2.0/keys", answerKeysV2, keysDoc, {
    target: "/common/discovery/v2.0/keys",
  }),
  row("Token", "POST", "/{tenant}/oauth2/token", answerTokenV1, tokenDoc, {
    target: "/organizations/oauth2/token",
    ...strangerForm,
  }),
  row("Token v2.0", "POST", "/{tenant}/oauth2/v2.0/token", answerTokenV2, tokenDoc, {
    target: "/organizations/oauth2/v2.0/token",
    ...strangerScopeForm,
  }),
];

const tokenHandlers: ReadonlySet<EntraOperation["handler"]> = new Set([answerTokenV1, answerTokenV2, answerTokenAdfs]);

/** Whether tokens are asked for: whose share that is, the client's id in the form says, and not the address alone. */
export function isTokenEndpoint({ handler }: EntraOperation): boolean {
  return tokenHandlers.has(handler);
}

/** Paths Entra has and this server does not have yet: they answer 501, whatever the method. */
export const absentPaths: readonly `/${string}`[] = [
  "/{tenant}/oauth2/checksession",
  "/{tenant}/kerberos",
  "/{tenant}/saml2",
  "/{tenant}/wsfed",
  "/{tenant}/federationmetadata/2007-06/federationmetadata.xml",
];

function row(
  operation: string,
  method: EntraOperation["method"],
  match: EntraOperation["match"],
  handler: EntraOperation["handler"],
  doc: string,
  sample: EntraOperation["sample"],
): EntraOperation {
  return { operation, method, match, permission: "public", audience: "client", handler, doc, sample };
}
