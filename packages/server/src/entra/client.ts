/**
 * The client of a token request: which application asks, and whether it proved to be it.
 *
 * Owns: the phases `findClient`, `proveClient` and `authenticateClient`. Spec: RFC 6749 section 2.3 (secret in the body, or HTTP Basic, never
 * both), RFC 7523 section 2.2 (an assertion in place of a secret);
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
import type { Application, KeyCredential, PasswordCredential, ServicePrincipal } from "../state/entities.ts";
import { type AppId, type Guid, parseGuid } from "../state/identifiers.ts";
import type { ClientProof } from "../tokens/claims.ts";
import { firstPartyClients } from "../tokens/delegated-permissions.ts";
import { judgeClientAssertion, jwtBearer } from "./client-assertion.ts";
import { refuse } from "./fault.ts";
import type { SignInAttempt } from "./sign-in-attempt.ts";
import type { Visit } from "./visit.ts";

export type Client = {
  readonly appId: AppId;
  readonly displayName: string;
  /** One of Microsoft's own public clients: no secret, shared refresh tokens. */
  readonly isFirstParty: boolean;
  /** May use grants of people without a secret. */
  readonly isPublic: boolean;
  /** Signs in people of more than its own tenant, so /common and /organizations serve it. */
  readonly isMultiTenant: boolean;
  /** May have id tokens from the authorization endpoint. */
  readonly canHaveIdToken: boolean;
  readonly servicePrincipal: ServicePrincipal | undefined;
  /** Of the application and of its service principal: a secret may stand on either. */
  readonly credentials: readonly PasswordCredential[];
  /** Certificates, of both likewise. */
  readonly keys: readonly KeyCredential[];
  /** The application or managed identity whose federated credentials count; undefined for Microsoft's own clients. */
  readonly federationParentId: string | undefined;
};

/** What the request says about its client, not yet believed. */
export type ClientClaim = {
  readonly clientId: string;
  readonly secret: string | undefined;
  /** A signed token in place of a secret. */
  readonly assertion?: string | undefined;
  /** The credential the assertion proved, once {@link proveClient} has judged it. */
  readonly provenKeyId?: Guid;
};

/**
 * Reads client_id and secret or assertion from the body or the Authorization header.
 * @throws EntraRefusal `request-malformed` when there is more than one proof or two names for the client, `parameter-missing` without an id.
 */
export function readClientClaim(visit: Visit, form: ReadonlyMap<string, string>): ClientClaim {
  const { authorization } = visit.exchange.request.headers;
  const basic = authorization === undefined ? undefined : readBasic(authorization);
  const clientId = form.get("client_id");
  const secret = form.get("client_secret");
  const assertion = readAssertion(form);
  if (assertion !== undefined && (secret !== undefined || basic !== undefined)) refuse({ kind: "request-malformed" });
  if (basic !== undefined) {
    const isContradiction = clientId !== undefined && clientId.toLowerCase() !== basic.clientId.toLowerCase();
    if (secret !== undefined || isContradiction) refuse({ kind: "request-malformed" });
    return basic;
  }
  if (clientId === undefined) return refuse({ kind: "parameter-missing", parameter: "client_id" });
  return { clientId, secret, assertion };
}

/** The two parameters come together, and there is one type. */
function readAssertion(form: ReadonlyMap<string, string>): string | undefined {
  const assertion = form.get("client_assertion");
  const type = form.get("client_assertion_type");
  if (assertion === undefined && type === undefined) return undefined;
  if (assertion === undefined) return refuse({ kind: "parameter-missing", parameter: "client_assertion" });
  if (type === undefined) return refuse({ kind: "parameter-missing", parameter: "client_assertion_type" });
  return type === jwtBearer ? assertion : refuse({ kind: "parameter-invalid", parameter: "client_assertion_type" });
}

/** Name and secret are form-encoded before they are joined (RFC 6749 section 2.3.1). */
function readBasic(header: string): ClientClaim | undefined {
  const encoded = /^basic +([a-z0-9+/_-]+={0,2})$/i.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const mark = text.indexOf(":");
  if (mark < 1) return refuse({ kind: "request-malformed" });
  try {
    const [clientId, secret] = [text.slice(0, mark), text.slice(mark + 1)].map((part) =>
      decodeURIComponent(part.replaceAll("+", " ")),
    ) as [string, string];
    return { clientId, secret: secret === "" ? undefined : secret };
  } catch {
    return refuse({ kind: "request-malformed" });
  }
}

/** Looks the client up in the directory. @throws EntraRefusal `client-unknown`. */
export function findClient(visit: Visit, claim: ClientClaim, attempt: SignInAttempt): Client {
  const { model } = visit.cloud;
  const appId = parseGuid<"AppId">(claim.clientId) as AppId | undefined;
  const application = appId && model.applications.findOne("appId", appId);
  const servicePrincipal = appId && model.servicePrincipals.findOne("appId", appId);
  const firstParty = appId && firstPartyClients.get(appId);
  const displayName = firstParty?.displayName ?? application?.displayName ?? servicePrincipal?.displayName;
  if (appId === undefined || displayName === undefined) {
    return refuse({ kind: "client-unknown", client: claim.clientId, tenant: model.tenant.displayName });
  }
  attempt.appId = appId;
  // Nobody has a personal account here, and no other account may sign in to such an application.
  if (application?.signInAudience === "PersonalMicrosoftAccount")
    refuse({ kind: "client-personal-only", appId, appName: displayName });
  const known = servicePrincipal && describedClients.get(servicePrincipal);
  if (known !== undefined && known.application === application) return known.client;
  const client = describeClient(appId, displayName, application, servicePrincipal);
  if (servicePrincipal !== undefined) describedClients.set(servicePrincipal, { application, client });
  return client;
}

/** What two rows say, looked up anew for each request. A row is never changed, a new one takes its place: what is kept here cannot be out of date. */
const describedClients = new WeakMap<
  ServicePrincipal,
  { readonly application: Application | undefined; readonly client: Client }
>();

function describeClient(
  appId: AppId,
  displayName: string,
  application: Application | undefined,
  servicePrincipal: ServicePrincipal | undefined,
): Client {
  const firstParty = firstPartyClients.get(appId);
  const isManagedIdentity = servicePrincipal?.servicePrincipalType === "ManagedIdentity";
  return {
    appId,
    displayName,
    isFirstParty: firstParty !== undefined,
    isPublic: firstParty !== undefined || application?.isFallbackPublicClient === true,
    isMultiTenant: application !== undefined && application.signInAudience !== "AzureADMyOrg",
    canHaveIdToken: application?.isIdTokenIssuanceEnabled === true,
    servicePrincipal,
    credentials: [...(application?.passwordCredentials ?? []), ...(servicePrincipal?.passwordCredentials ?? [])],
    keys: [...(application?.keyCredentials ?? []), ...(servicePrincipal?.keyCredentials ?? [])],
    federationParentId: application?.id ?? (isManagedIdentity ? servicePrincipal?.id : undefined),
  };
}

/**
 * Judges the client's assertion, if it sent one: before the grant, because an outside issuer's keys may have to be fetched for it.
 * @returns the claim with what was proved.
 * @throws EntraRefusal
 */
export async function proveClient(visit: Visit, client: Client, claim: ClientClaim): Promise<ClientClaim> {
  if (claim.assertion === undefined) return claim;
  return { ...claim, provenKeyId: await judgeClientAssertion(visit, client, claim.assertion) };
}

/**
 * Judges the client's proof, then whether it may sign in at all: in this order, so that only the owner of a secret learns the latter.
 * @param grant the grant type; `client_credentials` always needs a secret, the others only from a client that is not public.
 * @param attempt learns which of the client's credentials it was.
 * @throws EntraRefusal
 */
export function authenticateClient(
  visit: Visit,
  client: Client,
  claim: ClientClaim,
  grant: string,
  attempt: SignInAttempt,
): ClientProof {
  const proof = judgeProof(visit, client, claim, grant, attempt);
  const { servicePrincipal, appId, displayName } = client;
  if (servicePrincipal === undefined) {
    if (client.isFirstParty) return proof; // Microsoft's clients need none in the tenant
    return refuse({ kind: "client-without-principal", appId, tenantId: visit.cloud.model.tenant.tenantId });
  }
  if (!servicePrincipal.accountEnabled) refuse({ kind: "client-disabled", appId, appName: displayName });
  return proof;
}

function judgeProof(
  visit: Visit,
  client: Client,
  { secret, provenKeyId }: ClientClaim,
  grant: string,
  attempt: SignInAttempt,
): ClientProof {
  if (provenKeyId !== undefined) {
    attempt.credentialKeyId = provenKeyId;
    return "2";
  }
  const isSecretNeeded = grant === "client_credentials" || !client.isPublic;
  if (secret === undefined) return isSecretNeeded ? refuse({ kind: "secret-missing", grant }) : "0";
  // A public client that holds no secret cannot have one to present; one that holds some is judged by it.
  if (client.isPublic && client.credentials.length === 0 && grant !== "client_credentials") {
    return refuse({ kind: "client-public" });
  }
  if (client.isFirstParty) return refuse({ kind: "client-public" });
  const { appId } = client;
  const verdict = visit.cloud.secrets.verify(secret, client.credentials, visit.now);
  switch (verdict.kind) {
    case "valid":
      attempt.credentialKeyId = verdict.keyId;
      return "1";
    case "expired":
      return refuse({ kind: "secret-expired", appId });
    case "wrong":
    case "not-yet-valid":
      return refuse({ kind: "secret-wrong", appId });
  }
}
