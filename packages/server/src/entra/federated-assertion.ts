/**
 * Tokens of outside issuers as client assertions (workload identity federation): a GitHub job or a Kubernetes pod signs in with the token its own
 * platform gave it, because a credential of the application names that issuer, subject and audience.
 *
 * What does not match is refused before the issuer's keys are looked for: only issuers that a credential names are ever asked.
 *
 * This tenant is an issuer, too, of one kind of subject only: a managed identity's token for the token exchange signs in the applications that
 * trust the identity. No other token of ours does, or an API could pass on what it was sent and sign in as somebody else.
 * @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation
 */
import { matchesClaims } from "../directory/claims-expression.ts";
import { federatedCredentialsOf, matchFederatedCredential } from "../directory/federated-credential.ts";
import { readTrace, traceHeaders } from "../observe/trace-context.ts";
import type { FederatedIdentityCredential } from "../state/entities.ts";
import type { Guid } from "../state/identifiers.ts";
import { isTokenExchangeAudience, tokenExchangeName } from "../tokens/audiences.ts";
import { audiencesOf, type ForeignJws, hasSignatureOf, instantOf } from "../tokens/foreign-jws.ts";
import { issuerOf } from "../tokens/issuers.ts";
import { TokenRefusal, type VerifiedToken } from "../tokens/token.ts";
import type { Client } from "./client.ts";
import { refuse } from "./fault.ts";
import type { Visit } from "./visit.ts";

/** The one algorithm of outside issuers that Entra supports. Same page. */
const algorithm = "RS256";

const keyNotFound = "The key was not found.";
const signatureWrong = "The provided signature value did not match the expected signature value.";

/** @returns the id of the federated credential. @throws EntraRefusal */
export async function judgeFederatedAssertion(
  visit: Visit,
  client: Client,
  jws: ForeignJws,
  text: string,
): Promise<Guid> {
  const { iss, sub, aud } = jws.claims;
  const issuer = iss as string; // the caller has looked
  // An application's own assertion names the application; what names another is neither that nor a token of an issuer.
  if (!issuer.startsWith("https://")) refuse({ kind: "assertion-of-another" });
  if (typeof sub !== "string") return refuse({ kind: "assertion-malformed" });
  const { tenantId } = visit.cloud.model.tenant;
  if (issuer === issuerOf("1.0", tenantId)) refuse({ kind: "assertion-of-entra" });
  if (issuer === issuerOf("2.0", tenantId)) {
    const token = verifyOwnToken(visit, jws, text);
    // Only an identity that nobody holds a secret of; a person's token least of all.
    if (token.kind === "user") refuse({ kind: "assertion-of-person" });
    const { servicePrincipalType } = visit.cloud.model.servicePrincipals.get(token.principalId)!;
    if (servicePrincipalType !== "ManagedIdentity") refuse({ kind: "assertion-of-entra" });
    if (!isTokenExchangeAudience(token.audience)) refuse({ kind: "federation-audience", audience: token.audience });
    const audiences = [tokenExchangeName, token.audience];
    return match(visit, client, { issuer, subject: sub, audiences }, jws.claims).id;
  }
  const credential = match(visit, client, { issuer, subject: sub, audiences: audiencesOf(aud) }, jws.claims);
  await checkSignature(visit, issuer, jws);
  return credential.id;
}

/** Signature, time and principal, as a resource would; whom it is for is judged apart. */
function verifyOwnToken({ cloud, now }: Visit, { algorithm: given, claims }: ForeignJws, text: string): VerifiedToken {
  const dateOf = (claim: unknown) => new Date((instantOf(claim) ?? 0) * 1000);
  try {
    return cloud.verifier.verify(text, () => true);
  } catch (cause) {
    if (!(cause instanceof TokenRefusal)) throw cause;
    const { fault } = cause;
    switch (fault.kind) {
      case "token-expired":
      case "token-not-yet-valid":
        return refuse({ kind: "assertion-time", now, start: dateOf(claims.nbf), end: dateOf(claims.exp) });
      case "token-algorithm":
        return refuse({ kind: "assertion-algorithm", algorithm: given, supported: algorithm });
      case "token-key-unknown":
        return refuse({ kind: "federation-signature", reason: keyNotFound });
      case "token-signature":
        return refuse({ kind: "federation-signature", reason: signatureWrong });
      default:
        return refuse({ kind: "assertion-malformed" });
    }
  }
}

type Presented = { readonly issuer: string; readonly subject: string; readonly audiences: readonly string[] };

function match(
  { cloud }: Visit,
  { federationParentId }: Client,
  presented: Presented,
  claims: Readonly<Record<string, unknown>>,
): FederatedIdentityCredential {
  const credentials = federationParentId === undefined ? [] : federatedCredentialsOf(cloud.model, federationParentId);
  const found = matchFederatedCredential(credentials, presented, (expression) => matchesClaims(expression, claims));
  const { issuer, subject } = presented;
  const audience = presented.audiences.join(" ");
  switch (found.kind) {
    case "matched":
      return found.credential;
    case "none":
      return refuse({ kind: "federation-none", issuer, subject, audience });
    case "issuer":
      return refuse({ kind: "federation-issuer", issuer });
    case "subject":
      return refuse({ kind: "federation-subject", subject });
    case "expression":
      return refuse({ kind: "federation-expression", subject });
    case "audience":
      return refuse({ kind: "federation-audience", audience });
  }
}

async function checkSignature({ cloud, now, exchange }: Visit, issuer: string, jws: ForeignJws): Promise<void> {
  if (jws.algorithm !== algorithm)
    refuse({ kind: "assertion-algorithm", algorithm: jws.algorithm, supported: algorithm });
  const { kid } = jws.header;
  const keyId = typeof kid === "string" ? kid : undefined;
  const found = await cloud.tokens.externalIssuers.findKey(issuer, keyId, now, traceHeaders(readTrace(exchange)));
  if (found.kind === "unreachable") refuse({ kind: "issuer-unreachable" });
  if (found.kind === "key-unknown") refuse({ kind: "federation-signature", reason: keyNotFound });
  else if (!hasSignatureOf(jws, found.key)) refuse({ kind: "federation-signature", reason: signatureWrong });
}
