/**
 * The token endpoints, v1, v2 and AD FS: the phases every grant goes through, in one order, and the record of how it ended.
 *
 *   form -> tenant -> grant type -> client -> (the grant: proof, then what it brings) -> resource -> tokens -> response
 *
 * Spec: RFC 6749 sections 4 to 6; https://learn.microsoft.com/entra/identity-platform/v2-protocols
 */
import type { Reply } from "../wire/exchange.ts";
import { type Awaitable, whenSettled, whenThere } from "../wire/when-there.ts";
import { readClaimsRequest } from "./claims-request.ts";
import { findClient, proveClient, readClientClaim } from "./client.ts";
import { needOwnOrigin } from "./discovery.ts";
import { EntraRefusal, refuse } from "./fault.ts";
import { need, readRepeatedForm } from "./form.ts";
import { authorizationCodeGrant } from "./grants/authorization-code.ts";
import { clientCredentials } from "./grants/client-credentials.ts";
import { deviceCodeGrants } from "./grants/device-code.ts";
import { onBehalfOf } from "./grants/on-behalf-of.ts";
import { passwordGrant } from "./grants/password.ts";
import { refreshTokenGrant } from "./grants/refresh-token.ts";
import { wordFault } from "./render.ts";
import type { Dialect } from "./requested-resource.ts";
import { recordAttempt, type SignInAttempt, startAttempt } from "./sign-in-attempt.ts";
import { readTenantName, type TenantName } from "./tenant-name.ts";
import type { Grant, TokenGrant } from "./token-request.ts";
import { renderGrant } from "./token-response.ts";
import type { Visit } from "./visit.ts";

const grants: ReadonlyMap<string, Grant> = new Map(
  [clientCredentials, passwordGrant, refreshTokenGrant, authorizationCodeGrant, onBehalfOf, ...deviceCodeGrants].map(
    (grant) => [grant.grantType, grant],
  ),
);

export function answerTokenV1(visit: Visit): Awaitable<Reply> {
  return answerToken(visit, "v1", () => readTenantName(visit, "token"));
}

export function answerTokenV2(visit: Visit): Awaitable<Reply> {
  return answerToken(visit, "v2", () => readTenantName(visit, "token"));
}

/** Speaks scopes as v2 does, for the one tenant of this cloud. */
export function answerTokenAdfs(visit: Visit): Awaitable<Reply> {
  needOwnOrigin(visit);
  return answerToken(visit, "v2", () => ({ kind: "tenant", segment: visit.cloud.model.tenant.tenantId }));
}

function answerToken(visit: Visit, dialect: Dialect, readTenant: () => TenantName): Awaitable<Reply> {
  return whenThere(readRepeatedForm(visit.exchange.request), (form) => {
    const attempt = startAttempt();
    return whenSettled(
      () => issue(visit, dialect, form, readTenant(), attempt),
      (grant) => {
        recordAttempt(visit, attempt, 0);
        if (visit.exchange.note !== undefined) visit.exchange.note.caller = attempt.principalId || attempt.appId;
        return renderGrant(visit, dialect, grant);
      },
      (cause) => {
        if (cause instanceof EntraRefusal) recordAttempt(visit, attempt, wordFault(cause.fault).code ?? -1);
        throw cause;
      },
    );
  });
}

function issue(
  visit: Visit,
  dialect: Dialect,
  form: ReadonlyMap<string, string>,
  tenantName: TenantName,
  attempt: SignInAttempt,
): Awaitable<TokenGrant> {
  const grantType = need(form, "grant_type");
  const grant = grants.get(grantType) ?? refuse({ kind: "grant-unsupported", grant: grantType });
  attempt.grant = grant.grantType;
  if (grant.needsTenant && (tenantName.kind === "common" || tenantName.kind === "consumers")) {
    refuse({ kind: "grant-needs-tenant" });
  }
  if (dialect === "v2" && form.has("resource")) refuse({ kind: "resource-parameter" });
  const asked = readClaimsRequest(form.get("claims"), visit.now);
  const sent = readClientClaim(visit, form);
  visit.cloud.rateLimits?.admitTokenRequest(sent.clientId, visit.exchange.request.socket.remoteAddress);
  const client = findClient(visit, sent, attempt);
  const proving = sent.assertion === undefined ? sent : proveClient(visit, client, sent);
  return whenThere(proving, (claim) =>
    grant.issue({ visit, dialect, form, tenantName, client, claim, asked, attempt }),
  );
}
