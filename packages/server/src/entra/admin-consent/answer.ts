/** What an administrator answered: the permissions that the page listed are written as Graph would write them, and the application is told. */
import { consentForAll, type RequiredPermissions } from "../../directory/admin-consent.ts";
import type { ServicePrincipal, User } from "../../state/entities.ts";
import { Refusal } from "../../state/fault.ts";
import type { AppId } from "../../state/identifiers.ts";
import type { Reply } from "../../wire/exchange.ts";
import { respond } from "../authorize/response.ts";
import { findClient } from "../client.ts";
import { refuse } from "../fault.ts";
import { makePrincipal } from "../first-use.ts";
import { actorOf } from "../person-grant.ts";
import { adminConsentMark } from "../sign-in/flow.ts";
import { continueFlow, findPerson, leaveFlow, type Stage } from "../sign-in/steps.ts";
import { recordAttempt, startAttempt } from "../sign-in-attempt.ts";
import type { Visit } from "../visit.ts";
import { digestPermissions, needRightToConsent, readAskedPermissions, scopeTextOf } from "./permissions.ts";

/** Said when the application's registration was changed between the page and its answer. */
const changedText = "The application has changed what it asks for. Read the list again.";

/** @throws EntraRefusal `parameter-invalid` from another page's flow, `consent-needs-administrator`. */
export async function answerAdminConsentPage(stage: Stage, answer: string | undefined): Promise<Reply> {
  const { visit, browser, flow } = stage;
  const { purpose } = flow;
  if (purpose.kind !== "admin-consent") return refuse({ kind: "parameter-invalid", parameter: "step" });
  const who = findPerson(stage);
  if (who.kind !== "known") return continueFlow(stage);
  if (answer !== "accept") return leaveFlow(stage, { kind: "consent-declined" });
  const { user } = who.person;
  const attempt = startAttempt();
  attempt.grant = "admin_consent";
  attempt.principalId = user.id;
  attempt.userPrincipalName = user.userPrincipalName;
  const { request, shown } = purpose;
  const client = findClient(visit, { clientId: request.clientId, secret: undefined }, attempt);
  const asked = readAskedPermissions(visit, client, request, attempt);
  if (digestPermissions(asked) !== shown) return continueFlow(stage, shown === null ? undefined : changedText);
  needRightToConsent(visit.cloud.model, user, client, asked);
  await keep(visit, user, client.appId, asked);
  recordAttempt(visit, attempt, 0);
  const { model } = visit.cloud;
  const scope = request.dialect === "v2" ? { scope: scopeTextOf(model, asked) } : {};
  const members = { ...adminConsentMark, tenant: model.tenant.tenantId, ...scope };
  return respond(visit, request.target, members, browser.cookie);
}

async function keep(visit: Visit, user: User, appId: AppId, asked: readonly RequiredPermissions[]): Promise<void> {
  const { store, ports } = visit.cloud;
  const now = ports.now();
  try {
    await makePrincipal(visit, user, appId);
    await store.change(actorOf(user), "Grant admin consent", (model) => {
      const client = model.servicePrincipals.findOne("appId", appId) as ServicePrincipal;
      return consentForAll(model, client, asked, { guid: () => ports.guid(), now });
    });
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    // The application, or a resource of it, was deleted in this moment, or the tenant is full.
    refuse({ kind: "parameter-invalid", parameter: "scope" });
  }
}
