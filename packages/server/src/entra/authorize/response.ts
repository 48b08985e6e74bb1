/**
 * Sends the answer of the authorization endpoint to the client: in the query, in the fragment, or as a form the browser posts.
 * Spec: RFC 6749 section 4.1.2, OAuth 2.0 Multiple Response Types, OAuth 2.0 Form Post Response Mode.
 */
import type { Reply } from "../../wire/exchange.ts";
import type { EntraFault } from "../fault.ts";
import { describeFault } from "../render.ts";
import { html } from "../sign-in/html.ts";
import { pageHeaders, renderPage } from "../sign-in/page.ts";
import type { Visit } from "../visit.ts";
import type { ResponseTarget } from "./request.ts";

/** @param cookie what the browser is to keep. */
export function respond(
  visit: Visit,
  target: ResponseTarget,
  members: Readonly<Record<string, string>>,
  cookie?: string | undefined,
): Reply {
  const all = { ...members, ...(target.state === null ? {} : { state: target.state }) };
  if (target.mode === "form_post") return respondByForm(visit, target, all, cookie);
  const text = Object.entries(all)
    .map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`)
    .join("&");
  const mark = target.mode === "fragment" ? "#" : target.uri.includes("?") ? "&" : "?";
  return redirect(visit, `${target.uri}${mark}${text}`, cookie);
}

/** @param location an address that was checked. After a POST the browser must come by GET: 303, not 302 (RFC 9700 section 4.12). */
export function redirect({ exchange }: Visit, location: string, cookie?: string | undefined): Reply {
  return {
    status: exchange.request.method === "POST" ? 303 : 302,
    headers: {
      ...pageHeaders,
      location: location.toWellFormed().replace(/[^\x21-\x7e]+/g, encodeURIComponent),
      ...(cookie === undefined ? {} : { "set-cookie": cookie }),
    },
  };
}

function respondByForm(
  visit: Visit,
  { uri }: ResponseTarget,
  members: Readonly<Record<string, string>>,
  cookie: string | undefined,
): Reply {
  const fields = Object.entries(members).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">
`,
  );
  const body = html`<h1>Signing you in</h1>
<form id="answer" method="post" action="${uri}">
${fields}
<p>If nothing happens, go on by yourself.</p>
<div class="actions"><button class="main" type="submit">Continue</button></div>
</form>`;
  return renderPage(visit, { title: "Signing you in", body, target: uri, isSubmitting: true, cookie });
}

/** The whole of what a page of ours runs. */
export function answerSubmitScript(): Reply {
  return {
    status: 200,
    headers: { "content-type": "text/javascript; charset=utf-8", "cache-control": "max-age=86400, private" },
    body: 'document.getElementById("answer").submit();\n',
  };
}

/** Tells the client why there is no code. @param beside what else the answer has. */
export function respondFault(
  visit: Visit,
  target: ResponseTarget,
  fault: EntraFault,
  cookie?: string,
  beside: Readonly<Record<string, string>> = {},
): Reply {
  const { error: name, description, errorUri } = describeFault(visit, fault);
  // What refuses a grant at the token endpoint refuses access here (RFC 6749 section 4.1.2.1 has no invalid_grant).
  const error = name === "invalid_grant" ? "access_denied" : name;
  const uri = errorUri === undefined ? {} : { error_uri: errorUri };
  return respond(visit, target, { ...beside, error, error_description: description, ...uri }, cookie);
}
