/**
 * POST /{tenant}/login: what a person answered on a page of ours.
 *
 * A form is believed only when it comes from one of our own pages: its origin is ours, its flow is sealed by us for this very browser. Another
 * site can neither read a flow nor make one (cross-site request forgery), nor pass one of its own browser's on (its cookie is another).
 */
import { canConsentForAll, giveConsent } from "../../directory/consent.ts";
import type { User } from "../../state/entities.ts";
import { Refusal } from "../../state/fault.ts";
import type { AppId, Guid } from "../../state/identifiers.ts";
import type { Reply } from "../../wire/exchange.ts";
import { answerAdminConsentPage } from "../admin-consent/answer.ts";
import { findClient } from "../client.ts";
import { missingConsent } from "../consent.ts";
import { declineDevice } from "../device/finish.ts";
import { enterUserCode } from "../device/page.ts";
import { EntraRefusal, refuse } from "../fault.ts";
import { makePrincipal } from "../first-use.ts";
import { need, readForm } from "../form.ts";
import { actorOf } from "../person-grant.ts";
import { startAttempt } from "../sign-in-attempt.ts";
import { readTenantName } from "../tenant-name.ts";
import type { Visit } from "../visit.ts";
import { readBrowser, signedInPeople } from "./browser.ts";
import { openFlow } from "./flow.ts";
import { changePassword, enterPassword } from "./password-steps.ts";
import { askedOf, continueFlow, findPerson, leaveFlow, readAskedScopes, type Stage, withFlow } from "./steps.ts";

/** Longest user name that is looked at, in characters: 64 before the at sign, 48 after it. */
const maxUsernameChars = 113;

type Form = ReadonlyMap<string, string>;

export async function answerLogin(visit: Visit): Promise<Reply> {
  readTenantName(visit, "token");
  checkSameOrigin(visit);
  const form = await readForm(visit.exchange.request, "flow");
  const browser = readBrowser(visit);
  const stage: Stage = { visit, browser, flow: openFlow(visit, browser, need(form, "flow")) };
  const step = steps.get(need(form, "step")) ?? refuse({ kind: "parameter-invalid", parameter: "step" });
  try {
    return await step(stage, form);
  } catch (cause) {
    if (cause instanceof EntraRefusal) return leaveFlow(stage, cause.fault);
    throw cause;
  }
}

/** Browsers say where a form came from; a form that does not say is not a browser's, or wants not to be known. */
function checkSameOrigin({ exchange }: Visit): void {
  const { origin, "sec-fetch-site": site } = exchange.request.headers;
  const isOurs = origin === exchange.origin && (site === undefined || site === "same-origin");
  if (!isOurs) refuse({ kind: "page-foreign" });
}

const steps: ReadonlyMap<string, (stage: Stage, form: Form) => Reply | Promise<Reply>> = new Map([
  ["user-code", (stage, form) => enterUserCode(stage, form.get("user_code"))],
  ["account", chooseAccount],
  ["other", (stage) => continueFlow(withFlow(stage, { isOther: true, username: null, accountId: null }))],
  ["username", enterUsername],
  ["password", enterPassword],
  ["new-password", changePassword],
  ["device", answerDevice],
  ["consent", answerConsent],
  ["admin-consent", (stage, form) => answerAdminConsentPage(stage, form.get("answer"))],
  ["refused", refuseForLackOfAdministrator],
  ["cancel", cancel],
]);

function chooseAccount(stage: Stage, form: Form): Promise<Reply> {
  const id = need(form, "account");
  // Who is not signed in to this browser cannot be chosen, whatever the form says: the pages begin anew.
  const chosen = signedInPeople(stage.visit, stage.browser).find(({ user }) => user.id === id);
  return continueFlow(withFlow(stage, { accountId: chosen?.user.id ?? null, username: null, isOther: false }));
}

function enterUsername(stage: Stage, form: Form): Promise<Reply> {
  const username = form.get("username")?.trim() ?? "";
  const isName = /^[^@\s]+@[^@\s]+$/.test(username) && username.length <= maxUsernameChars;
  if (!isName) return continueFlow(stage, "Enter a user name such as someone@example.com.");
  return continueFlow(withFlow(stage, { username, accountId: null }));
}

function answerDevice(stage: Stage, form: Form): Reply | Promise<Reply> {
  if (form.get("answer") === "accept") return continueFlow(withFlow(stage, { isDeviceConfirmed: true }));
  return cancel(stage);
}

async function answerConsent(stage: Stage, form: Form): Promise<Reply> {
  const who = findPerson(stage);
  if (who.kind !== "known") return continueFlow(stage);
  if (form.get("answer") !== "accept") return giveUp(stage, { kind: "consent-declined" });
  await keepConsent(stage, who.person.user, form.get("for_all") === "yes");
  return continueFlow(withFlow(stage, { hasConsented: true }));
}

/** Keeps what the page listed: what is asked for and was not allowed yet. */
async function keepConsent(stage: Stage, user: User, isForAll: boolean): Promise<void> {
  const { visit } = stage;
  const { cloud } = visit;
  const attempt = startAttempt();
  const asked = askedOf(stage);
  const client = findClient(visit, { clientId: asked.clientId, secret: undefined }, attempt);
  const all = readAskedScopes(visit, client, asked, attempt);
  const missing = isForAll ? all : missingConsent(cloud.model, client.appId, user.id, all);
  const needsAdministrator = isForAll || missing.some((scope) => scope.needsAdministrator);
  const { appId, displayName: appName } = client;
  if (needsAdministrator && !canConsentForAll(cloud.model, user.id)) {
    refuse({ kind: "consent-needs-administrator", appId, appName });
  }
  const resources = new Set<AppId>(missing.map(({ resourceAppId }) => resourceAppId));
  try {
    if (!client.isFirstParty) await makePrincipal(visit, user, appId);
    for (const resourceAppId of resources) {
      const scopes = missing.filter((scope) => scope.resourceAppId === resourceAppId).map(({ value }) => value);
      const consent = { clientId: appId, resourceAppId, userId: user.id, isForAll, scopes };
      const id = cloud.ports.guid() as Guid;
      await cloud.store.change(actorOf(user), "Consent to application", (model) =>
        giveConsent(model, { ...consent, id }),
      );
    }
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    refuse({ kind: "consent-needs-administrator", appId, appName });
  }
}

function refuseForLackOfAdministrator(stage: Stage): Reply {
  const client = findClient(stage.visit, { clientId: askedOf(stage).clientId, secret: undefined }, startAttempt());
  return giveUp(stage, { kind: "consent-needs-administrator", appId: client.appId, appName: client.displayName });
}

function cancel(stage: Stage): Reply {
  return giveUp(stage, { kind: "sign-in-cancelled" });
}

function giveUp(stage: Stage, fault: EntraRefusal["fault"]): Reply {
  const { purpose } = stage.flow;
  if (purpose.kind === "device") return declineDevice(stage.visit, purpose.userCode, stage.browser);
  return leaveFlow(stage, fault);
}
