/** How the sign-in pages look: light and dark, from 320 pixels of width up. Sent inside the page; the page's policy allows this very text by its hash. */
import { createHash } from "node:crypto";

export const style = `
:root { color-scheme: light dark; --ink: #1b1a19; --soft: #5c5a58; --paper: #ffffff; --ground: #eef2f6; --line: #8a8886;
  --act: #0f6cbd; --act-ink: #ffffff; --act-over: #0c548f; --link: #0f5ea5; --bad: #a4262c; --bad-ground: #fdf3f4; --over: #f3f2f1; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f3f2f1; --soft: #bdbbb9; --paper: #201f1e; --ground: #11100f; --line: #7a7876;
    --act: #62abf5; --act-ink: #0b1a28; --act-over: #8fc3f8; --link: #8fc3f8; --bad: #f1a9ad; --bad-ground: #3b1b1d; --over: #2d2c2b; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center; justify-content: center;
  padding: 16px; background: var(--ground); color: var(--ink); font: 16px/1.5 "Segoe UI", system-ui, sans-serif; }
main { width: 100%; max-width: 440px; padding: 32px; background: var(--paper); border-radius: 8px;
  box-shadow: 0 0 2px rgb(0 0 0 / 0.12), 0 4px 8px rgb(0 0 0 / 0.14); overflow-wrap: anywhere; }
.tenant { display: flex; gap: 8px; align-items: center; margin: 0 0 20px; color: var(--soft); font-weight: 600; }
.tenant svg { flex: none; width: 24px; height: 24px; fill: var(--act); }
h1 { margin: 0 0 12px; font-size: 24px; line-height: 1.25; font-weight: 600; }
p { margin: 0 0 16px; }
form { margin: 0; }
label { display: block; margin: 0 0 4px; font-weight: 600; }
input[type="text"], input[type="password"], input[type="email"] { width: 100%; min-height: 44px; padding: 8px 12px;
  font: inherit; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 4px; }
input[aria-invalid="true"] { border: 2px solid var(--bad); padding: 7px 11px; }
.hint { margin: 6px 0 0; color: var(--soft); font-size: 14px; }
.code { letter-spacing: 0.2em; text-transform: uppercase; }
.check { display: flex; gap: 8px; align-items: center; min-height: 44px; margin: 0 0 8px; font-weight: 400; }
.check input { flex: none; width: 20px; height: 20px; margin: 0; accent-color: var(--act); }
.field { margin: 0 0 16px; }
.actions { display: flex; flex-wrap: wrap-reverse; justify-content: flex-end; gap: 8px; margin-top: 8px; }
.pair { display: grid; grid-template-columns: 1fr auto; grid-auto-flow: dense; align-items: end; column-gap: 16px; }
.pair > form:first-child { display: contents; }
.pair .field, .pair .check { grid-column: 1 / -1; }
.pair .actions { grid-column: 2; }
.pair > form + form { grid-column: 1; }
button { min-height: 44px; min-width: 108px; padding: 8px 20px; font: inherit; font-weight: 600; border-radius: 4px;
  border: 1px solid var(--line); background: transparent; color: inherit; cursor: pointer; }
button:hover { background: var(--over); }
button.main { background: var(--act); border-color: var(--act); color: var(--act-ink); }
button.main:hover { background: var(--act-over); }
button.link { min-width: 0; padding: 8px 0; border-color: transparent; background: transparent; color: var(--link); font-weight: 400; text-align: left; }
button.link:hover { text-decoration: underline; }
button.row { display: flex; width: 100%; flex-direction: column; align-items: flex-start; text-align: left; margin: 0 0 8px;
  font-weight: 400; }
button.row strong { font-weight: 600; }
button.row span, .soft { color: var(--soft); font-size: 14px; }
:focus-visible { outline: 2px solid var(--act); outline-offset: 2px; }
.alert { margin: 0 0 16px; padding: 10px 12px; border-left: 4px solid var(--bad); background: var(--bad-ground); color: var(--bad); }
ul { margin: 0 0 16px; padding-left: 20px; }
li { margin: 0 0 4px; }
code { font: 14px/1.5 ui-monospace, monospace; }
footer { margin-top: 16px; color: var(--soft); font-size: 14px; text-align: center; }
@media (max-width: 400px) { main { padding: 24px 16px; } button { flex: 1 1 auto; } }
`;

/** As Content-Security-Policy names it. */
export const styleHash = `'sha256-${createHash("sha256").update(style).digest("base64")}'`;
