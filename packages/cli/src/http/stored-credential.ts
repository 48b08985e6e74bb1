/**
 * What a sign-in leaves behind to get tokens with, and the token request of each kind. May use: this folder.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */

interface OfClient {
  readonly tenantId: string;
  readonly clientId: string;
}

export type StoredCredential = OfClient &
  (
    | { readonly kind: "secret"; readonly clientSecret: string }
    /** `file` is a PEM file with key and certificate; with `isSni` the whole chain is sent. */
    | { readonly kind: "certificate"; readonly file: string; readonly isSni: boolean }
    | { readonly kind: "assertion"; readonly assertion: string }
    | { readonly kind: "refresh-token"; readonly refreshToken: string }
    /** Nothing is kept: whoever runs on the machine is that identity. `clientId` is "" for the machine's own. */
    | { readonly kind: "managed-identity"; readonly objectId?: string; readonly resourceId?: string }
  );

/** az's own application, a public client: people sign in to it. */
export const CLI_CLIENT_ID = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** The form of a token request. @param audience of the token. @param endpoint the assertion is for. @throws CliFault when the credential cannot be read. */
export async function tokenForm(
  credential: Exclude<StoredCredential, { kind: "managed-identity" }>,
  audience: string,
  endpoint: string,
  nowMs: number,
): Promise<URLSearchParams> {
  const form = new URLSearchParams({ client_id: credential.clientId, scope: `${audience}/.default` });
  switch (credential.kind) {
    case "secret":
      form.set("grant_type", "client_credentials");
      form.set("client_secret", credential.clientSecret);
      return form;
    case "certificate":
    case "assertion":
      form.set("grant_type", "client_credentials");
      form.set("client_assertion_type", ASSERTION_TYPE);
      form.set(
        "client_assertion",
        credential.kind === "assertion"
          ? credential.assertion
          : (await import("./certificate-assertion.ts")).signAssertion(credential, endpoint, nowMs),
      );
      return form;
    case "refresh-token":
      form.set("grant_type", "refresh_token");
      form.set("refresh_token", credential.refreshToken);
      form.set("scope", `${audience}/.default openid profile offline_access`);
      return form;
  }
}
