/**
 * The part of the table of Entra's errors that has to do with applications that sign in by assertion: certificates, tokens of other issuers, on
 * behalf of a person. Read through aadsts.ts.
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
const certificateDoc = "https://learn.microsoft.com/entra/identity-platform/certificate-credentials";
const federationDoc = "https://learn.microsoft.com/entra/workload-id/workload-identity-federation";

export const aadstsOfApps = {
  50012: {
    status: 401,
    error: "invalid_client",
    message: "Authentication failed: the certificate chain that the client assertion carries isn't valid.",
  },
  50013: { status: 400, error: "invalid_grant", message: "Assertion failed signature validation. [Reason - {reason}]" },
  50027: { status: 400, error: "invalid_request", message: "JWT token is invalid or malformed." },
  50105: {
    status: 400,
    error: "invalid_grant",
    message: "The signed in user '{user}' is not assigned to a role for the application '{appId}'({appName}).",
  },
  70021: {
    status: 400,
    error: "invalid_request",
    message: `No matching federated identity record found for presented assertion. Assertion Issuer: '{issuer}'. Assertion Subject: '{subject}'. Assertion Audience: '{audience}'. ${federationDoc}`,
  },
  90008: {
    status: 400,
    error: "invalid_grant",
    message:
      "The user or administrator has not consented to use the application with ID '{appId}'({appName}). This happened because application is misconfigured: it must require access to Microsoft Graph by specifying at least 'Sign in and read user profile' permission.",
  },
  90009: {
    status: 400,
    error: "invalid_request",
    message:
      "Application '{appId}'({appName}) is requesting a token for itself. This scenario is supported only if resource is specified using the GUID based App Identifier.",
  },
  500131: {
    status: 400,
    error: "invalid_grant",
    message:
      "Assertion audience does not match the Client app presenting the assertion. The audience in the assertion was '{audience}' and the expected audience is '{appId}' or one of the Application Uris of this application with App ID '{appId}'({appName}).",
  },
  500133: {
    status: 400,
    error: "invalid_grant",
    message:
      "Assertion is not within its valid time range. Ensure that the access token is not expired before using it for user assertion, or request a new token. Current time: {now}, expiry time of assertion {expires}.",
  },
  501661: { status: 400, error: "invalid_request", message: "Request to External OIDC endpoint failed." },
  700021: {
    status: 401,
    error: "invalid_client",
    message: `Client assertion application identifier doesn't match 'client_id' parameter. Review the documentation at ${certificateDoc} .`,
  },
  700023: {
    status: 400,
    error: "invalid_scope",
    message: "The provided value for the input parameter scope isn't valid because it names no resource.",
  },
  700024: {
    status: 401,
    error: "invalid_client",
    message: `Client assertion is not within its valid time range. Current time: {now}, assertion valid from {start}, expiry time of assertion {end}. Review the documentation at ${certificateDoc} .`,
  },
  700027: {
    status: 401,
    error: "invalid_client",
    message:
      "Client assertion contains an invalid signature. [Reason - {reason}, Thumbprint of key used by client: '{thumbprint}', Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '{appId}'].",
  },
  700030: {
    status: 401,
    error: "invalid_client",
    message:
      "Invalid certificate - subject name in certificate isn't authorized. SubjectNames/SubjectAlternativeNames (up to 10) in token certificate are: '{names}'.",
  },
  700211: {
    status: 401,
    error: "invalid_client",
    message: `No matching federated identity record found for presented assertion issuer '{issuer}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. ${federationDoc}`,
  },
  700212: {
    status: 401,
    error: "invalid_client",
    message: `No matching federated identity record found for presented assertion audience '{audience}'. Please check your federated identity credential Subject, Audience and Issuer against the presented assertion. ${federationDoc}`,
  },
  700213: {
    status: 401,
    error: "invalid_client",
    message: `No matching federated identity record found for presented assertion subject '{subject}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. ${federationDoc}`,
  },
  700222: {
    status: 400,
    error: "invalid_request",
    message: "AAD-issued tokens may not be used for federated identity flows.",
  },
  700229: {
    status: 400,
    error: "invalid_request",
    message: "Only app-only tokens can be used as Federated Identity Credentials for Microsoft Entra issuer.",
  },
  5002738: {
    status: 401,
    error: "invalid_client",
    message:
      "Invalid JWT token. '{algorithm}' is not a supported signature algorithm. Supported signing algorithms are: '{supported}'",
  },
  7002138: {
    status: 401,
    error: "invalid_client",
    message: `No matching federated identity record found for presented assertion subject '{subject}': no claims matching expression fits its claims. ${federationDoc}`,
  },
  7000114: {
    status: 400,
    error: "unauthorized_client",
    message: "Application '{appId}' is not allowed to make application on-behalf-of calls.",
  },
  9002331: {
    status: 400,
    error: "invalid_request",
    message:
      "Application '{appId}'({appName}) is configured for use by Microsoft Account users only. Please use the /consumers endpoint to serve this request.",
  },
} as const;
