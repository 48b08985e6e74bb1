/** Tells a person what went wrong, where there is nowhere to send the browser. Says nothing but what is in the fault. */
import type { Reply } from "../../wire/exchange.ts";
import type { EntraFault } from "../fault.ts";
import { describeFault, wordFault } from "../render.ts";
import type { Visit } from "../visit.ts";
import { html } from "./html.ts";
import { renderPage } from "./page.ts";

/** @param cookie of a browser that somebody has just signed in to. */
export function renderFaultPage(visit: Visit, fault: EntraFault, cookie?: string): Reply {
  const { code, message, status } = wordFault(fault);
  const { errorUri } = describeFault(visit, fault);
  const name = code === undefined ? "" : `AADSTS${code}: `;
  const body = html`<h1>Sorry, but we are having trouble signing you in</h1>
<p class="alert" role="alert" tabindex="-1" autofocus>${name}${message}</p>
<p class="soft">Request Id: <code>${visit.exchange.requestId}</code><br>
Correlation Id: <code>${visit.correlationId}</code><br>
Timestamp: <code>${visit.now.toISOString()}</code></p>
${errorUri === undefined ? undefined : html`<p class="soft">${errorUri}</p>`}`;
  return renderPage(visit, { status, title: "Sign-in error", body, cookie });
}
