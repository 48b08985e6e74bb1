/**
 * What a person answered on the pages that ask for a password: the one that asks for it, and the one on which a password that an administrator
 * gave out is changed for another before anything else.
 */
import { checkPassword } from "../../directory/password-rules.ts";
import { hashPassword } from "../../directory/passwords.ts";
import { updateUser } from "../../directory/user.ts";
import type { User } from "../../state/entities.ts";
import { Refusal } from "../../state/fault.ts";
import type { Reply } from "../../wire/exchange.ts";
import { EntraRefusal } from "../fault.ts";
import { actorOf } from "../person-grant.ts";
import { wordFault } from "../render.ts";
import { recordAttempt, type SignInAttempt, startAttempt } from "../sign-in-attempt.ts";
import type { Visit } from "../visit.ts";
import { startSession } from "./browser.ts";
import { type ChangeProblem, changePasswordPage } from "./pages.ts";
import { checkNameAndPassword, checkPresentedPassword } from "./password-check.ts";
import { continueFlow, findPerson, frameOf, type Stage, show, withFlow } from "./steps.ts";

type Form = ReadonlyMap<string, string>;

export async function enterPassword(stage: Stage, form: Form): Promise<Reply> {
  const username = askedName(stage);
  if (username === undefined) return continueFlow(stage);
  const isKept = form.get("stay") === "yes";
  const password = form.get("password") ?? "";
  try {
    const user = await judge(stage.visit, (attempt) => checkNameAndPassword(stage.visit, username, password, attempt));
    return await goOn(stage, user, isKept);
  } catch (cause) {
    if (!(cause instanceof EntraRefusal)) throw cause;
    if (cause.fault.kind === "password-expired")
      return show(stage, changePasswordPage(frameOf(stage), username, isKept));
    return continueFlow(stage, problemOf(cause));
  }
}

/**
 * The password that is changed is asked for again and judged again: the page before proved it to this server, but nothing that the browser
 * holds says so.
 */
export async function changePassword(stage: Stage, form: Form): Promise<Reply> {
  const { visit } = stage;
  const username = askedName(stage);
  if (username === undefined) return continueFlow(stage);
  const isKept = form.get("stay") === "yes";
  const [current = "", wanted = "", again = ""] = ["password", "new_password", "confirmation"].map((name) =>
    form.get(name),
  );
  const ask = (problem: ChangeProblem) => show(stage, changePasswordPage(frameOf(stage), username, isKept, problem));
  if (wanted !== again) return ask({ field: "confirmation", message: "The two new passwords are not the same." });
  try {
    const user = await judge(visit, (attempt) => checkPresentedPassword(visit, username, current, attempt));
    // Changed in another window meanwhile: what is asked for next is that other password.
    if (!user.forceChangePasswordNextSignIn) return await continueFlow(stage);
    const problem = findProblem(user, current, wanted);
    if (problem !== undefined) return ask({ field: "new_password", message: problem });
    return await goOn(stage, await keepPassword(visit, user, wanted), isKept);
  } catch (cause) {
    if (!(cause instanceof EntraRefusal)) throw cause;
    return ask({ field: "password", message: problemOf(cause) });
  }
}

/** @returns undefined when the page is out of step with the flow (sent twice, or from the browser's history): the right page follows. */
function askedName(stage: Stage): string | undefined {
  const who = findPerson(stage);
  return who.kind === "known" ? undefined : who.username;
}

function goOn(stage: Stage, user: User, isKept: boolean): Promise<Reply> {
  const browser = startSession(stage.visit, stage.browser, user, isKept);
  return continueFlow({ ...withFlow(stage, { accountId: user.id, username: null, isOther: false }), browser });
}

/** Judges a password; a refusal is recorded. */
async function judge(visit: Visit, check: (attempt: SignInAttempt) => Promise<User>): Promise<User> {
  const attempt = startAttempt();
  attempt.grant = "sign-in page";
  try {
    return await check(attempt);
  } catch (cause) {
    if (cause instanceof EntraRefusal) recordAttempt(visit, attempt, wordFault(cause.fault).code ?? -1);
    throw cause;
  }
}

function findProblem(user: User, current: string, wanted: string): string | undefined {
  if (wanted === current) return "The new password must be another than the current one.";
  try {
    checkPassword(wanted, user);
    return undefined;
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    return "This password is too easy to guess. Choose a longer one, without common words and without your own name.";
  }
}

/** Everything that was signed in with the old password ends; what follows is signed in with the new one. */
async function keepPassword({ cloud, now }: Visit, user: User, wanted: string): Promise<User> {
  const passwordHash = await hashPassword(wanted, cloud.ports);
  const properties = { passwordHash, forceChangePasswordNextSignIn: false };
  return cloud.store.change(actorOf(user), "Change user password", (model) =>
    updateUser(model, user.id, properties, now),
  );
}

/** The page does not tell a name that is nobody's from a wrong password. */
function problemOf({ fault }: EntraRefusal): string {
  if (fault.kind === "user-unknown" || fault.kind === "password-wrong") {
    return "The user name or the password is not right. Try again, or use another account.";
  }
  return wordFault(fault).message;
}
