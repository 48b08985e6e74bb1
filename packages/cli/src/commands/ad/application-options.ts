/** The options by which `ad app create` and `ad app update` set an application's properties. May use: command/. */
import type { Option } from "../../command/command.ts";

const jsonHint = "A JSON file's path, or JSON itself.";

export const applicationProperties = {
  identifierUris: { kind: "list", flags: ["--identifier-uris"], summary: "Space-separated App ID URIs." },
  isFallbackPublicClient: {
    kind: "switch",
    flags: ["--is-fallback-public-client"],
    summary: "Whether the application is a public client where that cannot be told otherwise.",
  },
  serviceManagementReference: {
    kind: "text",
    flags: ["--service-management-reference"],
    summary: "Contact information in a service or asset management database.",
  },
  signInAudience: {
    kind: "text",
    flags: ["--sign-in-audience"],
    choices: ["AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount"],
    summary: "Whose accounts may sign in.",
  },
  requestedAccessTokenVersion: {
    kind: "integer",
    flags: ["--requested-access-token-version"],
    summary: "The access token version this resource expects.",
  },
  webHomePageUrl: { kind: "text", flags: ["--web-home-page-url"], summary: "Home page of the application." },
  webRedirectUris: { kind: "list", flags: ["--web-redirect-uris"], summary: "Redirect URIs of a web application." },
  enableIdTokenIssuance: {
    kind: "switch",
    flags: ["--enable-id-token-issuance"],
    summary: "Whether the implicit flow may issue ID tokens.",
  },
  enableAccessTokenIssuance: {
    kind: "switch",
    flags: ["--enable-access-token-issuance"],
    summary: "Whether the implicit flow may issue access tokens.",
  },
  publicClientRedirectUris: {
    kind: "list",
    flags: ["--public-client-redirect-uris"],
    summary: "Redirect URIs of a public client.",
  },
  keyValue: { kind: "text", flags: ["--key-value"], summary: "Value of a key credential." },
  keyType: {
    kind: "text",
    flags: ["--key-type"],
    choices: ["AsymmetricX509Cert", "Password", "Symmetric"],
    summary: "Its type. Default: AsymmetricX509Cert.",
  },
  keyUsage: { kind: "text", flags: ["--key-usage"], choices: ["Sign", "Verify"], summary: "Its use. Default: Verify." },
  keyDisplayName: { kind: "text", flags: ["--key-display-name"], summary: "Its friendly name." },
  startDate: { kind: "text", flags: ["--start-date"], summary: "From when it is valid. Default: now." },
  endDate: { kind: "text", flags: ["--end-date"], summary: "Until when it is valid. Default: a year from its start." },
  appRoles: { kind: "text", flags: ["--app-roles"], summary: `Roles of the application. ${jsonHint}` },
  optionalClaims: { kind: "text", flags: ["--optional-claims"], summary: `Claims for its tokens. ${jsonHint}` },
  requiredResourceAccesses: {
    kind: "text",
    flags: ["--required-resource-accesses"],
    summary: `What it needs of other APIs. ${jsonHint}`,
  },
} as const satisfies Readonly<Record<string, Option>>;
