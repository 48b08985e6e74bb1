/**
 * Client assertions: an application proves itself by a signed token in place of a secret.
 *
 * One that the application issued itself (`iss` is its own id) is signed with the key of one of its certificates; any other is a token of an
 * outside issuer that a federated credential of the application trusts. Which of the two it is, is decided once, here.
 *
 * An assertion serves until it expires, however often it is sent: every MSAL keeps one and sends it with each request (decision 0014).
 * Spec: RFC 7521, RFC 7523; https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
import type { X509Certificate } from "node:crypto";
import type { Guid } from "../state/identifiers.ts";
import { judgeCertificateProof } from "../tokens/certificate-proof.ts";
import { type ForeignJws, instantOf, parseForeignJws, supportedAlgorithms } from "../tokens/foreign-jws.ts";
import { issuerOf } from "../tokens/issuers.ts";
import type { Client } from "./client.ts";
import { refuse } from "./fault.ts";
import { judgeFederatedAssertion } from "./federated-assertion.ts";
import { publicOrigin, type Visit } from "./visit.ts";

/** `client_assertion_type`; there is no other. */
export const jwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** How far clocks may be apart, in seconds: the default of Microsoft's token validators. */
const clockSkewSeconds = 300;
/** Longest life of an assertion still ahead of it, in seconds; Entra advises minutes and MSAL's have ten. Our choice. */
const maxLifetimeSeconds = 24 * 60 * 60;
/** Names of a certificate that a message lists, as Entra's does. */
const maxNames = 10;

/** The hosts at which Entra is itself, as an assertion's audience may spell them. */
const entraOrigins = [
  publicOrigin,
  "https://login.microsoft.com",
  "https://login.windows.net",
  "https://sts.windows.net",
];

/**
 * Judges an assertion.
 * @returns the id of the credential it proves.
 * @throws EntraRefusal
 */
export async function judgeClientAssertion(visit: Visit, client: Client, text: string): Promise<Guid> {
  if (client.isFirstParty) refuse({ kind: "client-public" });
  const jws = parseForeignJws(text);
  if (jws === undefined || typeof jws.claims.iss !== "string") return refuse({ kind: "assertion-malformed" });
  const isOwn = jws.claims.iss.toLowerCase() === client.appId;
  const keyId = isOwn ? judgeOwnAssertion(visit, client, jws) : await judgeFederatedAssertion(visit, client, jws, text);
  checkAssertionTime(visit, jws);
  return keyId;
}

/** In this order, so that only who holds a key learns what else is wrong. */
function judgeOwnAssertion(visit: Visit, client: Client, jws: ForeignJws): Guid {
  const { sub, aud } = jws.claims;
  const keyId = judgeSignature(visit, client, jws);
  if (typeof sub !== "string" || sub.toLowerCase() !== client.appId) refuse({ kind: "assertion-of-another" });
  if (typeof aud !== "string" || !isOurAudience(visit, aud)) refuse({ kind: "assertion-audience" });
  return keyId;
}

function judgeSignature({ now }: Visit, client: Client, jws: ForeignJws): Guid {
  const proof = judgeCertificateProof(jws, client.keys, now);
  const { appId } = client;
  switch (proof.kind) {
    case "valid":
      return proof.keyId;
    case "algorithm":
      return refuse({ kind: "assertion-algorithm", algorithm: jws.algorithm, supported: supportedAlgorithms });
    case "key-unknown":
      // A certificate may stand for its subject name at Microsoft's own applications; at others it is only its key.
      if (proof.presented !== undefined) refuse({ kind: "certificate-name", names: namesOf(proof.presented) });
      return refuse({ kind: "assertion-signature", appId, thumbprint: proof.thumbprint, reason: "unknown" });
    case "chain":
      return refuse({ kind: "assertion-chain" });
    case "key-expired":
      return refuse({ kind: "assertion-signature", appId, thumbprint: proof.thumbprint, reason: "expired" });
    case "key-not-yet-valid":
      return refuse({ kind: "assertion-signature", appId, thumbprint: proof.thumbprint, reason: "not-yet-valid" });
    case "signature":
      return refuse({ kind: "assertion-signature", appId, thumbprint: proof.thumbprint, reason: "wrong" });
  }
}

/** Lifetimes count for both kinds. */
function checkAssertionTime({ now }: Visit, { claims }: ForeignJws): void {
  const seconds = now.getTime() / 1000;
  const start = claims.nbf === undefined ? 0 : instantOf(claims.nbf);
  const end = instantOf(claims.exp);
  if (start === undefined || end === undefined) refuse({ kind: "assertion-malformed" });
  const isNow =
    seconds >= start - clockSkewSeconds &&
    seconds < end + clockSkewSeconds &&
    end - seconds <= maxLifetimeSeconds + clockSkewSeconds;
  if (!isNow) refuse({ kind: "assertion-time", now, start: new Date(start * 1000), end: new Date(end * 1000) });
}

/**
 * An assertion is for this tenant's token endpoint, v1 or v2, by a name of ours; or for its issuer, as newer specifications ask. What was made
 * for another tenant or another server does not serve here.
 */
function isOurAudience(visit: Visit, audience: string): boolean {
  const { tenantId, domains } = visit.cloud.model.tenant;
  if (audience === issuerOf("1.0", tenantId) || audience === issuerOf("2.0", tenantId)) return true;
  const [, origin, tenant] = /^(https:\/\/[^/]+)\/([^/]+)\/oauth2\/(?:v2\.0\/)?token$/.exec(audience) ?? [];
  if (origin === undefined) return false;
  const tenants: readonly string[] = [tenantId, ...domains, "common", "organizations", "adfs"];
  const isOurs = entraOrigins.includes(origin) || visit.ownOrigins.includes(origin);
  return isOurs && tenants.includes(tenant!.toLowerCase());
}

function namesOf({ subject, subjectAltName }: X509Certificate): string {
  const names = [subject.split("\n").reverse().join(", "), ...(subjectAltName?.split(", ") ?? [])];
  return names.slice(0, maxNames).join(", ");
}
