/**
 * What Entra ID's error numbers mean to an app's owner, and what to do; only those that a credential can meet. Numbers outside the tables
 * keep Entra's own description. Lines of `number|meaning|remedy`, and a table a kind of proof: each is in the bundles that can meet it.
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */

/** Of anything that proves an app by an assertion. */
export const ASSERTION_ERRORS = `700027|The certificate or its signature is not one the app has.|Upload the certificate to the app.
700024|The assertion is not valid at this time.|Set the machine's clock, or renew the assertion.
700023|The assertion is meant for another authority.|Check AZURE_AUTHORITY_HOST.
700211|No federated credential has this issuer.|Add one with the token's iss.
700212|No federated credential has this audience.|Its audience is api://AzureADTokenExchange.
700213|No federated credential has this subject.|Add one with the token's sub.
70021|No federated credential matches the assertion.|Compare its issuer, subject and audience with the app's.`;

/** Of anything that signs a person in. */
export const USER_ERRORS = `50126|The user name or the password is wrong.|Check both.
50034|The tenant has no such user.|Check the user name and the tenant.
50076|Multi-factor authentication is required.|Sign in interactively.
53003|A Conditional Access policy blocks the sign-in.|Ask an administrator which one.
65001|Consent is missing.|Grant the app the permissions it asks for.`;

export const PERSON_ERRORS = `7000218|A secret or an assertion is missing.|Allow public client flows on the app.
50079|The user must set up multi-factor authentication.|Sign in interactively.
50105|This account is not assigned to the app.|Ask an administrator to assign it.
700082|The refresh token has expired.|Sign in again.
50173|The sign-in was revoked.|Sign in again.
70019|The device code has expired before anyone signed in.|Start again.
500133|The user's token has expired.|Get a new one from the caller.`;
