/**
 * The portal's identity service (main.iam.ad.ext.azure.com), as far as `az ad app permission admin-consent` asks it: an administrator consents,
 * for everyone, to all that an application asks for.
 *
 * Owns: that one operation. It is not documented; what az sends is what is answered. May use: directory (the rule and the decision), state, wire,
 * the token verifier's interface. A request goes one way: authenticate -> match -> decide -> handle -> render.
 * @see https://learn.microsoft.com/cli/azure/ad/app/permission#az-ad-app-permission-admin-consent
 */
import type { Cloud } from "../cloud.ts";
import { consentActions, consentForAll, requiredPermissions } from "../directory/admin-consent.ts";
import { mayAct, permissionsFor } from "../directory/permissions.ts";
import { createServicePrincipal } from "../directory/service-principal.ts";
import { admitAddress, admitPrincipal } from "../guard/admission.ts";
import type { Actor } from "../state/change.ts";
import type { Application, ServicePrincipal } from "../state/entities.ts";
import { Refusal } from "../state/fault.ts";
import { type AppId, parseGuid, type ServicePrincipalObjectId } from "../state/identifiers.ts";
import { isIamAudience } from "../tokens/audiences.ts";
import { TokenRefusal, type VerifiedToken } from "../tokens/token.ts";
import { type Exchange, type Reply, sendReply } from "../wire/exchange.ts";
import type { OperationRow, Surface } from "../wire/operation.ts";

const consent: OperationRow = {
  operation: "Grant admin consent",
  method: "POST",
  match: "/api/RegisteredApplications/{appId}/Consent?onBehalfOfAll=true",
  permission: permissionsFor("manage-grants"),
  doc: "https://learn.microsoft.com/cli/azure/ad/app/permission#az-ad-app-permission-admin-consent",
  sample: {
    target: "/api/RegisteredApplications/11111111-2222-4333-8444-555555555555/Consent?onBehalfOfAll=true",
  },
};

const pathPattern = /^\/api\/RegisteredApplications\/([0-9a-f-]{36})\/Consent$/i;

export function createIamSurface(cloud: Cloud): Surface {
  return {
    name: "iam",
    operations: [consent],
    handle: async (exchange) => sendReply(exchange, await answer(cloud, exchange)),
  };
}

async function answer(cloud: Cloud, exchange: Exchange): Promise<Reply> {
  const caller = authenticate(cloud, exchange);
  if (caller === undefined) {
    admitAddress(cloud, exchange, "");
    return refusal(401, "The access token is missing or not valid.");
  }
  admitPrincipal(cloud, exchange, caller.principalId);
  const appId = parseGuid<"AppId">(pathPattern.exec(exchange.path)?.[1]) as AppId | undefined;
  if (appId === undefined) return refusal(404, "There is nothing at this address.");
  if (exchange.request.method !== "POST") return refusal(405, "Only POST is allowed here.");
  const application = cloud.model.applications.findOne("appId", appId);
  if (!mayConsent(cloud, caller, application))
    return refusal(403, "Insufficient privileges to complete the operation.");
  if (new URLSearchParams(exchange.query).get("onBehalfOfAll") !== "true")
    return refusal(400, "Consent is given for everyone here: onBehalfOfAll must be true.");
  if (application === undefined) return refusal(404, `The application '${appId}' is not in the directory.`);
  try {
    await give(cloud, actorOf(cloud, caller), application);
    return { status: 204 };
  } catch (cause) {
    if (cause instanceof Refusal) return refusal(400, `The consent cannot be given (${cause.fault.kind}).`);
    throw cause;
  }
}

function authenticate(cloud: Cloud, { request }: Exchange): VerifiedToken | undefined {
  const [, token] = /^Bearer +(\S+)\s*$/i.exec(request.headers.authorization ?? "") ?? [];
  if (token === undefined) return undefined;
  try {
    return cloud.verifier.verify(token, isIamAudience);
  } catch (cause) {
    if (cause instanceof TokenRefusal) return undefined;
    throw cause;
  }
}

/** Every permission asked for must be the caller's to grant: Graph's own take more than others. */
function mayConsent({ model }: Cloud, caller: VerifiedToken, application: Application | undefined): boolean {
  // The portal acts as the person in everything: its one delegated permission stands for Graph's `Directory.AccessAsUser.All`.
  const scopes = caller.scopes.includes("user_impersonation") ? ["Directory.AccessAsUser.All"] : [];
  const required = application === undefined ? [] : requiredPermissions(model, application);
  return consentActions(model, application?.appId, required).every((action) =>
    mayAct(model, { ...caller, scopes, roles: [] }, action, undefined),
  );
}

async function give({ store, ports }: Cloud, actor: Actor, application: Application): Promise<void> {
  const now = ports.now();
  const { model } = store;
  // An application that nobody has used yet has no principal to consent for.
  if (model.servicePrincipals.findOne("appId", application.appId) === undefined) {
    const by = { id: ports.guid() as ServicePrincipalObjectId, now };
    await store.change(actor, "Create service principal", (state) =>
      createServicePrincipal(state, application.appId, {}, by),
    );
  }
  await store.change(actor, "Grant admin consent", (state) => {
    const current = state.applications.get(application.id) ?? application;
    const client = state.servicePrincipals.findOne("appId", application.appId) as ServicePrincipal;
    return consentForAll(state, client, requiredPermissions(state, current), { guid: () => ports.guid(), now });
  });
}

function actorOf({ model }: Cloud, { principalId }: VerifiedToken): Actor {
  return { principalId, displayName: model.principal(principalId)?.row.displayName ?? "" };
}

function refusal(status: number, message: string): Reply {
  return {
    status,
    headers: {
      "cache-control": "no-store",
      ...(status === 401
        ? { "www-authenticate": `Bearer authorization_uri="https://login.microsoftonline.com/common"` }
        : {}),
      ...(status === 405 ? { allow: "POST" } : {}),
    },
    body: { ClassName: "Microsoft.Portal.Framework.Exceptions.ClientException", Message: message },
  };
}
