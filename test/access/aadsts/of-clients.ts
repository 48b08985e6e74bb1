/** How each error about a request's form, its tenant, its resource or the client's own proof is provoked. */

import { secrets } from "../../../packages/server/src/entra/sample-server.ts";
import { put, remove } from "../../../packages/server/src/state/change.ts";
import type { FederatedIdentityCredential, ServicePrincipal } from "../../../packages/server/src/state/entities.ts";
import { firstPartyAppIds } from "../../../packages/server/src/state/first-party.ts";
import type { AppId, Guid, ServicePrincipalObjectId } from "../../../packages/server/src/state/identifiers.ts";
import { tokenExchangeName } from "../../../packages/server/src/tokens/audiences.ts";
import { makeAssertion } from "../../../packages/server/src/tokens/sample-assertion.ts";
import {
  application,
  ids,
  sampleTime,
  servicePrincipal,
} from "../../../packages/server/src/tokens/sample-directory.ts";
import {
  type Form,
  type Ground,
  ownScope,
  type Provoke,
  passwordForm,
  scopes,
  secretForm,
  toldByBody,
} from "./provocation.ts";

const { client_secret: _, ...bareForm } = secretForm;
const github = "https://token.actions.githubusercontent.com";
const ownIssuer = `https://login.microsoftonline.com/${ids.tenant}/v2.0`;
const nowSeconds = sampleTime.getTime() / 1000;

const trusted = (more: Partial<FederatedIdentityCredential> = {}) =>
  put("federatedIdentityCredential", {
    id: "77777777-0000-4000-8000-000000000002" as Guid,
    parentKind: "application",
    parentId: ids.appObject,
    name: "main",
    issuer: github,
    subject: "repo:contoso/notes",
    claimsMatchingExpression: null,
    audiences: [tokenExchangeName],
    description: null,
    ...more,
  });

const withSecret =
  (change: Form): Provoke =>
  (ground) =>
    ground.token({ ...secretForm, ...change });
const without = (form: Form, ...names: string[]): Form =>
  Object.fromEntries(Object.entries(form).filter(([name]) => !names.includes(name)));

/** An assertion of the sample application while its certificate is registered. */
const ownAssertion =
  (claims: object, header: object = {}): Provoke =>
  async (ground) => {
    await registerCertificate(ground);
    return ground.assert(ground.ownAssertion(claims, header));
  };

function registerCertificate(ground: Ground): Promise<void> {
  const { thumbprint, key } = ground.certificate;
  const keyCredential = {
    keyId: "77777777-0000-4000-8000-000000000001" as Guid,
    displayName: "CN=notes",
    customKeyIdentifier: thumbprint,
    startDateTime: "2026-01-01T00:00:00.000Z",
    endDateTime: "2027-01-01T00:00:00.000Z",
    certificate: key,
  };
  return ground.changeApplication({ keyCredentials: [keyCredential] });
}

/** A token of an outside issuer while the application trusts that, or what `credential` says. */
const outsideToken =
  (claims: object, credential?: Partial<FederatedIdentityCredential>): Provoke =>
  async (ground) => {
    if (credential !== undefined) await ground.change(trusted(credential));
    const good = { iss: github, sub: "repo:contoso/notes", aud: tokenExchangeName, exp: nowSeconds + 300 };
    return ground.assert(makeAssertion({ ...good, ...claims }, ground.stranger.privateKey, { kid: "one" }));
  };

/** A token that the tenant itself issued, in the place of an assertion. */
async function assertOwnToken(ground: Ground, principal: ServicePrincipal) {
  await ground.change(trusted({ issuer: ownIssuer, subject: principal.id }));
  const resource = {
    kind: "token-exchange",
    audience: tokenExchangeName,
    appId: firstPartyAppIds.tokenExchange,
  } as const;
  const { token } = await ground.server.cloud.tokens.issueAppToken({
    servicePrincipal: principal,
    resource,
    proof: "1",
  });
  return ground.assert(token);
}

/** A person's token with the second version's issuer, as an API of the tenant's own gets. */
async function assertPersonsToken(ground: Ground) {
  await ground.changeApplication({ requestedAccessTokenVersion: 2, oauth2PermissionScopes: [ownScope] });
  const asked = { ...passwordForm, client_id: ids.app, client_secret: secrets.ofApplication };
  const { access_token } = await ground.must({ ...asked, scope: `${ids.app}/.default` });
  return ground.assert(access_token);
}

const api = {
  appId: "dddddddd-0000-4000-8000-000000000001" as AppId,
  principal: "dddddddd-0000-4000-8000-000000000003" as ServicePrincipalObjectId,
};

/** Registers an API that the sample application calls, does as told, and takes the API away again. */
async function withApi(ground: Ground, more: Partial<ServicePrincipal>) {
  const row = { ...application, id: "dddddddd-0000-4000-8000-000000000002" as typeof application.id, appId: api.appId };
  const principal = { ...servicePrincipal, id: api.principal, appId: api.appId, displayName: "Notes API", ...more };
  await ground.change(put("application", row), put("servicePrincipal", principal));
  const told = await ground.token({ ...secretForm, scope: `${api.appId}/.default` });
  await ground.change(remove("application", row.id), remove("servicePrincipal", principal.id));
  return told;
}

const get =
  (target: string): Provoke =>
  async ({ server }) =>
    toldByBody(await server.send(target));

export const provocationsOfClients: Readonly<Record<number, Provoke>> = {
  // the form of the request
  70003: withSecret({ grant_type: "magic" }),
  70011: withSecret({ scope: 'a"b' }),
  90014: (ground) => ground.token(without(secretForm, "scope")),
  90023: withSecret({ client_assertion: "a.b.c", client_assertion_type: "saml", client_secret: "" }),
  700022: withSecret({ scope: `${scopes.arm} ${scopes.graph}` }),
  700023: withSecret({ scope: "/.default" }),
  900144: (ground) => ground.token(without(secretForm, "grant_type")),
  900561: get(`/${ids.tenant}/oauth2/v2.0/token`),
  901002: withSecret({ resource: "https://management.azure.com" }),
  1002012: withSecret({ scope: "https://management.azure.com/user_impersonation" }),
  9002313: async ({ server }) => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return toldByBody(
      await server.send(`/${ids.tenant}/oauth2/v2.0/token`, { method: "POST", headers, body: "a=%zz" }),
    );
  },

  // the tenant
  50049: get(
    "/common/discovery/instance?api-version=1.1&authorization_endpoint=https%3A%2F%2Fevil.test%2Fx%2Fauthorize",
  ),
  50059: (ground) => ground.token(secretForm, { tenant: "organizations" }),
  90002: (ground) => ground.token(secretForm, { tenant: "elsewhere.test" }),
  90019: async ({ server }) => toldByBody(await server.post("/oauth2/v2.0/token", secretForm)),
  900023: (ground) => ground.token(secretForm, { tenant: "not_a_tenant!" }),
  9001023: (ground) => ground.token(secretForm, { tenant: "common" }),

  // the client
  700016: withSecret({ client_id: ids.otherTenant }),
  700025: withSecret({ client_id: firstPartyAppIds.azureCli }),
  7000112: async (ground) => {
    await ground.changePrincipal({ accountEnabled: false });
    return ground.token(secretForm);
  },
  7000215: withSecret({ client_secret: "wrong" }),
  7000216: (ground) => ground.token(bareForm),
  7000218: (ground) => ground.token({ ...passwordForm, client_id: ids.app }),
  7000222: withSecret({ client_secret: secrets.expired }),
  7000229: async (ground) => {
    await ground.removePrincipal();
    return ground.token(secretForm);
  },

  // the client's assertion
  50012: async (ground) => ground.assert(ground.ownAssertion({}, { x5c: ["bm9uZQ=="] }, ground.stranger)),
  50027: (ground) => ground.assert("not.a.token"),
  700024: ownAssertion({ nbf: nowSeconds - 7200, exp: nowSeconds - 3600 }),
  700027: async (ground) => ground.assert(ground.ownAssertion()),
  700030: async (ground) => ground.assert(ground.ownAssertion({}, { x5c: [ground.stranger.key] }, ground.stranger)),
  70021: outsideToken({}),
  700211: outsideToken({ iss: "https://elsewhere.test" }, {}),
  700212: outsideToken({ aud: "api://elsewhere" }, {}),
  700213: outsideToken({ sub: "repo:contoso/other" }, {}),
  700222: (ground) => assertOwnToken(ground, servicePrincipal),
  700229: assertPersonsToken,
  7002138: outsideToken(
    { sub: "repo:evil/notes" },
    {
      subject: null,
      claimsMatchingExpression: { value: "claims['sub'] matches 'repo:contoso/*'", languageVersion: 1 },
    },
  ),

  // the resource
  500011: withSecret({ scope: "https://nothing.test/.default" }),
  501051: (ground) => withApi(ground, { appRoleAssignmentRequired: true }),
  650052: async (ground) => {
    const listed = { resourceAppId: api.appId, resourceAccess: [] };
    await ground.changeApplication({ requiredResourceAccess: [listed] });
    return ground.token({ ...secretForm, scope: `${api.appId}/.default` });
  },
};

/** Numbers beyond the facts that these endpoints answer, too. */
export const furtherProvocationsOfClients: Readonly<Record<number, Provoke>> = {
  500014: (ground) => withApi(ground, { accountEnabled: false }),
  501661: outsideToken({}, {}),
  700021: ownAssertion({ sub: ids.otherTenant }),
  5002738: ownAssertion({}, { alg: "none" }),
  9002331: async (ground) => {
    await ground.changeApplication({ signInAudience: "PersonalMicrosoftAccount" });
    return ground.token(secretForm);
  },
};
