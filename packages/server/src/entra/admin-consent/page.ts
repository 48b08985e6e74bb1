/** The page on which an administrator reads what an application would get for the whole tenant. */
import { type Html, html } from "../sign-in/html.ts";
import { type FormFrame, form, type PageText } from "../sign-in/pages.ts";
import type { PermissionText } from "./permissions.ts";

export type AdminConsentText = {
  readonly appName: string;
  readonly appId: string;
  readonly tenantName: string;
  readonly userName: string;
  readonly delegated: readonly PermissionText[];
  readonly application: readonly PermissionText[];
};

/** @param problem said above the list: it is another than the one that was accepted. */
export function adminConsentPage(frame: FormFrame, text: AdminConsentText, problem?: string): PageText {
  const { appName, appId, tenantName, userName, delegated, application } = text;
  const title = "Permissions requested for your organization";
  const body = html`<h1>${title}</h1>
<p><bdi>${userName}</bdi></p>
<p><strong><bdi>${appName}</bdi></strong><br><span class="soft">from <bdi>${tenantName}</bdi>, <code>${appId}</code></span></p>
${problem === undefined ? undefined : html`<p class="alert" role="alert">${problem}</p>`}
${list("As any person who signs in to it, this application would like to:", delegated)}
${list("By itself, with nobody signed in, this application would like to:", application)}
<p class="soft">Accepting gives the application this for everyone in the organization, until an administrator takes it back. Nobody else is asked. Accept only what you asked for.</p>
${form(
  frame,
  html`<input type="hidden" name="step" value="admin-consent">
<div class="actions"><button name="answer" value="decline">Cancel</button><button class="main" name="answer" value="accept">Accept</button></div>`,
)}`;
  return { title, body };
}

function list(heading: string, permissions: readonly PermissionText[]): Html | undefined {
  if (permissions.length === 0) return undefined;
  return html`<p>${heading}</p>
<ul>
${permissions.map(
  ({ displayName, value }) => html`<li><bdi>${displayName}</bdi> <span class="soft">(<bdi>${value}</bdi>)</span></li>
`,
)}</ul>`;
}
