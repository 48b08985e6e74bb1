/**
 * The directory's own bounds. Where Microsoft documents a number, the number and its page; else it says "our choice".
 * @see https://learn.microsoft.com/entra/identity/users/directory-service-limits-restrictions
 * @see https://learn.microsoft.com/entra/identity-platform/supported-accounts-validation
 */

/** Objects (users, groups, applications, service principals together) of a tenant that has a verified domain. */
export const maxDirectoryObjects = 300_000;
/** Owners of an application, a service principal or a group. */
export const maxOwners = 100;
/** Characters of an application's name, for audiences without personal accounts. */
export const maxApplicationNameLength = 120;
/** Characters of an identifier URI. */
export const maxIdentifierUriLength = 255;
/** Items of all collections of one application object together (the documentation says "about 1,000"). */
export const maxApplicationItems = 1_000;
/** Redirect URIs of all platforms of one application. @see https://learn.microsoft.com/entra/identity-platform/reply-url */
export const maxRedirectUris = 256;
/** Characters of a redirect URI. Same page. */
export const maxRedirectUriLength = 256;
/** APIs an application can ask permissions of, and permissions in all. */
export const maxRequiredApis = 50;
export const maxRequiredPermissions = 400;

/** Characters of a user's, group's or credential's display name. @see https://learn.microsoft.com/graph/api/resources/user */
export const maxDisplayNameLength = 256;
/** Characters of a mail nickname. @see https://learn.microsoft.com/graph/api/resources/group */
export const maxMailNicknameLength = 64;
/** Characters of a description or of notes. @see https://learn.microsoft.com/graph/api/resources/application */
export const maxDescriptionLength = 1_024;
/** Characters of an app role's value. @see https://learn.microsoft.com/graph/api/resources/approle */
export const maxRoleValueLength = 120;
/** Characters of a tag, and of an app role's name. @see https://learn.microsoft.com/graph/api/resources/approle */
export const maxTagLength = 256;
/** Characters of a delegated permission's value and of its display names. @see https://learn.microsoft.com/graph/api/resources/permissionscope */
export const maxScopeValueLength = 120;
export const maxScopeNameLength = 100;
/** Optional claims of one kind of token, and extra properties of one claim; our choice, above the number Entra documents. */
export const maxOptionalClaims = 100;
/** Delegated permissions of one consent; our choice, above the number any API publishes. */
export const maxGrantedScopes = 1_000;
/** App roles of one principal. */
export const maxAppRoleAssignments = 1_500;
/** Characters of a certificate as it is sent (base64 of DER or PEM); our choice, several times that of a 4096-bit RSA certificate. */
export const maxCertificateChars = 16_384;
/** Smallest RSA key of a certificate, in bits: the least RFC 7518 section 3.3 allows. */
export const minCertificateKeyBits = 2_048;
/** How long a deleted object can be restored, in days. @see https://learn.microsoft.com/graph/api/resources/directory */
export const deletedObjectLifetimeDays = 30;
/** Characters of a user's smaller properties (givenName, surname 64; jobTitle, officeLocation 128); the larger one for all. @see https://learn.microsoft.com/graph/api/resources/user */
export const maxUserPropertyLength = 128;
/** Characters of a user principal name before and after the at sign. @see https://learn.microsoft.com/entra/identity/hybrid/connect/plan-connect-userprincipalname */
export const maxUserNameLength = 64;
export const maxUserDomainLength = 48;
/** Characters of a URL kept as a plain link (homePageUrl); our choice. */
export const maxLinkLength = 2_048;
/** Further mail addresses of a person, and characters of each. @see https://learn.microsoft.com/graph/api/resources/user */
export const maxOtherMails = 250;
export const maxOtherMailLength = 250;
/** Phone numbers in `businessPhones`. @see https://learn.microsoft.com/graph/api/resources/user */
export const maxBusinessPhones = 1;
