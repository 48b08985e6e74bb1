/**
 * The device_code grant: a program asks, again and again, whether the person has allowed it yet.
 * Spec: RFC 8628 section 3.4; https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code#authenticating-the-user
 * Entra does not answer `slow_down`; neither does this: asking too often is no way to learn anything.
 */

import { authenticateClient } from "../client.ts";
import type { DeviceRequest } from "../device/device-codes.ts";
import { refuse } from "../fault.ts";
import { issueForPerson, platformOf } from "../person-grant.ts";
import { formOf } from "../sign-in/flow.ts";
import type { Grant, TokenRequest } from "../token-request.ts";

/** RFC 8628's name, and the one v1 clients and MSAL for Python send. */
const deviceCodeGrantTypes = ["urn:ietf:params:oauth:grant-type:device_code", "device_code"] as const;

function makeGrant(grantType: string): Grant {
  return { grantType, needsTenant: false, issue: (request) => redeem(request, grantType) };
}

export const deviceCodeGrants: readonly Grant[] = deviceCodeGrantTypes.map(makeGrant);

async function redeem(request: TokenRequest, grantType: string) {
  const { visit, form, client, claim, attempt } = request;
  // RFC 8628 says `device_code`, Entra's first version said `code`.
  const code = form.get("device_code") ?? form.get("code");
  if (code === undefined) return refuse({ kind: "parameter-missing", parameter: "device_code" });
  const asked = visit.memory.deviceCodes.findByDeviceCode(code);
  // An application that nobody has used yet has its principal from the consent that is waited for.
  const isNew = client.servicePrincipal === undefined && !client.isFirstParty;
  if (isNew && asked?.clientId === client.appId) needApproval(visit.now, asked);
  const proof = authenticateClient(visit, client, claim, grantType, attempt);
  if (asked === undefined || asked.clientId !== client.appId) return refuse({ kind: "device-code-unknown" });
  const { userId, signedInAtMs } = needApproval(visit.now, asked);
  const { model } = visit.cloud;
  const user = model.users.get(userId);
  if (user === undefined) return refuse({ kind: "user-unknown", tenantId: model.tenant.tenantId });
  attempt.principalId = user.id;
  attempt.userPrincipalName = user.userPrincipalName;
  if (!user.accountEnabled) refuse({ kind: "user-disabled" });
  const validFrom = new Date(user.signInSessionsValidFromDateTime);
  if (signedInAtMs < validFrom.getTime())
    refuse({ kind: "refresh-token-revoked", issued: new Date(signedInAtMs), validFrom });
  // Before anything is waited for: two that ask at once must not both be given tokens.
  visit.memory.deviceCodes.settle(asked, { kind: "redeemed" });
  const withScope = { ...request, form: new Map([...form, ...formOf(asked)]) };
  return issueForPerson(withScope, { user, proof, platform: platformOf(proof), origin: "", signedInAtMs });
}

function needApproval(now: Date, { state, expiresAtMs }: DeviceRequest) {
  switch (state.kind) {
    case "redeemed":
      return refuse({ kind: "code-invalid", parameter: "device_code" });
    case "declined":
      return refuse({ kind: "device-code-declined" });
    case "pending":
      return now.getTime() >= expiresAtMs
        ? refuse({ kind: "device-code-expired" })
        : refuse({ kind: "device-code-pending" });
    case "approved":
      return now.getTime() >= expiresAtMs ? refuse({ kind: "device-code-expired" }) : state;
  }
}
