/**
 * The frame of every page of the Entra surface, and the headers that keep it to itself.
 *
 * Owns: the policy. A page loads nothing (but for the frames of a sign-out), runs nothing (but for the one script of form_post), sends forms to
 * this server and to the address the flow ends at, stands in no frame, and is kept by no cache.
 * Spec: Content Security Policy 3; RFC 9700 section 4.16 (clickjacking).
 */
import type { Reply } from "../../wire/exchange.ts";
import type { Visit } from "../visit.ts";
import { Html, html } from "./html.ts";
import { style, styleHash } from "./style.ts";

/** Where the script of form_post is; see authorize/response.ts. */
export const submitScriptPath = "/common/login/submit.js";

export type Page = {
  readonly status?: number;
  readonly title: string;
  readonly body: Html;
  /** A URI that a form of this page may lead to, itself or by the redirect that answers it. */
  readonly target?: string | undefined;
  /** Whether the page sends its form by itself. */
  readonly isSubmitting?: boolean;
  /** Addresses of applications that are loaded out of sight, to be told of a sign-out. */
  readonly frames?: readonly string[];
  /** A checked address the browser goes on to, once the frames have had a moment. */
  readonly next?: string | undefined;
  readonly cookie?: string | undefined;
};

export function renderPage(visit: Visit, page: Page): Reply {
  const { frames = [], next } = page;
  const refresh = next && html`<meta http-equiv="refresh" content="${`${frameSeconds};url=${next}`}">`;
  const script = page.isSubmitting === true ? html`<script src="${submitScriptPath}" defer></script>` : undefined;
  const markup = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${page.title}</title>
${styleElement}${script}${refresh}
</head>
<body>
<main>
<p class="tenant">${gate}<bdi>${visit.cloud.model.tenant.displayName}</bdi></p>
${page.body}
${frames.map(renderFrame)}</main>
<footer>Postern: sign-in on this machine, not Microsoft's.</footer>
</body>
</html>
`;
  return {
    status: page.status ?? 200,
    headers: {
      "content-type": "text/html; charset=utf-8",
      ...pageHeaders,
      "content-security-policy": policyOf(visit, page),
      ...(page.cookie === undefined ? {} : { "set-cookie": page.cookie }),
    },
    body: markup.text,
  };
}

/** How long applications have to sign out in their frames before the browser goes on, in seconds. Our choice. */
const frameSeconds = 2;

/** A page of an application in its own name: it may run and reach its own store, and cannot lead the browser anywhere. */
function renderFrame(address: string): Html {
  return html`<iframe hidden sandbox="allow-scripts allow-same-origin" referrerpolicy="no-referrer" title="Sign-out of an application" src="${address}"></iframe>
`;
}

/** A gate in a wall. Drawn in the page, because the page loads nothing. */
const gate = html`<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path fill-rule="evenodd" d="M2 3h4v3h4V3h4v3h4V3h4v18h-6v-6a4 4 0 0 0-8 0v6H2z"/></svg>`;

// The style is ours and holds nothing from outside: it goes in as it stands, or its hash would not match.
const styleElement = new Html(`<style>${style}</style>`);

/** On every page and on every redirect away from one. `same-origin`: with `no-referrer` browsers would send `Origin: null` with our own forms. */
export const pageHeaders = {
  "cache-control": "no-store, no-cache",
  pragma: "no-cache",
  expires: "-1",
  "x-frame-options": "DENY",
  "referrer-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
} as const;

function policyOf({ exchange }: Visit, { target, isSubmitting, frames = [] }: Page): string {
  const destination = target === undefined ? undefined : formDestination(target);
  const framed = new Set(frames.map(formDestination).filter((source) => source !== undefined));
  return [
    "default-src 'none'",
    `style-src ${styleHash}`,
    // By its whole address: on localhost other things live under the same origin.
    ...(isSubmitting === true ? [`script-src ${exchange.origin}${submitScriptPath}`] : []),
    // Browsers hold a redirect that answers a form to this list, too.
    `form-action 'self'${destination === undefined ? "" : ` ${destination}`}`,
    ...(framed.size === 0 ? [] : [`frame-src ${[...framed].join(" ")}`]),
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join("; ");
}

/** The source expression for a registered redirect URI: its origin, or the bare scheme of an app's own. */
function formDestination(target: string): string | undefined {
  const url = URL.parse(target);
  if (url === null) return undefined;
  const isWeb = url.protocol === "https:" || url.protocol === "http:";
  const expression = isWeb ? url.origin : url.protocol;
  return /^[a-z0-9+.:/[\]-]+$/i.test(expression) ? expression : undefined;
}
