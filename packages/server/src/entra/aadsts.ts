/**
 * The one table of Entra's errors we answer with: number, OAuth error, HTTP status, and the message as clients know it, with named holes.
 *
 * The messages are part of the protocol: clients print and match them. Where no real body was at hand, the documented meaning stands.
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */

import { aadstsOfApps } from "./aadsts-apps.ts";
import { aadstsOfPeople } from "./aadsts-people.ts";

export type AadstsEntry = {
  readonly status: number;
  /** Tells clients apart what they may do about the same `error`: MSAL asks the person again for `consent_required`. Seen in real bodies. */
  readonly suberror?: string;
  /** `error` of the OAuth body. @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
  readonly error: string;
  readonly message: string;
};

export const aadsts = {
  ...aadstsOfApps,
  ...aadstsOfPeople,
  50034: {
    status: 400,
    error: "invalid_grant",
    suberror: "bad_token",
    message:
      "The user account {user} does not exist in the {tenantId} directory. To sign into this application, the account must be added to the directory.",
  },
  50049: { status: 400, error: "invalid_instance", message: "Unknown or invalid instance." },
  50057: { status: 400, error: "invalid_grant", message: "The user account is disabled." },
  50059: {
    status: 400,
    error: "invalid_request",
    message: "No tenant-identifying information found in either the request or implied by any provided credentials.",
  },
  50126: {
    status: 400,
    error: "invalid_grant",
    message: "Error validating credentials due to invalid username or password.",
  },
  50173: {
    status: 400,
    error: "invalid_grant",
    suberror: "bad_token",
    message:
      "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password. The grant was issued on '{issued}' and the TokensValidFrom date (before which tokens are not valid) for this user is '{validFrom}'.",
  },
  65001: {
    status: 400,
    error: "invalid_grant",
    suberror: "consent_required",
    message:
      "The user or administrator has not consented to use the application with ID '{appId}' named '{appName}'. Send an interactive authorization request for this user and resource.",
  },
  70000: {
    status: 400,
    error: "invalid_grant",
    message: "The provided value for the input parameter '{parameter}' is not valid.",
  },
  70003: {
    status: 400,
    error: "unsupported_grant_type",
    message: "The app requested an unsupported grant type '{grant}'.",
  },
  70011: {
    status: 400,
    error: "invalid_scope",
    message: "The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid.",
  },
  90002: {
    status: 400,
    error: "invalid_request",
    message:
      "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.",
  },
  500011: {
    status: 400,
    error: "invalid_resource",
    message:
      "The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.",
  },
  500014: {
    status: 400,
    error: "invalid_resource",
    message:
      "The service principal for resource '{resource}' is disabled. This indicate that a subscription within the tenant has lapsed, or that the administrator for this tenant has disabled the application, preventing tokens from being issued for it.",
  },
  501051: {
    status: 400,
    error: "invalid_grant",
    message:
      "Application '{appId}'({appName}) is not assigned to a role for the application '{resourceAppId}'({resourceName}).",
  },
  700016: {
    status: 400,
    error: "unauthorized_client",
    message:
      "Application with identifier '{client}' was not found in the directory '{tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
  },
  700022: {
    status: 400,
    error: "invalid_scope",
    message: "The provided value for the input parameter scope isn't valid because it contains more than one resource.",
  },
  700025: {
    status: 401,
    error: "invalid_client",
    message: "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
  },
  700082: {
    status: 400,
    error: "invalid_grant",
    message:
      "The refresh token has expired due to inactivity. The token was issued on {issued} and was inactive for {inactivity}.",
  },
  90014: {
    status: 400,
    error: "invalid_request",
    message:
      "The required field '{field}' is missing from the credential. Ensure that you have all the necessary parameters for the login request.",
  },
  90019: {
    status: 400,
    error: "invalid_request",
    message: "No tenant-identifying information found in either the request or implied by any provided credentials.",
  },
  900023: {
    status: 400,
    error: "invalid_request",
    message: "Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid external domain.",
  },
  900144: {
    status: 400,
    error: "invalid_request",
    message: "The request body must contain the following parameter: '{parameter}'.",
  },
  900561: {
    status: 405,
    error: "invalid_request",
    message: "The endpoint only accepts {allowed} requests. Received a {method} request.",
  },
  901002: { status: 400, error: "invalid_request", message: "The 'resource' request parameter isn't supported." },
  1002012: {
    status: 400,
    error: "invalid_scope",
    message:
      "The provided value for scope {scopes} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).",
  },
  7000112: {
    status: 400,
    error: "unauthorized_client",
    message: "Application '{appId}'({appName}) is disabled.",
  },
  7000215: {
    status: 401,
    error: "invalid_client",
    message:
      "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{appId}'.",
  },
  7000216: {
    status: 401,
    error: "invalid_client",
    message: "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
  },
  7000218: {
    status: 401,
    error: "invalid_client",
    message: "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  },
  7000222: {
    status: 401,
    error: "invalid_client",
    message:
      "The provided client secret keys for app '{appId}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.",
  },
  7000229: {
    status: 400,
    error: "unauthorized_client",
    message: "The client application {appId} is missing service principal in the tenant {tenantId}.",
  },
  9001023: {
    status: 400,
    error: "invalid_request",
    message:
      "The grant type isn't supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.",
  },
  9002313: {
    status: 400,
    error: "invalid_request",
    message: "Invalid request. Request is malformed or invalid.",
  },
} as const satisfies Readonly<Record<number, AadstsEntry>>;

export type AadstsNumber = keyof typeof aadsts;

type HoleNames<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | HoleNames<Rest>
  : never;

/** The values a number's message needs. */
export type Holes<Code extends AadstsNumber> = {
  readonly [Name in HoleNames<(typeof aadsts)[Code]["message"]>]: string;
};

/** Longest value put into a message, in characters: what was sent to us is echoed, but not by the kilobyte. Our choice. */
const maxEchoChars = 300;

/** Fills a message's holes; control characters in a value become spaces, so that a log line stays one line. */
export function fillMessage<Code extends AadstsNumber>(code: Code, holes: Holes<Code>): string {
  const values = holes as Readonly<Record<string, string>>;
  return aadsts[code].message.replace(/\{(\w+)\}/g, (_, name: string) =>
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    values[name]!.slice(0, maxEchoChars).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, " "),
  );
}
