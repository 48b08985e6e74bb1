/** The end of a device sign-in in the browser: the program that waits may have its tokens now. */
import type { Reply } from "../../wire/exchange.ts";
import { refuse } from "../fault.ts";
import type { Browser, SignedIn } from "../sign-in/browser.ts";
import { renderPage } from "../sign-in/page.ts";
import { lastPage } from "../sign-in/pages.ts";
import type { Visit } from "../visit.ts";
import type { DeviceRequest } from "./device-codes.ts";

/** @throws EntraRefusal `user-code-expired`, `user-code-used` when it is too late. */
export function finishDevice(visit: Visit, userCode: string, person: SignedIn, browser: Browser): Reply {
  const { user, signedInAtMs } = person;
  visit.memory.deviceCodes.settle(needPending(visit, userCode), { kind: "approved", userId: user.id, signedInAtMs });
  const text = lastPage("You have signed in", "You can close this window and go back to your device or application.");
  return renderPage(visit, { ...text, cookie: browser.cookie });
}

export function declineDevice(visit: Visit, userCode: string, browser: Browser): Reply {
  visit.memory.deviceCodes.settle(needPending(visit, userCode), { kind: "declined" });
  const text = lastPage("The sign-in was cancelled", "Nothing was allowed. You can close this window.");
  return renderPage(visit, { ...text, cookie: browser.cookie });
}

/** @throws EntraRefusal for a code that waits for nobody any more. */
export function needPending({ memory, now }: Visit, userCode: string): DeviceRequest {
  const request = memory.deviceCodes.find(userCode);
  if (request === undefined) return refuse({ kind: "user-code-unknown" });
  if (now.getTime() >= request.expiresAtMs) refuse({ kind: "user-code-expired" });
  return request.state.kind === "pending" ? request : refuse({ kind: "user-code-used" });
}
