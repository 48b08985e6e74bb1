/** Clients that send a person to sign in, for tests: the Azure CLI and the sample application, over a server and one person's browser. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { put } from "../../state/change.ts";
import { firstPartyAppIds } from "../../state/first-party.ts";
import type { ServicePrincipalObjectId } from "../../state/identifiers.ts";
import { ids, sampleTime, servicePrincipal } from "../../tokens/sample-directory.ts";
import { SamplePerson } from "../sample-person.ts";
import { type SampleAnswer, type SampleServer, startSampleServer } from "../sample-server.ts";

export const cli = firstPartyAppIds.azureCli;
export const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
export const challenge = createHash("sha256").update(verifier).digest("base64url");
export const armScope = "https://management.azure.com/.default";
/** Those of the sample application. */
export const uris = {
  web: "https://notes.test/signed-in",
  webWithQuery: "https://notes.test/in?from=entra",
  spa: "http://localhost:3000/app",
  native: "http://localhost/native",
  custom: "notes://done",
};

export type Parameters = Readonly<Record<string, string | undefined>>;

export const cliRequest: Parameters = {
  client_id: cli,
  response_type: "code",
  redirect_uri: "http://localhost:8400",
  scope: `${armScope} openid profile offline_access`,
  code_challenge: challenge,
  code_challenge_method: "S256",
  state: "st at&e=",
};
export const appRequest: Parameters = {
  ...cliRequest,
  client_id: ids.app,
  redirect_uri: uris.web,
  scope: "openid User.Read",
  code_challenge: undefined,
  code_challenge_method: undefined,
};

export function authorizePath(parameters: Parameters, version = "v2.0/", tenant: string = ids.tenant): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return `/${tenant}/oauth2/${version}authorize?${new URLSearchParams(given)}`;
}

export function cliRedemption(code: string) {
  return { client_id: cli, code, redirect_uri: "http://localhost:8400", code_verifier: verifier };
}

/** The number in an error's text. */
export function codeOf(text: string | null): number {
  return Number(/AADSTS(\d+)/.exec(text ?? "")?.[1]);
}

export class SampleClient {
  readonly server: SampleServer;
  person: SamplePerson;

  private constructor(server: SampleServer) {
    this.server = server;
    this.person = new SamplePerson(server);
  }

  /** Starts a server on which the sample application has redirect URIs, and Graph and Resource Manager can be consented to. */
  static async start(): Promise<SampleClient> {
    const server = await startSampleServer();
    const resource = (id: string, appId: typeof cli, displayName: string) =>
      put("servicePrincipal", {
        ...servicePrincipal,
        id: id as ServicePrincipalObjectId,
        appId,
        displayName,
        // Microsoft's own.
        appOwnerOrganizationId: null,
        passwordCredentials: [],
      });
    await server.change(
      resource("eeeeeeee-0000-4000-8000-000000000003", firstPartyAppIds.microsoftGraph, "Microsoft Graph"),
      resource("eeeeeeee-0000-4000-8000-000000000004", firstPartyAppIds.azureResourceManager, "Azure"),
      put("application", {
        ...server.cloud.model.applications.get(ids.appObject)!,
        webRedirectUris: [uris.web, uris.webWithQuery],
        spaRedirectUris: [uris.spa],
        publicClientRedirectUris: [uris.native, uris.custom],
      }),
    );
    return new SampleClient(server);
  }

  /** Another browser, at the sample time. */
  beginAnew(): SamplePerson {
    this.person = new SamplePerson(this.server);
    this.server.ports.time = sampleTime;
    return this.person;
  }

  ask(request: Parameters, change: Parameters = {}, tenant?: string): Promise<SamplePerson> {
    return this.person.open(authorizePath({ ...request, ...change }, "v2.0/", tenant));
  }

  redeem(
    form: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
    tenant: string = ids.tenant,
  ): Promise<SampleAnswer> {
    const whole = { grant_type: "authorization_code", ...form };
    return this.server.post(`/${tenant}/oauth2/v2.0/token`, whole, { headers });
  }

  /** A code for the CLI, as a person signs in for it. */
  async cliCode(change: Parameters = {}): Promise<string> {
    const person = await this.ask(cliRequest, change);
    if (person.title === "Sign in") await person.signIn();
    return person.response.get("code") ?? assert.fail(person.location.href);
  }

  /** A code for the sample application, consented to if need be. */
  async appCode(change: Parameters = {}): Promise<string> {
    const person = await this.ask(appRequest, change);
    if (person.title === "Sign in") await person.signIn();
    if (person.title === "Permissions requested") await person.press("Accept");
    return person.response.get("code") ?? assert.fail(person.location.href);
  }
}
