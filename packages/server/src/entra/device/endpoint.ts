/**
 * The device authorization endpoints: a program without a browser asks for a pair of codes, one for itself, one for the person.
 * Spec: RFC 8628 section 3.1; https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
 *
 * Entra's page is at microsoft.com/devicelogin. That is not a host of ours, and the person's browser need not know the proxy: the page named here
 * is this server's own, on localhost.
 */
import type { Reply } from "../../wire/exchange.ts";
import { findClient } from "../client.ts";
import { askedScopes } from "../consent.ts";
import { refuse } from "../fault.ts";
import { need, readForm } from "../form.ts";
import { uncached } from "../render.ts";
import { type Dialect, readUserScope } from "../requested-resource.ts";
import { startAttempt } from "../sign-in-attempt.ts";
import { readTenantName } from "../tenant-name.ts";
import type { Visit } from "../visit.ts";
import { deviceCodeLifetimeSeconds, pollIntervalSeconds } from "./device-codes.ts";

export function answerDeviceCodeV1(visit: Visit): Promise<Reply> {
  return answerDeviceCode(visit, "v1");
}

export function answerDeviceCodeV2(visit: Visit): Promise<Reply> {
  return answerDeviceCode(visit, "v2");
}

async function answerDeviceCode(visit: Visit, dialect: Dialect): Promise<Reply> {
  const form = await readForm(visit.exchange.request, "client_id");
  const tenantName = readTenantName(visit, "token");
  const clientId = need(form, "client_id");
  if (tenantName.kind === "consumers") refuse({ kind: "client-unknown", client: clientId, tenant: "consumers" });
  const attempt = startAttempt();
  const client = findClient(visit, { clientId, secret: undefined }, attempt);
  const { appId, displayName, servicePrincipal, isFirstParty, isMultiTenant } = client;
  if (servicePrincipal?.accountEnabled === false) refuse({ kind: "client-disabled", appId, appName: displayName });
  if (tenantName.kind !== "tenant" && !isFirstParty && !isMultiTenant) {
    refuse({ kind: "tenant-of-app-needed", appId, appName: displayName });
  }
  if (dialect === "v2" && form.has("resource")) refuse({ kind: "resource-parameter" });
  const scope = dialect === "v2" ? need(form, "scope") : (form.get("scope") ?? null);
  const resource = dialect === "v1" ? need(form, "resource") : null;
  askedScopes(visit.cloud.model, client, readUserScope(visit, form, dialect, attempt));
  const issued = visit.memory.deviceCodes.issue({ clientId: appId, dialect, scope, resource }, visit.now);
  return renderCodes(visit, dialect, issued.deviceCode, issued.request.userCode);
}

function renderCodes(visit: Visit, dialect: Dialect, deviceCode: string, userCode: string): Reply {
  const page = `${visit.options.localOrigin()}/common/oauth2/deviceauth`;
  const times = { expires_in: deviceCodeLifetimeSeconds, interval: pollIntervalSeconds };
  const message = `To sign in, use a web browser to open the page ${page} and enter the code ${userCode} to authenticate.`;
  const body =
    dialect === "v2"
      ? { user_code: userCode, device_code: deviceCode, verification_uri: page, ...times, message }
      : {
          user_code: userCode,
          device_code: deviceCode,
          verification_url: page,
          expires_in: String(times.expires_in),
          interval: String(times.interval),
          message,
        };
  return { status: 200, headers: uncached, body };
}
