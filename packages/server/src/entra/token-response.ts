/**
 * A grant's answer in the form of its endpoint: v2 with numbers, v1 with the same numbers as strings.
 * Spec: RFC 6749 section 5.1; https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#successful-response-1
 */
import { expiresInSeconds } from "../tokens/service.ts";
import { AsciiText, type Reply } from "../wire/exchange.ts";
import { LastingHeaders } from "../wire/lasting-headers.ts";
import { uncached } from "./render.ts";
import type { Dialect } from "./requested-resource.ts";
import type { TokenGrant } from "./token-request.ts";
import type { Visit } from "./visit.ts";

const headers = { ...uncached, "x-ms-clitelem": "1,0,0,,", "content-type": "application/json; charset=utf-8" } as const;
const lastingHeaders = new LastingHeaders(headers);

export function renderGrant(visit: Visit, dialect: Dialect, grant: TokenGrant): Reply {
  if (dialect === "v2" && grant.person === undefined)
    return { status: 200, lasting: lastingHeaders, body: writeAppGrant(grant, visit.now) };
  const body = dialect === "v1" ? bodyV1(grant, visit.now) : bodyV2(grant, visit.now);
  return { status: 200, headers, body: { ...body, ...personMembers(visit, grant) } };
}

/** As {@link bodyV2}, written out: programs ask for it by the thousand, and of a token's characters JSON escapes none. */
function writeAppGrant({ access: { token, validity } }: TokenGrant, now: Date): AsciiText {
  const expiresIn = expiresInSeconds(validity, now);
  return new AsciiText(
    `{"token_type":"Bearer","expires_in":${expiresIn},"ext_expires_in":${expiresIn},"access_token":"${token}"}`,
  );
}

function bodyV2({ access, person }: TokenGrant, now: Date): Record<string, unknown> {
  const expiresIn = expiresInSeconds(access.validity, now);
  return {
    token_type: "Bearer",
    ...(person && { scope: person.scopes.join(" ") }),
    expires_in: expiresIn,
    ext_expires_in: expiresIn,
    access_token: access.token,
  };
}

function bodyV1({ access, person, resource }: TokenGrant, now: Date): Record<string, unknown> {
  const expiresIn = String(expiresInSeconds(access.validity, now));
  return {
    token_type: "Bearer",
    ...(person && { scope: person.scopes.join(" ") }),
    expires_in: expiresIn,
    ext_expires_in: expiresIn,
    expires_on: String(access.validity.expiresAt),
    not_before: String(access.validity.notBefore),
    resource: resource.audience,
    access_token: access.token,
  };
}

/** `client_info` is not for applications: MSAL would file their tokens under a person who is not there. */
function personMembers(visit: Visit, { person }: TokenGrant): Record<string, unknown> {
  if (person === undefined) return {};
  const account = { uid: person.userId, utid: visit.cloud.model.tenant.tenantId };
  return {
    ...(person.refreshToken === undefined ? {} : { refresh_token: person.refreshToken }),
    ...(person.family === undefined ? {} : { foci: person.family }),
    ...(person.idToken === undefined ? {} : { id_token: person.idToken }),
    client_info: Buffer.from(JSON.stringify(account)).toString("base64url"),
  };
}
