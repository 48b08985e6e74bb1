/**
 * Words the surface's faults as Entra does, and puts on every answer the headers Entra's carry.
 *
 * Owns: which AADSTS number each fault is. May use: the table of aadsts.ts. Spec: RFC 6749 section 5.2;
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
import type { Reply, StandardHeaders } from "../wire/exchange.ts";
import { LastingHeaders } from "../wire/lasting-headers.ts";
import { type AadstsEntry, type AadstsNumber, aadsts, fillMessage, type Holes } from "./aadsts.ts";
import type { EntraFault } from "./fault.ts";
import type { Visit } from "./visit.ts";

/** A fault in Entra's terms: `error` and `status` stand here when they differ from the table's. */
export type Wording = {
  /** undefined where Entra has no number because the thing does not happen there. */
  readonly code: AadstsNumber | undefined;
  readonly error: string;
  readonly status: number;
  readonly message: string;
};

/** What a server of Entra's names itself; clients log it. */
const serverName = "Postern";

/** The user's name is withheld in this message, as Entra does: error texts end up in logs. */
const hiddenUser = "{EUII Hidden}";

/** How long a refresh token that went out of use had been idle, as Entra writes it. */
const refreshInactivity = "90.00:00:00";
/** The same of a single-page app's. */
const spaLifetime = "1.00:00:00";

const assertionAudienceText =
  "Client assertion audience claim does not match Realm issuer. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .";

/** What is wrong with an assertion's signature, in Entra's words. */
const signatureReasons = {
  unknown: "The key was not found.",
  expired: "The key used is expired.",
  "not-yet-valid": "The key used is not valid yet.",
  wrong: "Key was found, but use of the key to verify the signature failed.",
} as const;

/** Each kind of fault in Entra's words; a kind without its line does not compile. */
const wordings: { readonly [Kind in EntraFault["kind"]]: (fault: Extract<EntraFault, { kind: Kind }>) => Wording } = {
  "request-malformed": () => word(9002313, {}),
  "body-too-large": () => ({ ...word(9002313, {}), status: 413 }),
  "parameter-missing": ({ parameter }) => word(900144, { parameter }),
  "credential-field-missing": ({ field }) => word(90014, { field }),
  "method-not-allowed": ({ method, allowed }) => word(900561, { method, allowed }),
  "path-unknown": () => wordOwn(404, "not_found", "There is nothing at this address."),
  "not-implemented": ({ what }) => wordOwn(501, "not_implemented", `Postern does not implement ${what} yet.`),

  "tenant-unknown": ({ tenant, endpoint }) => ({
    ...word(90002, { tenant }),
    error: endpoint === "discovery" ? "invalid_tenant" : "invalid_request",
  }),
  "tenant-malformed": ({ tenant }) => word(900023, { tenant }),
  "tenant-needed": () => word(50059, {}),
  "tenant-missing": () => word(90019, {}),
  "grant-needs-tenant": () => word(9001023, {}),
  "instance-unknown": () => word(50049, {}),

  "client-unknown": ({ client, tenant }) => word(700016, { client, tenant }),
  "client-without-principal": ({ appId, tenantId }) => word(7000229, { appId, tenantId }),
  "client-disabled": ({ appId, appName }) => word(7000112, { appId, appName }),
  "client-public": () => word(700025, {}),
  "secret-missing": ({ grant }) => (grant === "client_credentials" ? word(7000216, {}) : word(7000218, {})),
  "client-personal-only": ({ appId, appName }) => word(9002331, { appId, appName }),
  "assertion-malformed": () => word(50027, {}),
  "assertion-algorithm": ({ algorithm, supported }) => word(5002738, { algorithm, supported }),
  "assertion-signature": ({ appId, thumbprint, reason }) =>
    word(700027, { appId, thumbprint, reason: signatureReasons[reason] }),
  "certificate-name": ({ names }) => word(700030, { names }),
  "assertion-of-another": () => word(700021, {}),
  // Entra uses the number twice.
  "assertion-audience": () => ({ code: 700023, error: "invalid_client", status: 401, message: assertionAudienceText }),
  "assertion-time": ({ now, start, end }) =>
    word(700024, { now: longTime(now), start: longTime(start), end: longTime(end) }),
  "assertion-chain": () => word(50012, {}),
  "assertion-of-entra": () => word(700222, {}),
  "assertion-of-person": () => word(700229, {}),
  "federation-none": ({ issuer, subject, audience }) => word(70021, { issuer, subject, audience }),
  "federation-issuer": ({ issuer }) => word(700211, { issuer }),
  "federation-subject": ({ subject }) => word(700213, { subject }),
  "federation-expression": ({ subject }) => word(7002138, { subject }),
  "federation-audience": ({ audience }) => word(700212, { audience }),
  "federation-signature": ({ reason }) => ({ ...word(50013, { reason }), error: "invalid_client", status: 401 }),
  "issuer-unreachable": () => word(501661, {}),

  "user-assertion-audience": ({ audience, appId, appName }) => word(500131, { audience, appId, appName }),
  "user-assertion-expired": ({ now, expires }) => word(500133, { now: longTime(now), expires: longTime(expires) }),
  "user-assertion-signature": ({ reason }) => word(50013, { reason }),
  "on-behalf-of-app": ({ appId }) => word(7000114, { appId }),
  "person-not-assigned": ({ user, appId, appName }) => word(50105, { user, appId, appName }),
  "token-for-itself": ({ appId, appName }) => word(90009, { appId, appName }),
  "directory-access-needed": ({ appId, appName }) => word(90008, { appId, appName }),

  "secret-wrong": ({ appId }) => word(7000215, { appId }),
  "secret-expired": ({ appId }) => word(7000222, { appId }),

  "grant-unsupported": ({ grant }) => word(70003, { grant }),
  "user-unknown": ({ tenantId }) => word(50034, { user: hiddenUser, tenantId }),
  "password-wrong": () => word(50126, {}),
  "password-expired": () => word(50055, {}),
  "user-disabled": () => word(50057, {}),
  "account-locked": () => word(50053, {}),
  "code-invalid": ({ parameter }) => word(70000, { parameter }),
  "code-expired": () => word(70008, {}),
  "code-redeemed": () => word(54005, {}),
  "code-of-other-tenant": () => word(700005, {}),
  "code-scope-empty": () => word(28003, {}),
  "code-scope-invalid": ({ scope }) => word(28002, { scope }),
  "verifier-mismatch": () => word(501481, {}),
  "verifier-needed": () => word(9002325, {}),
  "redirect-differs": ({ given, asked }) => word(500112, { given, asked }),
  "origin-needed": () => word(9002327, {}),
  "origin-not-allowed": ({ origin }) => word(9002326, { origin }),
  "grant-revoked": () => word(700007, {}),
  "spa-refresh-token-expired": ({ issued }) => word(700084, { issued: longTime(issued), lifetime: spaLifetime }),
  "device-code-pending": () => word(70016, {}),
  "device-code-expired": () => word(70020, {}),
  "device-code-declined": () => wordOwn(400, "authorization_declined", "The person declined to sign the device in."),
  "device-code-unknown": () => word(70018, {}),
  "user-code-missing": () => word(90119, {}),
  "user-code-unknown": () => word(70018, {}),
  "user-code-expired": () => word(70019, {}),
  "user-code-used": () => word(90120, {}),
  "user-code-guessed": () =>
    wordOwn(400, "invalid_request", "Too many wrong codes were entered. Wait a minute, then try again."),
  "refresh-token-expired": ({ issued }) => word(700082, { issued: longTime(issued), inactivity: refreshInactivity }),
  "refresh-token-revoked": ({ issued, validFrom }) =>
    word(50173, { issued: longTime(issued), validFrom: longTime(validFrom) }),

  "redirect-unregistered": ({ redirectUri, appId }) => word(50011, { redirectUri, appId }),
  "redirect-missing": () => word(900971, {}),
  "response-type-unsupported": ({ responseType }) => word(70005, { responseType }),
  "response-type-disabled": ({ responseType }) => word(700054, { responseType }),
  "response-mode-unsupported": ({ responseMode }) => word(70007, { responseMode }),
  "challenge-missing": () => word(50147, {}),
  "challenge-size": () => word(501491, {}),
  "parameter-invalid": ({ parameter }) => word(90023, { parameter }),
  "tenant-of-app-needed": ({ appId, appName }) => word(50194, { appId, appName }),

  "page-expired": () =>
    wordOwn(400, "invalid_request", "This page is out of date. Go back to the application and sign in again."),
  "page-foreign": () => wordOwn(403, "access_denied", "This request did not come from the sign-in page."),
  "sign-in-needed": () => word(50058, {}),
  "account-choice-needed": () => word(16000, {}),
  "sign-in-cancelled": () => wordOwn(400, "access_denied", "The person cancelled the sign-in."),
  "consent-declined": () => word(65004, {}),
  "consent-needs-administrator": ({ appId, appName }) => word(90094, { appId, appName }),
  "consent-needed": ({ appId, appName }) => ({ ...word(65001, { appId, appName }), error: "consent_required" }),

  "resource-not-listed": ({ appId, appName, resource, resourceAppId, listed }) =>
    word(650057, { appId, appName, resource, resourceAppId, listed }),
  "graph-not-listed": ({ appId }) => word(650056, { appId }),
  "resource-not-enabled": ({ resource, tenant }) => word(650052, { resource, tenant }),
  "resource-disabled": ({ resource }) => word(500014, { resource }),
  "resource-parameter": () => word(901002, {}),
  "scope-invalid": ({ scope }) => word(70011, { scope }),
  "scope-not-default": ({ scopes }) => word(1002012, { scopes }),
  "scope-of-many-resources": () => word(700022, {}),
  "scope-without-resource": () => word(700023, {}),
  "resource-unknown": ({ resource, tenant }) => word(500011, { resource, tenant }),
  "consent-missing": ({ appId, appName }) => word(65001, { appId, appName }),
  "role-needed": (fault) => word(501051, fault),
};

/** @returns Entra's wording of a fault. */
export function wordFault(fault: EntraFault): Wording {
  return (wordings[fault.kind] as (fault: EntraFault) => Wording)(fault);
}

function word<Code extends AadstsNumber>(code: Code, holes: Holes<Code>): Wording {
  const { error, status } = aadsts[code];
  return { code, error, status, message: fillMessage(code, holes) };
}

/** For what does not happen at Entra. */
function wordOwn(status: number, error: string, message: string): Wording {
  return { code: undefined, error, status, message };
}

/** Renders a fault as Entra's OAuth error body. */
export function renderFault(visit: Visit, fault: EntraFault): Reply {
  const { code, status } = wordFault(fault);
  const { error, description, errorUri } = describeFault(visit, fault);
  const suberror = code === undefined ? undefined : (aadsts[code] as AadstsEntry).suberror;
  return {
    status,
    headers: {
      ...uncached,
      ...(status === 405 ? { allow: (fault as { allowed: string }).allowed } : {}),
      // What is left of a body that was not read would be taken for the next request.
      ...(status === 413 ? { connection: "close" } : {}),
      ...(code === undefined ? {} : { "x-ms-clitelem": `1,${code},0,,` }),
    },
    body: {
      error,
      error_description: description,
      error_codes: code === undefined ? [] : [code],
      timestamp: shortTime(visit.now),
      trace_id: visit.exchange.requestId,
      correlation_id: visit.correlationId,
      ...(errorUri === undefined ? {} : { error_uri: errorUri }),
      ...(suberror === undefined ? {} : { suberror }),
    },
  };
}

/** The members of an OAuth error, however they are sent. */
export function describeFault(
  visit: Visit,
  fault: EntraFault,
): { readonly error: string; readonly description: string; readonly errorUri: string | undefined } {
  const { code, error, message } = wordFault(fault);
  const prefix = code === undefined ? "" : `AADSTS${code}: `;
  const trace = `Trace ID: ${visit.exchange.requestId} Correlation ID: ${visit.correlationId}`;
  return {
    error,
    description: `${prefix}${message} ${trace} Timestamp: ${shortTime(visit.now)}`,
    errorUri: code === undefined ? undefined : `https://login.microsoftonline.com/error?code=${code}`,
  };
}

/** For everything that is an answer to one caller at one time: tokens and errors. */
export const uncached = { "cache-control": "no-store, no-cache", pragma: "no-cache", expires: "-1" } as const;
/** For documents: a day, as Entra's. */
export const cachedForADay = { "cache-control": "max-age=86400, private" } as const;

/** Headers on every answer of the surface. @param methods what a browser page of another origin may send here; undefined for a page of ours. */
export function standardHeaders(visit: Visit, methods: string | undefined): StandardHeaders {
  const { exchange, ownOrigins, correlationId } = visit;
  const { requestId, request } = exchange;
  const isEchoed = request.headers["client-request-id"] !== undefined || visit.query.has("client-request-id");
  const ids = isEchoed
    ? ["x-ms-request-id", requestId, "client-request-id", correlationId]
    : ["x-ms-request-id", requestId];
  return { ids, lasting: lastingHeaders(methods, ownOrigins.length === 0) };
}

/** By methods, of which there are as many as the operation table has; by public names and by our own. */
const knownHeaders = { public: new Map<string, LastingHeaders>(), own: new Map<string, LastingHeaders>() };

function lastingHeaders(methods = "", isPublic: boolean): LastingHeaders {
  const known = isPublic ? knownHeaders.public : knownHeaders.own;
  let headers = known.get(methods);
  if (headers === undefined) {
    headers = new LastingHeaders({
      ...{ "x-ms-ests-server": serverName, "x-content-type-options": "nosniff" },
      ...(methods !== "" && { "access-control-allow-origin": "*", "access-control-allow-methods": methods }),
      // A browser that learned this of localhost would refuse the developer's own http servers there for a year.
      ...(isPublic && { "strict-transport-security": "max-age=31536000; includeSubDomains" }),
    });
    known.set(methods, headers);
  }
  return headers;
}

/** `2026-01-31 12:34:56Z` */
function shortTime(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace("T", " ")}Z`;
}

/** `2026-01-31T12:34:56.7890000Z` */
function longTime(time: Date): string {
  return time.toISOString().replace(/Z$/, "0000Z");
}
