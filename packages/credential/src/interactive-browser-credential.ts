/** A person signs in in the browser, by the authorization code flow with PKCE. @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow */
import { openBrowser, receiveRedirect } from "#host";
import { toBase64Url } from "./certificate.ts";
import type { Ask } from "./entra-credential.ts";
import { CredentialError, misconfigured, unavailable } from "./errors.ts";
import { aborted } from "./http.ts";
import { type InteractiveCredentialOptions, PersonCredential } from "./person-credential.ts";
import type { Grant } from "./token-endpoint.ts";

const NAME = "InteractiveBrowserCredential";

export interface InteractiveBrowserCredentialNodeOptions extends InteractiveCredentialOptions {
  /** Default: http://localhost, on any free port. */
  redirectUri?: string;
  loginHint?: string;
  /** What the browser shows at the end. */
  browserCustomizationOptions?: { errorMessage?: string; successMessage?: string };
  /** How the browser is opened; default: the system's own way. */
  openBrowser?: (url: string) => Promise<void>;
}

const randomText = () => toBase64Url(crypto.getRandomValues(new Uint8Array(32)));

/** What makes one sign-in this one: the answer must carry `state`, and only who has `verifier` can redeem the code. */
type SignIn = { readonly state: string; readonly verifier: string; readonly redirectUri: string };

export class InteractiveBrowserCredential extends PersonCredential {
  readonly #settings: InteractiveBrowserCredentialNodeOptions;

  constructor(options: InteractiveBrowserCredentialNodeOptions = {}) {
    super(NAME, options);
    const { hostname, protocol } = new URL(options.redirectUri ?? "http://localhost");
    if (hostname !== "localhost" || protocol !== "http:") {
      throw misconfigured(NAME, "The redirect URI must be http://localhost, with or without a port.");
    }
    this.#settings = options;
  }

  protected override async askPerson(ask: Ask): Promise<Grant> {
    const { redirectUri = "http://localhost", browserCustomizationOptions: pages = {} } = this.#settings;
    const state = randomText();
    const redirect = await receiveRedirect(Number(new URL(redirectUri).port), (query) =>
      query.has("code")
        ? (pages.successMessage ?? "You have signed in. You can close this page.")
        : (pages.errorMessage ?? "The sign-in failed. You can close this page."),
    );
    try {
      const signIn = { state, verifier: randomText(), redirectUri: `http://localhost:${redirect.port}` };
      const address = await this.#address(ask, signIn);
      await (this.#settings.openBrowser ?? openBrowser)(address).catch((error: unknown) => {
        throw unavailable(NAME, "No browser could be opened here.", "Use DeviceCodeCredential.", error);
      });
      const code = this.#readCode(await this.#wait(redirect.query, ask), state);
      return await this.grant(ask, {
        grant_type: "authorization_code",
        code,
        code_verifier: signIn.verifier,
        redirect_uri: signIn.redirectUri,
      });
    } finally {
      redirect.close();
    }
  }

  async #address({ scope, tenantId, claims }: Ask, { state, verifier, redirectUri }: SignIn): Promise<string> {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
    const { loginHint } = this.#settings;
    const query = new URLSearchParams({
      client_id: this.ownClient,
      response_type: "code",
      redirect_uri: redirectUri,
      response_mode: "query",
      scope,
      state,
      code_challenge: toBase64Url(new Uint8Array(digest)),
      code_challenge_method: "S256",
      prompt: "select_account",
      client_info: "1",
      ...(loginHint ? { login_hint: loginHint } : {}),
      ...(claims ? { claims } : {}),
    });
    return `${this.authorityUrl}/${tenantId}/oauth2/v2.0/authorize?${query}`;
  }

  #wait(query: Promise<URLSearchParams>, { signal }: Ask): Promise<URLSearchParams> {
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(aborted(NAME)));
      query.then(resolve, reject);
    });
  }

  #readCode(query: URLSearchParams, state: string): string {
    const code = query.get("code");
    if (code !== null && query.get("state") === state) return code;
    const said = query.get("error_description")?.split(/\s*Trace ID:/)[0];
    throw new CredentialError({
      code: "authentication_failed",
      credential: NAME,
      meaning: said ?? "The browser came back with the answer to another sign-in.",
      errorResponse: { error: query.get("error") ?? "state_mismatch", errorDescription: said ?? "" },
    });
  }
}
