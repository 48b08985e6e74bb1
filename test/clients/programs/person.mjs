// Plays a person at a browser: opens the address it is given, answers the sign-in pages, follows redirects to the end.
// PERSON_NAME and PERSON_PASSWORD are who; PERSON_CODE is what is typed where a code is asked for,
// PERSON_NEW_PASSWORD where a password must be changed. Prints the titles of the pages it saw.
// It is a browser of its own: the cookies are its own, and it runs no script but the one that sends a form by itself.
import { appendFileSync } from "node:fs";

const titles = [];
const cookies = new Map();
let url = new URL(process.argv[2]);
let answer = await send(url);

for (let step = 0; step < 30; step++) {
  const location = answer.headers.get("location");
  if (location !== null) {
    url = new URL(location, url);
    answer = await send(url);
    continue;
  }
  const page = await answer.text();
  const title = unescapeHtml(/<title>([^<]*)<\/title>/.exec(page)?.[1] ?? "");
  titles.push(title);
  const form = chooseForm(page);
  if (form === undefined) break;
  url = new URL(form.action, url);
  answer = await send(url, form.fields);
}
const seen = JSON.stringify({ titles, end: url.origin, url: url.href });
if (process.env.PERSON_LOG) appendFileSync(process.env.PERSON_LOG, `${seen}\n`);
console.log(seen);

/** The form this person would send on each page. */
function chooseForm(page) {
  const forms = [...page.matchAll(/<form([^>]*)>([\s\S]*?)<\/form>/g)].map(([, head, body]) => ({
    action: attribute(head, "action"),
    id: attribute(head, "id"),
    fields: Object.fromEntries(
      [...body.matchAll(/<input type="(?:hidden|text|email|password)"([^>]*)>/g)].map(([, rest]) => [
        attribute(rest, "name"),
        attribute(rest, "value"),
      ]),
    ),
    buttons: [...body.matchAll(/<button([^>]*)>/g)].map(([, rest]) => ({
      name: attribute(rest, "name"),
      value: attribute(rest, "value"),
    })),
  }));
  const filled = {
    username: process.env.PERSON_NAME,
    password: process.env.PERSON_PASSWORD,
    user_code: process.env.PERSON_CODE,
  };
  const steps = { username: "username", password: "password", "user-code": "user_code" };
  for (const form of forms) {
    if (form.id === "answer") return form;
    if (form.fields.step === "new-password") {
      const wanted = process.env.PERSON_NEW_PASSWORD;
      const passwords = { password: filled.password, new_password: wanted, confirmation: wanted };
      return { ...form, fields: { ...form.fields, ...passwords } };
    }
    const field = steps[form.fields.step];
    if (field !== undefined) return { ...form, fields: { ...form.fields, [field]: filled[field] } };
    if (form.fields.step === "account") return pressing(form, form.buttons[0]);
    const accept = form.buttons.find(({ value }) => value === "accept");
    if (accept !== undefined) return pressing(form, accept);
  }
  return undefined;
}

function pressing(form, { name, value }) {
  return { ...form, fields: { ...form.fields, [name]: value } };
}

async function send(target, fields) {
  const headers = {};
  const isOurs = target.protocol === "https:";
  if (isOurs && cookies.size > 0) headers.cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  if (fields !== undefined) headers.origin = target.origin;
  const body = fields === undefined ? undefined : new URLSearchParams(fields);
  const sent = await fetch(target, { method: body === undefined ? "GET" : "POST", headers, body, redirect: "manual" });
  for (const line of sent.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
    cookies.set(name, value);
  }
  return sent;
}

function attribute(text, name) {
  return unescapeHtml(new RegExp(`(?:^| )${name}="([^"]*)"`).exec(text)?.[1] ?? "");
}

function unescapeHtml(text) {
  const named = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => named[name]);
}
