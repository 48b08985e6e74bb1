/**
 * The part of the table of Entra's errors that has to do with people: signing in by page or device, codes, refresh tokens, consent.
 * Read through aadsts.ts.
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
export const aadstsOfPeople = {
  16000: {
    status: 400,
    error: "interaction_required",
    message:
      "Either multiple user identities are available for the current request or selected account is not supported for the scenario.",
  },
  28002: {
    status: 400,
    error: "invalid_scope",
    message:
      "Provided value for the input parameter scope '{scope}' isn't valid when requesting an access token. Please specify a valid scope.",
  },
  28003: {
    status: 400,
    error: "invalid_scope",
    message:
      "The provided value for the input parameter scope can't be empty when requesting an access token using the provided authorization code. Please specify a valid scope.",
  },
  50011: {
    status: 400,
    error: "invalid_request",
    message:
      "The redirect URI '{redirectUri}' specified in the request does not match the redirect URIs configured for the application '{appId}'. Make sure the redirect URI sent in the request matches one added to your application in the Azure portal. Navigate to https://aka.ms/redirectUriMismatchError to learn more about how to troubleshoot this error.",
  },
  50053: {
    status: 400,
    error: "invalid_grant",
    message: "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.",
  },
  50055: {
    status: 400,
    error: "invalid_grant",
    suberror: "user_password_expired",
    message: "The password is expired.",
  },
  50058: {
    status: 400,
    error: "login_required",
    message: "A silent sign-in request was sent but no user is signed in.",
  },
  50147: {
    status: 400,
    error: "invalid_request",
    message: "Invalid size of Code_Challenge parameter: a proof key for code exchange is required for this client.",
  },
  50194: {
    status: 400,
    error: "invalid_request",
    message:
      "Application '{appId}'({appName}) is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such applications created after '10/15/2018'. Use a tenant-specific endpoint or configure the application to be multi-tenant.",
  },
  54005: {
    status: 400,
    error: "invalid_grant",
    message:
      "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
  },
  65004: { status: 400, error: "access_denied", message: "User declined to consent to access the app." },
  70005: {
    status: 400,
    error: "unsupported_response_type",
    message: "The provided value for the input parameter 'response_type' is not supported: '{responseType}'.",
  },
  70007: {
    status: 400,
    error: "invalid_request",
    message: "'{responseMode}' is not a supported value of 'response_mode' for this request.",
  },
  70008: {
    status: 400,
    error: "invalid_grant",
    message:
      "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.",
  },
  70016: {
    status: 400,
    error: "authorization_pending",
    message: "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
  },
  70018: {
    status: 400,
    error: "bad_verification_code",
    message:
      "Invalid verification code: the user typed in the wrong user code for the device code flow, or the device code is not one that was issued.",
  },
  70019: {
    status: 400,
    error: "expired_token",
    message: "Verification code expired. Have the user retry the sign-in.",
  },
  70020: {
    status: 400,
    error: "expired_token",
    message: "The provided value for the input parameter 'device_code' is not valid. This device code has expired.",
  },
  90023: {
    status: 400,
    error: "invalid_request",
    message: "The authentication service request is not valid: '{parameter}'.",
  },
  90094: {
    status: 400,
    error: "consent_required",
    message:
      "Admin consent is required. The application '{appId}' named '{appName}' asks for permissions that only an administrator can grant.",
  },
  90119: { status: 400, error: "invalid_request", message: "The user code is null or empty." },
  90120: { status: 400, error: "invalid_request", message: "The request was already authorized or declined." },
  500112: {
    status: 400,
    error: "invalid_grant",
    message:
      "The reply address '{given}' does not match the reply address '{asked}' provided when requesting Authorization code.",
  },
  501481: {
    status: 400,
    error: "invalid_grant",
    message: "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
  },
  501491: { status: 400, error: "invalid_request", message: "Invalid size of Code_Challenge parameter." },
  650052: {
    status: 400,
    error: "invalid_client",
    message:
      'The app needs access to a service ("{resource}") that your organization "{tenant}" has not subscribed to or enabled. Contact your IT Admin to review the configuration of your service subscriptions.',
  },
  650056: {
    status: 400,
    error: "invalid_client",
    message:
      "Misconfigured application. This could be due to one of the following: the client has not listed any permissions for 'Microsoft Graph' in the requested permissions in the client's application registration. Or, the admin has not consented in the tenant. Or, check the application identifier in the request to ensure it matches the configured client application identifier. Please contact your admin to fix the configuration or consent on behalf of the tenant. Client app ID: {appId}.",
  },
  650057: {
    status: 400,
    error: "invalid_resource",
    message:
      "Invalid resource. The client has requested access to a resource which is not listed in the requested permissions in the client's application registration. Client app ID: {appId}({appName}). Resource value from request: {resource}. Resource app ID: {resourceAppId}. List of valid resources from app registration: {listed}.",
  },
  700005: {
    status: 400,
    error: "invalid_grant",
    message:
      "The provided authorization code is intended to be used against another tenant. OAuth2 Authorization code must be redeemed against the same tenant it was acquired for.",
  },
  700007: {
    status: 400,
    error: "invalid_grant",
    message:
      "The provided grant has been revoked: a code or refresh token of this sign-in was used more than once. Send a new interactive authorization request for this user and resource.",
  },
  700054: {
    status: 400,
    error: "unsupported_response_type",
    message: "response_type '{responseType}' is not enabled for the application.",
  },
  700084: {
    status: 400,
    error: "invalid_grant",
    message:
      "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of {lifetime}, which can't be extended. It is now expired and a new sign in request must be sent by the SPA to the sign in page. The token was issued on {issued}.",
  },
  900971: { status: 400, error: "invalid_request", message: "No reply address provided." },
  9002325: {
    status: 400,
    error: "invalid_request",
    message: "Proof Key for Code Exchange is required for cross-origin authorization code redemption.",
  },
  9002326: {
    status: 400,
    error: "invalid_request",
    message:
      "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. Request origin: '{origin}'.",
  },
  9002327: {
    status: 400,
    error: "invalid_request",
    message:
      "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.",
  },
} as const;
