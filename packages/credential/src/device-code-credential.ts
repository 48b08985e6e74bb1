/** A person signs in on another device, by a code. @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code */
import type { Ask } from "./entra-credential.ts";
import { CredentialError } from "./errors.ts";
import { pause, send } from "./http.ts";
import { type InteractiveCredentialOptions, PersonCredential } from "./person-credential.ts";
import { type Grant, readJson, refusal } from "./token-endpoint.ts";
import { readVariable } from "./variables.ts";

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
    const waiting = { credential: this.name, signal };
    const form = { client_id: this.clientId, scope, ...(ask.claims ? { claims: ask.claims } : {}) };
    const answer = await send(
      {
        url: `${this.authority}/${tenantId}/oauth2/v2.0/devicecode`,
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams(form).toString(),
      },
      { ...waiting, retry: this.options.retryOptions, caFile: this.options.caFile ?? readVariable("AZURE_CA_FILE") },
    );
    const code = readJson(answer.text);
    if (answer.status !== 200) throw refusal(answer, form, this.name, this.errorTable);
    this.#prompt({ userCode: code.user_code, verificationUri: code.verification_uri, message: code.message });
    let seconds = Number(code.interval) || SLOW_DOWN_SECONDS;
    // The server ends the wait, with expired_token.
    for (;;) {
      await pause(seconds * 1000, waiting);
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
