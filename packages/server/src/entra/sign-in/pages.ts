/** The pages of a sign-in: what each says and asks. Every one works without scripts and by keyboard alone. */
import type { User } from "../../state/entities.ts";
import type { AskedScope } from "../consent.ts";
import { type Html, html } from "./html.ts";

/** Longest values the pages' fields take, in characters: a user name's, a password's, a user code with blanks or dashes. */
const maxChars = { username: 113, password: 256, userCode: 20 } as const;

/** What every form carries. */
export type FormFrame = { readonly action: string; readonly flow: string };

export type PageText = { readonly title: string; readonly body: Html };

export function form({ action, flow }: FormFrame, content: Html): Html {
  return html`<form method="post" action="${action}">
<input type="hidden" name="flow" value="${flow}">
${content}
</form>`;
}

/** What the page asks for, and beside its button another way to go. */
function pair(frame: FormFrame, content: Html, aside: Html): Html {
  return html`<div class="pair">${form(frame, content)}
${form(frame, aside)}</div>`;
}

const otherAccount = html`<input type="hidden" name="step" value="other"><button class="link">Use another account</button>`;

function alert(message: string | undefined): Html | undefined {
  return message === undefined ? undefined : html`<p class="alert" role="alert" id="problem">${message}</p>`;
}

/** Marks a field as the one that the problem is about. */
function problemMarks(message: string | undefined): Html | undefined {
  return message === undefined ? undefined : html` aria-invalid="true" aria-describedby="problem"`;
}

export function pickAccountPage(frame: FormFrame, appName: string, people: readonly User[]): PageText {
  const accounts = people.map(
    (user) => html`<button class="row" name="account" value="${user.id}"><strong><bdi>${user.displayName}</bdi></strong>
<span><bdi>${user.userPrincipalName}</bdi></span></button>
`,
  );
  const content = html`<h1>Pick an account</h1>
<p>to go on to <bdi>${appName}</bdi></p>
${form(frame, html`<input type="hidden" name="step" value="account">${accounts}`)}
${form(frame, html`<input type="hidden" name="step" value="other"><button class="row"><strong>Use another account</strong></button>`)}`;
  return { title: "Pick an account", body: content };
}

export function usernamePage(frame: FormFrame, appName: string, problem?: string): PageText {
  const content = html`<h1>Sign in</h1>
<p>to go on to <bdi>${appName}</bdi></p>
${alert(problem)}
${pair(
  frame,
  html`<input type="hidden" name="step" value="username">
<div class="field">
<label for="username">User name</label>
<input type="email" id="username" name="username" required maxlength="${String(maxChars.username)}" autocomplete="username" autocapitalize="none" spellcheck="false" placeholder="someone@example.com" autofocus${problemMarks(problem)}>
</div>
<div class="actions"><button class="main">Next</button></div>`,
  html`<input type="hidden" name="step" value="cancel"><button class="link">Cancel</button>`,
)}`;
  return { title: "Sign in", body: content };
}

export function passwordPage(frame: FormFrame, username: string, problem?: string): PageText {
  const content = html`<h1>Enter your password</h1>
<p><bdi>${username}</bdi></p>
${alert(problem)}
${pair(
  frame,
  html`<input type="hidden" name="step" value="password">
<input type="hidden" name="username" value="${username}" autocomplete="username">
<div class="field">
<label for="password">Password</label>
<input type="password" id="password" name="password" required maxlength="${String(maxChars.password)}" autocomplete="current-password" autofocus${problemMarks(problem)}>
</div>
<label class="check"><input type="checkbox" name="stay" value="yes"> Keep me signed in on this browser</label>
<div class="actions"><button class="main">Sign in</button></div>`,
  otherAccount,
)}`;
  return { title: "Enter your password", body: content };
}

type ChangeField = "password" | "new_password" | "confirmation";

/** What was wrong with what was typed, and where. */
export type ChangeProblem = { readonly field: ChangeField; readonly message: string };

/** @param isKept the person's wish to stay signed in, from the page before. */
export function changePasswordPage(
  frame: FormFrame,
  username: string,
  isKept: boolean,
  problem?: ChangeProblem,
): PageText {
  const field = (name: ChangeField, label: string, autocomplete: string, hint?: string) => {
    const isWrong = problem?.field === name;
    const marks = isWrong ? problemMarks(problem.message) : hint && html` aria-describedby="hint"`;
    const focus = isWrong || (problem === undefined && name === "password") ? html` autofocus` : undefined;
    return html`<div class="field">
<label for="${name}">${label}</label>
<input type="password" id="${name}" name="${name}" required maxlength="${String(maxChars.password)}" autocomplete="${autocomplete}"${focus}${marks}>
${hint && html`<p class="hint" id="hint">${hint}</p>`}
</div>
`;
  };
  const rules = "At least 8 characters, of three kinds: small and capital letters, digits, other signs.";
  const content = html`<h1>Update your password</h1>
<p><bdi>${username}</bdi></p>
<p>An administrator asks you to choose a password of your own before you go on.</p>
${alert(problem?.message)}
${pair(
  frame,
  html`<input type="hidden" name="step" value="new-password">
<input type="hidden" name="username" value="${username}" autocomplete="username">
${isKept ? html`<input type="hidden" name="stay" value="yes">` : undefined}
${field("password", "Current password", "current-password")}${field("new_password", "New password", "new-password", rules)}${field("confirmation", "Confirm the new password", "new-password")}
<div class="actions"><button class="main">Sign in</button></div>`,
  otherAccount,
)}`;
  return { title: "Update your password", body: content };
}

export type ConsentText = {
  readonly appName: string;
  readonly publisher: string;
  readonly appId: string;
  readonly userName: string;
  readonly scopes: readonly AskedScope[];
  /** The person may consent for the whole tenant. */
  readonly canConsentForAll: boolean;
};

export function consentPage(frame: FormFrame, consent: ConsentText): PageText {
  const { appName, publisher, appId, userName, scopes, canConsentForAll } = consent;
  const forAll = html`<label class="check"><input type="checkbox" name="for_all" value="yes"> Consent on behalf of everyone in the organization</label>`;
  const content = html`<h1>Permissions requested</h1>
<p><bdi>${userName}</bdi></p>
<p><strong><bdi>${appName}</bdi></strong><br><span class="soft">from <bdi>${publisher}</bdi>, <code>${appId}</code></span></p>
<p>This application would like to:</p>
${scopeList(scopes)}
<p class="soft">Accepting means that the application may do this as you until the consent is withdrawn. Accept only what you asked for.</p>
${form(
  frame,
  html`<input type="hidden" name="step" value="consent">
${canConsentForAll ? forAll : undefined}
<div class="actions"><button name="answer" value="decline">Cancel</button><button class="main" name="answer" value="accept">Accept</button></div>`,
)}`;
  return { title: "Permissions requested", body: content };
}

function scopeList(scopes: readonly AskedScope[]): Html {
  return html`<ul>
${scopes.map(
  ({ displayName, value }) => html`<li><bdi>${displayName}</bdi> <span class="soft">(<bdi>${value}</bdi>)</span></li>
`,
)}</ul>`;
}

export function administratorNeededPage(frame: FormFrame, consent: ConsentText): PageText {
  const content = html`<h1>Need admin approval</h1>
<p><bdi>${consent.userName}</bdi></p>
<p><strong><bdi>${consent.appName}</bdi></strong> needs permissions that only an administrator of the organization can grant:</p>
${scopeList(consent.scopes.filter(({ needsAdministrator }) => needsAdministrator))}
<p>Ask an administrator to sign in to this application once, or sign in with an administrator's account.</p>
${form(
  frame,
  html`<div class="actions"><button name="step" value="refused">Return to the application without granting consent</button>
<button class="main" name="step" value="other">Sign in with another account</button></div>`,
)}`;
  return { title: "Need admin approval", body: content };
}

export function userCodePage(frame: FormFrame, problem?: string): PageText {
  const content = html`<h1>Enter the code</h1>
<p>Enter the code that your application or device shows. Never enter a code that somebody sent you.</p>
${alert(problem)}
${form(
  frame,
  html`<input type="hidden" name="step" value="user-code">
<div class="field">
<label for="user_code">Code</label>
<input class="code" type="text" id="user_code" name="user_code" required maxlength="${String(maxChars.userCode)}" autocomplete="off" autocapitalize="characters" spellcheck="false" autofocus${problemMarks(problem)}>
</div>
<div class="actions"><button class="main">Next</button></div>`,
)}`;
  return { title: "Enter the code", body: content };
}

export function confirmDevicePage(frame: FormFrame, appName: string, appId: string, userName: string): PageText {
  const content = html`<h1>Are you trying to sign in to <bdi>${appName}</bdi>?</h1>
<p><bdi>${userName}</bdi></p>
<p>Continue only if you started this sign-in yourself, on a device you trust. <span class="soft">Application <code>${appId}</code></span></p>
${form(
  frame,
  html`<input type="hidden" name="step" value="device">
<div class="actions"><button name="answer" value="decline">Cancel</button><button class="main" name="answer" value="accept">Continue</button></div>`,
)}`;
  return { title: "Confirm the sign-in", body: content };
}

/** A page that leads nowhere. */
export function lastPage(title: string, message: string): PageText {
  return { title, body: html`<h1>${title}</h1>\n<p>${message}</p>` };
}
