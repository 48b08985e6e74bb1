/** A person at a browser, for tests: keeps cookies, follows redirects within the server, reads pages and sends their forms. Runs no script. */
import assert from "node:assert/strict";
import { password, type SampleAnswer, type SampleServer } from "./sample-server.ts";

/** Where the tests' browser finds the server. */
export const localOrigin = "https://localhost:8443";

export type PageForm = {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Names and values of its buttons. */
  readonly buttons: readonly { readonly name: string; readonly value: string; readonly text: string }[];
};

export class SamplePerson {
  readonly #server: SampleServer;
  cookies = new Map<string, string>();
  answer: SampleAnswer | undefined;

  constructor(server: SampleServer) {
    this.#server = server;
  }

  get page(): string {
    return this.answer?.text ?? "";
  }

  get title(): string {
    return unescapeHtml(/<title>([^<]*)<\/title>/.exec(this.page)?.[1] ?? "");
  }

  /** Where a redirect leads. */
  get location(): URL {
    const { location } = this.answer?.headers ?? {};
    assert.equal(typeof location, "string", `no redirect: ${this.answer?.status} ${this.page}`);
    return new URL(location as string, localOrigin);
  }

  /** Members of the answer to the client, wherever the redirect has them. */
  get response(): URLSearchParams {
    const { search, hash } = this.location;
    return new URLSearchParams(hash === "" ? search : hash.slice(1));
  }

  async open(target: string, headers: Record<string, string> = {}): Promise<this> {
    const answer = await this.#server.send(target, {
      origin: localOrigin,
      headers: { ...headers, ...this.#cookieHeader() },
    });
    return this.#take(answer);
  }

  async post(target: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<this> {
    const sent = { origin: localOrigin, headers: { origin: localOrigin, ...this.#cookieHeader(), ...headers } };
    return this.#take(await this.#server.post(target, fields, sent));
  }

  /** The forms of the page, in order. */
  forms(): PageForm[] {
    return [...this.page.matchAll(/<form[^>]*action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)].map(
      ([, action = "", body = ""]) => ({
        action: unescapeHtml(action),
        fields: Object.fromEntries(
          [...body.matchAll(/<input type="(hidden|text|email|password)"([^>]*)>/g)].map(([, , rest = ""]) => [
            attribute(rest, "name"),
            attribute(rest, "value"),
          ]),
        ),
        buttons: [...body.matchAll(/<button([^>]*)>([\s\S]*?)<\/button>/g)].map(([, rest = "", text = ""]) => ({
          name: attribute(rest, "name"),
          value: attribute(rest, "value"),
          text: unescapeHtml(text.replace(/<[^>]*>/g, "").trim()),
        })),
      }),
    );
  }

  /** Fills in the form that has the button, and presses it. */
  async press(text: string | RegExp, filled: Record<string, string> = {}, headers: Record<string, string> = {}) {
    const isIt = (button: { text: string }) =>
      typeof text === "string" ? button.text === text : text.test(button.text);
    for (const { action, fields, buttons } of this.forms()) {
      const button = buttons.find(isIt);
      if (button === undefined) continue;
      const own = button.name === "" ? {} : { [button.name]: button.value };
      return this.post(action, { ...fields, ...filled, ...own }, headers);
    }
    return assert.fail(`no button ${text} on the page: ${this.page}`);
  }

  /** From the first page to the end of the sign-in, or to the page after it. */
  async signIn(username = "ada@contoso.test", secret = password, filled: Record<string, string> = {}): Promise<this> {
    await this.press("Next", { username });
    return this.press("Sign in", { password: secret, ...filled });
  }

  #cookieHeader(): Record<string, string> {
    if (this.cookies.size === 0) return {};
    return { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ") };
  }

  #take(answer: SampleAnswer): this {
    this.answer = answer;
    assert.notEqual(answer.status, 599, answer.text);
    for (const line of (answer.headers["set-cookie"] ?? []) as string[]) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/Max-Age=0/.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return this;
  }
}

function attribute(text: string, name: string): string {
  return unescapeHtml(new RegExp(`(?:^| )${name}="([^"]*)"`).exec(text)?.[1] ?? "");
}

export function unescapeHtml(text: string): string {
  const named: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => named[name]!);
}
