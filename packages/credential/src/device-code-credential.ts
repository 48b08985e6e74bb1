/** A person signs in on another device, by a code. @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code */
import type { Ask } from "./entra-credential.ts";
import { CredentialError } from "./errors.ts";
import { pause, send } from "./http.ts";
import { readJson } from "./json.ts";
import { type InteractiveCredentialOptions, PersonCredential } from "./person-credential.ts";
import { refusal } from "./refusal.ts";
import { type Grant, toRequest } from "./token-endpoint.ts";

/** How much longer to wait between polls when the server says `slow_down`, in seconds (RFC 8628, 3.5). */
const SLOW_DOWN_SECONDS = 5;

export interface DeviceCodeInfo {
  userCode: string;
  verificationUri: string;
  message: string;
}
export type DeviceCodePromptCallback = (info: DeviceCodeInfo) => void;
export interface DeviceCodeCredentialOptions extends InteractiveCredentialOptions {
  /** Shows the person what to do; default: prints the server's sentence. */
  userPromptCallback?: DeviceCodePromptCallback;
}

export class DeviceCodeCredential extends PersonCredential {
  readonly #prompt: DeviceCodePromptCallback;

  constructor(options: DeviceCodeCredentialOptions = {}) {
    super("DeviceCodeCredential", options);
    this.#prompt = options.userPromptCallback ?? (({ message }) => console.log(message));
  }

  protected override async askPerson(ask: Ask): Promise<Grant> {
    const { scope, tenantId, signal } = ask;
    const form = { client_id: this.ownClient, scope, ...(ask.claims ? { claims: ask.claims } : {}) };
    const answer = await send(
      toRequest(`${this.authorityUrl}/${tenantId}/oauth2/v2.0/devicecode`, form),
      this.sending(ask),
    );
    const code = readJson(answer.text);
    if (answer.status !== 200) {
      throw refusal(answer, form, this.title, this.errorTable);
    }
    this.#prompt({ userCode: code.user_code, verificationUri: code.verification_uri, message: code.message });
    let seconds = Number(code.interval) || SLOW_DOWN_SECONDS;
    // The server ends the wait, with expired_token.
    for (;;) {
      await pause(seconds * 1000, this.title, signal);
      try {
        return await this.grant(ask, {
          grant_type: "urn:ietf:params:oauth:grant-type:device_code",
          device_code: String(code.device_code),
        });
      } catch (error) {
        const said = error instanceof CredentialError ? error.errorResponse?.error : undefined;
        if (said === "slow_down") seconds += SLOW_DOWN_SECONDS;
        else if (said !== "authorization_pending") throw error;
      }
    }
  }
}
