/**
 * Every refusal in Graph's words: one exhaustive switch per source of faults. The texts are Graph's own where clients match on them.
 * @see https://learn.microsoft.com/graph/errors
 */
import type { EntityKind } from "../state/entities.ts";
import { type Fault, Refusal } from "../state/fault.ts";
import { encodeChallenge } from "../tokens/continuous-access.ts";
import { type TokenFault, TokenRefusal } from "../tokens/token.ts";
import { type BodyFault, BodyRefusal } from "../wire/body.ts";
import { type GraphFault, GraphRefusal } from "./graph-fault.ts";

export type GraphError = {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Characters of a caller's own text that a message repeats; our choice. */
const maxEchoLength = 200;

const challenge = {
  "www-authenticate":
    'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"',
} as const;

/** @returns the answer for a refusal; undefined for anything else, which is a defect of ours. */
export function errorFor(cause: unknown): GraphError | undefined {
  if (cause instanceof Refusal) return forRule(cause.fault);
  if (cause instanceof GraphRefusal) return forRequest(cause.fault);
  if (cause instanceof TokenRefusal) return forToken(cause.fault);
  if (cause instanceof BodyRefusal) return forBody(cause.fault);
  return undefined;
}

function badRequest(message: string): GraphError {
  return { status: 400, code: "Request_BadRequest", message };
}

function malformed(message: string): GraphError {
  return { status: 400, code: "BadRequest", message };
}

function notFound(id: string): GraphError {
  const message = `Resource '${echo(id)}' does not exist or one of its queried reference-property objects are not present.`;
  return { status: 404, code: "Request_ResourceNotFound", message };
}

function notImplemented(what: string): GraphError {
  return { status: 501, code: "NotImplemented", message: `Postern does not have ${what} yet.` };
}

function unauthorized(message: string): GraphError {
  return { status: 401, code: "InvalidAuthenticationToken", message, headers: challenge };
}

function unsupportedQuery(message: string): GraphError {
  return { status: 400, code: "Request_UnsupportedQuery", message };
}

function echo(text: string): string {
  return text.length > maxEchoLength ? `${text.slice(0, maxEchoLength)}...` : text;
}

/** `application` as messages spell it: `Application`. */
function titleOf(kind: EntityKind): string {
  return `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
}

function forRule(fault: Fault): GraphError {
  switch (fault.kind) {
    case "object-not-found":
      return notFound(fault.id);
    case "reference-not-found":
      return forReference(fault);
    case "value-invalid":
      return forValue(fault);
    case "value-taken":
      return conflictKinds.includes(fault.objectKind)
        ? { status: 409, code: "Request_MultipleObjectsWithSameKeyValue", message: takenText(fault) }
        : badRequest(takenText(fault));
    case "already-there":
      if (fault.objectKind === "appRoleAssignment")
        return badRequest("Permission being assigned already exists on the object");
      if (fault.objectKind === "directoryRoleAssignment")
        return badRequest(
          "A conflicting object with one or more of the specified property values is present in the directory.",
        );
      return badRequest(
        `One or more added object references already exist for the following modified properties: '${fault.property}'.`,
      );
    case "limit-reached":
      return forLimit(fault);
    case "last-owner":
      return badRequest("The group must have at least one owner, hence this owner cannot be removed.");
    case "principal-not-found":
      return notFound(fault.principalId);
    case "not-implemented":
      return notImplemented(fault.what);
    case "principal-type-mismatch":
    case "scope-invalid":
    case "role-definition-not-found":
    case "role-not-assignable-here":
    case "role-definition-name-taken":
    case "role-definition-in-use":
    case "role-definition-built-in":
    case "role-assignment-exists":
    case "role-assignment-update-not-permitted":
    case "role-assignment-not-found":
    case "condition-invalid":
    case "subscription-not-found":
    case "resource-group-not-found":
    case "resource-group-being-deleted":
    case "resource-not-found":
    case "location-conflict":
    case "account-name-taken":
    case "account-name-invalid":
      // Faults of Azure's resources: no rule of the directory throws one.
      return badRequest(`The request is invalid (${fault.kind}).`);
  }
}

/** Objects of which a second is a conflict and not just a bad value. */
const conflictKinds: readonly EntityKind[] = [
  "servicePrincipal",
  "oauth2PermissionGrant",
  "federatedIdentityCredential",
];

function takenText({ objectKind, property, value }: Fault & { kind: "value-taken" }): string {
  if (objectKind === "servicePrincipal")
    return `The service principal cannot be created, updated, or restored because the service principal name ${value} is already in use.`;
  if (objectKind === "oauth2PermissionGrant") return "Permission entry already exists.";
  if (objectKind === "federatedIdentityCredential")
    return property === "name"
      ? `FederatedIdentityCredential with name ${echo(value)} already exists.`
      : "FederatedIdentityCredential with same issuer and subject already exists.";
  return `Another object with the same value for property ${property} already exists.`;
}

function forReference({ property, id, objectKind }: Fault & { kind: "reference-not-found" }): GraphError {
  if (property === "keyCredentials") return badRequest(`No key credential found with keyId '${id}'.`);
  if (property === "passwordCredentials") return badRequest(`No password credential found with keyId '${id}'.`);
  if (objectKind === "application" && property === "appId")
    return badRequest(`The appId '${id}' of the service principal does not reference a valid application object.`);
  return notFound(id);
}

function forValue({ objectKind, property, why, value }: Fault & { kind: "value-invalid" }): GraphError {
  const resource = titleOf(objectKind);
  if (why === "required") {
    if (property === "passwordProfile") return badRequest("A password must be specified to create a new user.");
    return badRequest(`A value is required for property '${property}' of resource '${resource}'.`);
  }
  if (why === "too-weak")
    return badRequest(
      "The specified password does not comply with password complexity requirements. Please provide a different password.",
    );
  if (why === "read-only") return badRequest(`Property '${property}' is read-only and cannot be set.`);
  if (property === "appRoleId")
    return badRequest(`Permission being assigned was not found on application '${value ?? ""}'.`);
  if (why === "not-allowed") {
    const text = notAllowedTexts[`${resource}/${property}`] ?? notAllowedTexts[property];
    if (text !== undefined) return badRequest(text);
  }
  return badRequest(`Invalid value specified for property '${property}' of resource '${resource}'.`);
}

/** What is not a matter of spelling has a text of its own. */
const notAllowedTexts: Readonly<Record<string, string>> = {
  userPrincipalName:
    "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.",
  identifierUris: "Values of identifierUris property must use a verified domain of the organization or its subdomain.",
  mailEnabled:
    "The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement property is unset and the security-enablement property is set.",
  securityEnabled:
    "The service does not currently support writes of groups that are not security-enabled. Please ensure that the security-enablement property is set.",
  appRoles: "Property value cannot be deleted unless it is disabled first.",
  endDateTime: "The end date of a password credential must be after its start date.",
  keyCredentials: "Update to existing credential with KeyId is not allowed, or there is none with that KeyId.",
  "keyCredentials/endDateTime": "Key credential end date is invalid.",
  "keyCredentials/startDateTime": "Key credential start date is invalid.",
  oauth2PermissionScopes: "Property value cannot be deleted unless it is disabled first.",
  passwordCredentials: "New password credentials must be generated with service actions.",
  globalAdministrator: "The last Global Administrator of the directory cannot be removed, disabled or deleted.",
  principalId: "The group cannot be assigned a directory role: it is not a role-assignable group.",
  manager: "A user cannot be their own manager.",
  "Group/members": "A group cannot be a member of itself.",
  owners: "Only users and service principals can be owners.",
  "ServicePrincipal/appOwnerOrganizationId":
    "Credentials cannot be added to the service principal of a Microsoft first-party application.",
  redirectUris: "Redirect URIs must have distinct values.",
  "ServicePrincipal/appId": "The service principal of a Microsoft first-party application cannot be deleted.",
};

function forLimit({ property }: Fault & { kind: "limit-reached" }): GraphError {
  if (property === "directoryObjects")
    return {
      status: 403,
      code: "Directory_QuotaExceeded",
      message:
        "The directory object quota limit for the Tenant has been exceeded. Please ask your administrator to increase the quota limit or delete objects to reduce the used quota.",
    };
  return {
    status: 400,
    code: "Directory_ResourceSizeExceeded",
    message:
      "The size of the object has exceeded its limit. Please reduce the number of values and retry your request.",
  };
}

function forRequest(fault: GraphFault): GraphError {
  switch (fault.kind) {
    case "token-missing":
      return unauthorized("Access token is empty.");
    case "denied":
      return {
        status: 403,
        code: "Authorization_RequestDenied",
        message: "Insufficient privileges to complete the operation.",
      };
    case "delegated-only":
      return malformed("/me request is only valid with delegated authentication flow.");
    case "segment-unknown":
      return malformed(`Resource not found for the segment '${echo(fault.segment)}'.`);
    case "path-malformed":
      return malformed("Bad request: the URL is not well formed.");
    case "version-unknown":
      return malformed(`Invalid version: ${echo(fault.version)}`);
    case "method-not-allowed":
      return {
        status: 405,
        code: "Request_BadRequest",
        message: "Specified HTTP method is not allowed for the request target.",
      };
    case "absent":
      return notImplemented(fault.what);
    case "identifier-invalid":
      return badRequest(`Invalid object identifier '${echo(fault.id)}'.`);
    case "batch-malformed":
      return malformed(echo(fault.why));
    case "password-wrong":
      return badRequest("The specified password does not match the current password of the user.");
    case "delta-token-invalid":
      return badRequest("The delta token is invalid.");
    case "delta-resync":
      return {
        status: 410,
        code: "syncStateNotFound",
        message: "The sync state generation is not found. Start again without a token.",
      };
    case "precondition-failed":
      return {
        status: 412,
        code: "PreconditionFailed",
        message: "The object is not the version that the If-Match header names.",
      };
    case "proof-invalid":
      return badRequest("The proof of possession of an existing key is missing, expired or not valid.");
    case "skip-token-invalid":
      return badRequest("The skip token is invalid.");
    case "body-property-unknown":
      return badRequest(`Invalid property '${echo(fault.property)}'.`);
    case "body-property-read-only":
      return badRequest(`Property '${fault.property}' is read-only and cannot be set.`);
    case "body-property-invalid":
      return badRequest(`Invalid value specified for property '${fault.property}' of resource '${fault.resource}'.`);
    default:
      return forQuery(fault);
  }
}

type QueryFault = Extract<
  GraphFault,
  { kind: `query-${string}` | `filter-${string}` | "search-syntax" | "property-unknown" }
>;

function forQuery(fault: QueryFault): GraphError {
  switch (fault.kind) {
    case "query-malformed":
      return malformed(`Invalid value for the query option '${fault.option}': ${fault.why}.`);
    case "query-page-size":
      return unsupportedQuery(
        `Invalid page size specified: '${fault.asked}'. Must be between 1 and ${fault.most} inclusive.`,
      );
    case "query-repeated":
      return malformed(
        `Query option '${fault.option}' was specified more than once, but it must be specified at most once.`,
      );
    case "query-not-collection":
      return malformed(
        "The query specified in the URI is not valid. Query options $orderby, $inlinecount, $skip and $top can be applied only on collections.",
      );
    case "query-needs-consistency-level":
      return unsupportedQuery(
        `Operator '${fault.operator}' is not supported because the required parameters might be missing. Try adding $count=true query parameter and ConsistencyLevel:eventual header. Refer to https://aka.ms/graph-docs/advanced-queries for more information`,
      );
    case "query-order-unsupported":
      return unsupportedQuery("Sorting not supported for current query.");
    case "query-search-needs-header":
      return unsupportedQuery(
        "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
      );
    case "query-count-needs-header":
      return badRequest("$count is not currently supported.");
    case "query-expand-advanced":
      return unsupportedQuery("Expand is not supported with advanced queries.");
    case "search-syntax":
      return malformed(
        fault.character === ""
          ? `Syntax error: unexpected end at position ${fault.position} in '${echo(fault.search)}'.`
          : `Syntax error: character '${fault.character}' is not valid at position ${fault.position} in '${echo(fault.search)}'.`,
      );
    case "filter-syntax":
      return malformed(`Invalid filter clause: Syntax error at position ${fault.position} in '${echo(fault.filter)}'.`);
    case "filter-unsupported":
      return unsupportedQuery(
        `Unsupported or invalid query filter clause specified for property '${echo(fault.property)}' of resource '${fault.resource}'.`,
      );
    case "filter-too-many-clauses":
      return unsupportedQuery(
        `Too many child clauses specified in search filter expression containing 'OR' operators: ${fault.count}. Max allowed: ${fault.limit}.`,
      );
    case "filter-types":
      return malformed(
        `Invalid filter clause: A binary operator with incompatible types was detected. Found operand types '${fault.left}' and '${fault.right}' for operator kind '${fault.operator}'.`,
      );
    case "property-unknown": {
      const text = `Could not find a property named '${echo(fault.property)}' on type 'microsoft.graph.${fault.type}'.`;
      return malformed(
        fault.option === "select" || fault.option === "expand"
          ? `Parsing OData Select and Expand failed: ${text}`
          : text,
      );
    }
  }
}

/** As Graph answered a client whose session was revoked. @see https://learn.microsoft.com/entra/identity-platform/claims-challenge */
function claimsChallenge(requiredNotBefore: number): GraphError {
  const message =
    "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp";
  const parts = [
    challenge["www-authenticate"],
    `error_description="${message}"`,
    'error="insufficient_claims"',
    `claims="${encodeChallenge(requiredNotBefore)}"`,
  ];
  return { ...unauthorized(message), headers: { "www-authenticate": parts.join(", ") } };
}

function forToken(fault: TokenFault): GraphError {
  switch (fault.kind) {
    case "token-malformed":
      return unauthorized(
        "IDX14100: JWT is not well formed, there are no dots (.). The token needs to be in JWS or JWE Compact Serialization Format.",
      );
    case "token-audience":
      return unauthorized("Access token validation failure. Invalid audience.");
    case "token-issuer":
      return unauthorized("Access token validation failure. Invalid issuer.");
    case "token-expired":
      return unauthorized("Lifetime validation failed, the token is expired.");
    case "token-not-yet-valid":
      return unauthorized("Lifetime validation failed, the token is not yet valid.");
    case "token-algorithm":
    case "token-key-unknown":
    case "token-signature":
      return unauthorized("Access token validation failure. Invalid signature.");
    case "token-claims":
      return unauthorized("Access token validation failure.");
    case "token-revoked":
      return claimsChallenge(fault.requiredNotBefore);
    case "token-principal":
      return {
        status: 401,
        code: "Authorization_IdentityNotFound",
        message: "The identity of the calling application could not be established.",
        headers: challenge,
      };
  }
}

function forBody(fault: BodyFault): GraphError {
  switch (fault.kind) {
    case "body-too-large":
      return { status: 413, code: "RequestEntityTooLarge", message: "The request body is too large." };
    case "body-not-json":
      return malformed(
        "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
      );
    case "body-aborted":
      return malformed("The request body ended before it was complete.");
  }
}
