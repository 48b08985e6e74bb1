/** The page on which a person enters the code a program shows. @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code */

import { addressOf } from "../../directory/attempt-buckets.ts";
import type { Reply } from "../../wire/exchange.ts";
import { type EntraFault, EntraRefusal } from "../fault.ts";
import { wordFault } from "../render.ts";
import { readBrowser } from "../sign-in/browser.ts";
import { startFlow } from "../sign-in/flow.ts";
import { userCodePage } from "../sign-in/pages.ts";
import { continueFlow, frameOf, type Stage, show } from "../sign-in/steps.ts";
import { readTenantName } from "../tenant-name.ts";
import type { Visit } from "../visit.ts";
import { needPending } from "./finish.ts";

/**
 * No code is taken from the address: a link that fills it in would make a person allow what somebody else started.
 */
export function answerDevicePage(visit: Visit): Reply {
  readTenantName(visit, "token");
  return askUserCode({ visit, browser: readBrowser(visit), flow: startFlow(visit, { kind: "device", userCode: "" }) });
}

/** The code was typed; the sign-in begins. */
export async function enterUserCode(stage: Stage, typed: string | undefined): Promise<Reply> {
  const { visit, browser } = stage;
  if (typed === undefined) return askUserCode(stage, { kind: "user-code-missing" });
  const address = addressOf(visit.exchange.request.socket.remoteAddress);
  const found = visit.memory.deviceCodes.enter(typed, address, visit.now);
  if (found === "too-many") return askUserCode(stage, { kind: "user-code-guessed" });
  if (found === undefined) return askUserCode(stage, { kind: "user-code-unknown" });
  try {
    needPending(visit, found.userCode);
  } catch (cause) {
    if (cause instanceof EntraRefusal) return askUserCode(stage, cause.fault);
    throw cause;
  }
  return continueFlow({ visit, browser, flow: startFlow(visit, { kind: "device", userCode: found.userCode }) });
}

function askUserCode(stage: Stage, fault?: EntraFault): Reply {
  return show(stage, userCodePage(frameOf(stage), fault && wordProblem(fault)));
}

/** Entra's wording of a wrong code is for programs. */
function wordProblem(fault: EntraFault): string {
  if (fault.kind === "user-code-unknown") return "That code is not right. Look at your application or device again.";
  const { code, message } = wordFault(fault);
  return code === undefined ? message : `AADSTS${code}: ${message}`;
}
