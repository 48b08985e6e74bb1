/**
 * Which page comes next, and what the last one leads to: one function for the authorization endpoint and the device page.
 *
 *   who? (pick, user name, password) -> is it meant? (device code) -> may it? (consent) -> done
 *
 * Nothing here trusts the flow for who the person is: that is asked of the session each time.
 */
import { canConsentForAll } from "../../directory/consent.ts";
import type { Reply } from "../../wire/exchange.ts";
import { adminConsentPage } from "../admin-consent/page.ts";
import {
  describePermissions,
  digestPermissions,
  needRightToConsent,
  readAskedPermissions,
} from "../admin-consent/permissions.ts";
import { checkPersonAssigned } from "../api-access.ts";
import { finishAuthorize } from "../authorize/finish.ts";
import { respondFault } from "../authorize/response.ts";
import { type Client, findClient } from "../client.ts";
import { type AskedScope, askedScopes, missingConsent } from "../consent.ts";
import { finishDevice } from "../device/finish.ts";
import { type EntraFault, EntraRefusal, refuse } from "../fault.ts";
import { wordFault } from "../render.ts";
import { readUserScope } from "../requested-resource.ts";
import { recordAttempt, type SignInAttempt, startAttempt } from "../sign-in-attempt.ts";
import type { Visit } from "../visit.ts";
import { type Browser, noteClient, type SignedIn, signedInPeople } from "./browser.ts";
import { renderFaultPage } from "./fault-page.ts";
import { type Asked, adminConsentMark, type FlowPurpose, formOf, type SignInFlow, sealFlow } from "./flow.ts";
import { renderPage } from "./page.ts";
import {
  administratorNeededPage,
  type ConsentText,
  confirmDevicePage,
  consentPage,
  type FormFrame,
  type PageText,
  passwordPage,
  pickAccountPage,
  usernamePage,
} from "./pages.ts";

/** One person at one page. */
export type Stage = { readonly visit: Visit; readonly browser: Browser; readonly flow: SignInFlow };

export function withFlow(stage: Stage, change: Partial<SignInFlow>): Stage {
  return { ...stage, flow: { ...stage.flow, ...change } };
}

/** Shows the next page, or ends the flow. @param problem said on the page that is shown. */
export async function continueFlow(stage: Stage, problem?: string): Promise<Reply> {
  const { visit, flow } = stage;
  const attempt = startAttempt();
  const { purpose } = flow;
  attempt.grant = grantNames[purpose.kind];
  try {
    if (purpose.kind === "admin-consent") return askAdminConsent(stage, purpose, attempt, problem);
    return await takeStep(stage, purpose, attempt, problem);
  } catch (cause) {
    if (!(cause instanceof EntraRefusal)) throw cause;
    recordAttempt(visit, attempt, wordFault(cause.fault).code ?? -1);
    return leaveFlow(stage, cause.fault);
  }
}

/** What the sign-in log calls them. */
const grantNames: Readonly<Record<FlowPurpose["kind"], string>> = {
  authorize: "authorize",
  "admin-consent": "admin_consent",
  device: "device_code (page)",
};

/** Ends a flow without a sign-in: the client is told, where there is a way to tell it. */
export function leaveFlow({ visit, browser, flow: { purpose } }: Stage, fault: EntraFault): Reply {
  if (purpose.kind === "device") throw new EntraRefusal(fault);
  if (purpose.kind === "authorize") return respondFault(visit, purpose.request.target, fault, browser.cookie);
  // Who followed a link meant for an administrator is told so here.
  if (fault.kind === "consent-needs-administrator") return renderFaultPage(visit, fault, browser.cookie);
  return respondFault(visit, purpose.request.target, fault, browser.cookie, adminConsentMark);
}

async function takeStep(
  stage: Stage,
  purpose: Exclude<FlowPurpose, { kind: "admin-consent" }>,
  attempt: SignInAttempt,
  problem: string | undefined,
): Promise<Reply> {
  const { visit, flow, browser } = stage;
  const asked = askedOf(stage);
  const client = findClient(visit, { clientId: asked.clientId, secret: undefined }, attempt);
  const scope = readUserScope(visit, formOf(asked), asked.dialect, attempt);
  const scopes = askedScopes(visit.cloud.model, client, scope);
  const who = findPerson(stage);
  if (who.kind === "ask") {
    if (isSilent(flow)) return refuse(who.silentFault);
    return show(stage, who.page(frameOf(stage), client, problem));
  }
  const { user } = who.person;
  attempt.principalId = user.id;
  attempt.userPrincipalName = user.userPrincipalName;
  if (purpose.kind === "device" && !flow.isDeviceConfirmed) {
    return show(stage, confirmDevicePage(frameOf(stage), client.displayName, client.appId, user.userPrincipalName));
  }
  checkPersonAssigned(visit.cloud.model, user, client, scope.resource);
  const missing = missingScopes(stage, client, who.person, scopes);
  if (missing.length > 0) return askConsent(stage, client, who.person, missing);
  // The first consent makes one (first-use.ts); where nothing is consented to, nobody has.
  if (client.servicePrincipal === undefined && !client.isFirstParty) {
    refuse({ kind: "client-without-principal", appId: client.appId, tenantId: visit.cloud.model.tenant.tenantId });
  }
  noteClient(visit, browser, client.appId);
  const reply =
    purpose.kind === "device"
      ? finishDevice(visit, purpose.userCode, who.person, browser)
      : await finishAuthorize(visit, purpose.request, who.person, browser);
  recordAttempt(visit, attempt, 0);
  return reply;
}

/** Who is it, and may they? Then the page with the list; nothing is given before its button is pressed. */
function askAdminConsent(
  stage: Stage,
  purpose: Extract<FlowPurpose, { kind: "admin-consent" }>,
  attempt: SignInAttempt,
  problem: string | undefined,
): Reply {
  const { visit } = stage;
  const { model } = visit.cloud;
  const client = findClient(visit, { clientId: purpose.request.clientId, secret: undefined }, attempt);
  const asked = readAskedPermissions(visit, client, purpose.request, attempt);
  const who = findPerson(stage);
  if (who.kind === "ask") return show(stage, who.page(frameOf(stage), client, problem));
  const { id, userPrincipalName } = who.person.user;
  attempt.principalId = id;
  attempt.userPrincipalName = userPrincipalName;
  needRightToConsent(model, who.person.user, client, asked);
  const next = withFlow(stage, { accountId: id, purpose: { ...purpose, shown: digestPermissions(asked) } });
  const text = {
    appName: client.displayName,
    appId: client.appId,
    tenantName: model.tenant.displayName,
    userName: userPrincipalName,
    ...describePermissions(model, asked),
  };
  return show(next, adminConsentPage(frameOf(next), text, problem));
}

/** What is asked for in the end. @throws EntraRefusal when the device code is not there any more. */
export function askedOf({ visit, flow }: Stage): Asked {
  if (flow.purpose.kind === "authorize") return flow.purpose.request;
  // Nothing is asked of one person there.
  if (flow.purpose.kind === "admin-consent") return refuse({ kind: "parameter-invalid", parameter: "step" });
  return visit.memory.deviceCodes.find(flow.purpose.userCode) ?? refuse({ kind: "page-expired" });
}

export function readAskedScopes(
  visit: Visit,
  client: Client,
  asked: Asked,
  attempt: SignInAttempt,
): readonly AskedScope[] {
  return askedScopes(visit.cloud.model, client, readUserScope(visit, formOf(asked), asked.dialect, attempt));
}

type PageOf = (frame: FormFrame, client: Client, problem: string | undefined) => PageText;

type Who =
  | { readonly kind: "known"; readonly person: SignedIn }
  /** `silentFault` is what a client is told that wants no page shown. */
  | { readonly kind: "ask"; readonly page: PageOf; readonly silentFault: EntraFault; readonly username?: string };

/** Who signs in, or the page that finds it out. */
export function findPerson(stage: Stage): Who {
  const { visit, browser, flow } = stage;
  const people = signedInPeople(visit, browser);
  const chosen = people.find(({ user }) => user.id === flow.accountId);
  if (chosen !== undefined) {
    return isFreshEnough(stage, chosen)
      ? { kind: "known", person: chosen }
      : askPassword(chosen.user.userPrincipalName);
  }
  if (flow.username !== null) return askPassword(flow.username);
  return flow.isOther ? askUsername : findUnasked(stage, people);
}

/** Before the person has answered anything: what the request and the browser say. */
function findUnasked(stage: Stage, people: readonly SignedIn[]): Who {
  const { purpose } = stage.flow;
  const request = purpose.kind === "authorize" ? purpose.request : undefined;
  const hint = request?.loginHint?.toLowerCase();
  const isPromptedFor = (prompt: string) => request?.prompts.some((one) => one === prompt) ?? false;
  if (isPromptedFor("login")) return hint === undefined ? askUsername : askPassword(hint);
  if (people.length > 0 && (request === undefined || isPromptedFor("select_account"))) return pick(people);
  const hinted = people.find(({ user }) => user.userPrincipalName.toLowerCase() === hint);
  const [only = undefined] = hint === undefined && people.length === 1 ? people : [hinted];
  if (only !== undefined) {
    return isFreshEnough(stage, only) ? { kind: "known", person: only } : askPassword(only.user.userPrincipalName);
  }
  if (hint !== undefined) return askPassword(hint);
  return people.length > 1 ? pick(people) : askUsername;
}

const askUsername: Who = {
  kind: "ask",
  silentFault: { kind: "sign-in-needed" },
  page: (frame, client, problem) => usernamePage(frame, client.displayName, problem),
};

function askPassword(username: string): Who {
  const silentFault = { kind: "sign-in-needed" } as const;
  return { kind: "ask", silentFault, username, page: (frame, _, problem) => passwordPage(frame, username, problem) };
}

function pick(people: readonly SignedIn[]): Who {
  const users = people.map(({ user }) => user);
  return {
    kind: "ask",
    silentFault: { kind: "account-choice-needed" },
    page: (frame, client) => pickAccountPage(frame, client.displayName, users),
  };
}

/** `prompt=login` wants the password given in this very flow, `max_age` not long ago. */
function isFreshEnough({ visit, flow }: Stage, { signedInAtMs }: SignedIn): boolean {
  if (flow.purpose.kind !== "authorize") return true;
  const { prompts, maxAgeSeconds } = flow.purpose.request;
  if (prompts.includes("login") && signedInAtMs < flow.startedAtMs) return false;
  const isInFlow = signedInAtMs >= flow.startedAtMs;
  return isInFlow || maxAgeSeconds === null || (visit.now.getTime() - signedInAtMs) / 1000 <= maxAgeSeconds;
}

function isSilent({ purpose }: SignInFlow): boolean {
  return purpose.kind === "authorize" && purpose.request.prompts.includes("none");
}

/** `prompt=consent` asks again for what was allowed before. */
function missingScopes(
  { visit, flow }: Stage,
  client: Client,
  { user }: SignedIn,
  asked: readonly AskedScope[],
): readonly AskedScope[] {
  const isAskedAgain = flow.purpose.kind === "authorize" && flow.purpose.request.prompts.includes("consent");
  if (isAskedAgain && !flow.hasConsented) return asked;
  return missingConsent(visit.cloud.model, client.appId, user.id, asked);
}

function askConsent(stage: Stage, client: Client, { user }: SignedIn, scopes: readonly AskedScope[]): Reply {
  const { visit, flow } = stage;
  const { appId, displayName: appName } = client;
  if (isSilent(flow)) refuse({ kind: "consent-needed", appId, appName });
  const { model } = visit.cloud;
  const canForAll = canConsentForAll(model, user.id);
  const text: ConsentText = {
    appName,
    appId,
    publisher: model.tenant.displayName,
    userName: user.userPrincipalName,
    scopes,
    canConsentForAll: canForAll,
  };
  const isBeyond = !canForAll && scopes.some(({ needsAdministrator }) => needsAdministrator);
  return show(stage, isBeyond ? administratorNeededPage(frameOf(stage), text) : consentPage(frameOf(stage), text));
}

export function frameOf({ visit, browser, flow }: Stage): FormFrame {
  return { action: `/${loginTenant}/login`, flow: sealFlow(visit, browser, flow) };
}

/** The flow knows its tenant; the address of the forms need not. */
const loginTenant = "common";

export function show({ visit, browser, flow }: Stage, page: PageText): Reply {
  const target = flow.purpose.kind === "device" ? undefined : flow.purpose.request.target.uri;
  return renderPage(visit, { ...page, target, cookie: browser.cookie });
}
