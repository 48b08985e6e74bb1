/**
 * The one renderer of errors: `{"error":{"code","message"}}`, with the status and headers Azure sends.
 * @see https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-invalid-template
 */
import { type Fault, Refusal } from "../state/fault.ts";
import { encodeChallenge } from "../tokens/continuous-access.ts";
import { type TokenFault, TokenRefusal } from "../tokens/token.ts";
import type { Exchange, Reply } from "../wire/exchange.ts";
import { type ArmFault, ArmRefusal } from "./fault.ts";
import { describeRuleFault, type WireError, wireError } from "./rule-errors.ts";

/** Audiences a wrong one is told about; the same list as on Azure. */
const allowedAudiences =
  "'https://management.core.windows.net/','https://management.core.windows.net','https://management.azure.com/','https://management.azure.com'";

/** What the message of a bad api-version offers: versions that current clients send. */
const suggestedApiVersions =
  "2024-11-01,2022-12-01,2022-09-01,2022-04-01,2021-04-01,2019-11-01,2018-01-01-preview,2015-07-01";

export type ErrorPlace = { readonly exchange: Exchange; readonly tenantId: string; readonly now: Date };

/**
 * Renders what was thrown.
 * @throws whatever is not a refusal, unchanged: a defect of ours.
 */
export function renderError(cause: unknown, place: ErrorPlace): Reply {
  const error =
    cause instanceof ArmRefusal || cause instanceof TokenRefusal
      ? describeArmFault(cause.fault, place)
      : cause instanceof Refusal
        ? describeRuleFault(cause.fault satisfies Fault, place.tenantId)
        : undefined;
  if (error === undefined) throw cause;
  return {
    status: error.status,
    headers: { "x-ms-failure-cause": "gateway", ...error.headers },
    body: { error: { code: error.code, message: error.message } },
  };
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a table, one case for each fault
function describeArmFault(fault: ArmFault, place: ErrorPlace): WireError {
  switch (fault.kind) {
    case "api-version-missing":
      return wireError(
        400,
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
      );
    case "api-version-invalid":
      return wireError(
        400,
        "InvalidApiVersionParameter",
        `The api-version '${fault.given}' is invalid. The supported versions are '${suggestedApiVersions}'.`,
      );
    case "template-invalid":
      return wireError(400, "InvalidTemplate", `Deployment template validation failed: '${fault.why}'.`);
    case "deployment-not-found":
      return wireError(404, "DeploymentNotFound", `Deployment '${fault.name}' could not be found.`);
    case "authentication-missing":
      return challenge(
        place,
        "AuthenticationFailed",
        "Authentication failed. The 'Authorization' header is missing.",
        "The authentication failed because of missing 'Authorization' header.",
      );
    case "authentication-malformed":
      return challenge(
        place,
        "AuthenticationFailedInvalidHeader",
        "Authentication failed. The 'Authorization' header is provided in an invalid format.",
      );
    case "authorization-failed":
      return wireError(
        403,
        "AuthorizationFailed",
        `The client '${fault.clientName}' with object id '${fault.objectId}' does not have authorization${fault.isForCondition ? " or an ABAC condition not fulfilled" : ""} to perform action '${fault.action}' over scope '${fault.scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
      );
    case "denied-by-deny-assignment": {
      const { clientName, objectId, action, scope, overruled } = fault;
      const { denyAssignmentName, denyAssignmentId, scope: deniedAt } = overruled;
      return wireError(
        403,
        "DenyAssignmentAuthorizationFailed",
        `The client '${clientName}' with object id '${objectId}' has permission to perform action '${action}' on scope '${scope}'; however, the access is denied because of the deny assignment with name '${denyAssignmentName}' and Id '${denyAssignmentId.replaceAll("-", "")}' at scope '${deniedAt}'.`,
      );
    }
    case "linked-authorization-failed":
      return wireError(
        403,
        "LinkedAuthorizationFailed",
        `The client '${fault.clientName}' with object id '${fault.objectId}' has permission to perform action '${fault.action}' on scope '${fault.scope}'; however, it does not have permission to perform action '${fault.linkedAction}' on the linked scope(s) '${fault.linkedScope}' or the linked scope(s) are invalid.`,
      );
    case "path-malformed":
      return wireError(400, "InvalidRequestUri", "The request URI is not valid.");
    case "subscription-id-malformed":
      return wireError(
        400,
        "InvalidSubscriptionId",
        `The provided subscription identifier '${fault.given}' is malformed or invalid.`,
      );
    case "name-not-guid":
      if (fault.objectKind === "denyAssignment") {
        return wireError(
          400,
          "InvalidDenyAssignmentId",
          `The deny assignment ID '${fault.given}' is not valid. The deny assignment ID must be a GUID.`,
        );
      }
      return fault.objectKind === "roleAssignment"
        ? wireError(
            400,
            "InvalidRoleAssignmentId",
            `The role assignment ID '${fault.given}' is not valid. The role assignment ID must be a GUID.`,
          )
        : wireError(
            400,
            "InvalidRoleDefinitionId",
            `The role definition ID '${fault.given}' is not valid. The role definition ID must be a GUID.`,
          );
    case "method-not-allowed":
      return {
        ...wireError(405, "MethodNotAllowed", `The requested resource does not support http method '${fault.method}'.`),
        headers: { allow: fault.allowed.join(", ") },
      };
    case "path-unknown":
      return wireError(404, "NotFound", "The requested resource could not be found.");
    case "namespace-unknown":
      return wireError(404, "InvalidResourceNamespace", `The resource namespace '${fault.namespace}' is invalid.`);
    case "type-unknown":
      return wireError(
        404,
        "InvalidResourceType",
        `The resource type '${fault.type}' could not be found in the namespace '${fault.namespace}' for api version '${fault.apiVersion}'.`,
      );
    case "content-invalid":
      return wireError(
        400,
        "InvalidRequestContent",
        `The request content was invalid and could not be deserialized: '${fault.why}'.`,
      );
    case "content-too-large":
      return wireError(
        413,
        "RequestContentTooLarge",
        `The request content size exceeds the maximum size of ${fault.limitBytes} bytes.`,
      );
    case "filter-invalid":
      return wireError(
        400,
        "InvalidFilterInQueryString",
        `Invalid $filter '${fault.given}' specified in the query string.`,
      );
    case "query-invalid":
      return wireError(
        400,
        "InvalidQueryParameter",
        `Invalid ${fault.parameter} '${fault.given}' specified in the query string.`,
      );
    case "container-name-invalid":
      return wireError(400, "InvalidResourceName", "The specified resource name contains invalid characters.");
    case "container-leased":
      return wireError(
        412,
        "LeaseIdMissing",
        "There is currently a lease on the container and no lease ID was specified in the request.",
      );
    case "container-kept":
      return wireError(
        409,
        "BlobImmutableDueToPolicy",
        "This operation is not permitted as a blob of the container is immutable due to a policy.",
      );
    case "account-kept":
      return wireError(
        409,
        "BlobImmutableDueToPolicy",
        `The storage account '${fault.name}' cannot be deleted, as a blob in it is immutable due to a policy.`,
      );
    case "public-access-not-permitted":
      return wireError(409, "PublicAccessNotPermitted", "Public access is not permitted on this storage account.");
    case "encryption-scope-not-found":
      return wireError(404, "EncryptionScopeNotFound", "The specified encryption scope does not exist.");
    case "container-not-found":
      return wireError(404, "ContainerNotFound", "The specified container does not exist.");
    case "operation-unknown":
      return wireError(404, "NotFound", `The operation '${fault.id}' could not be found.`);
    case "operation-failed":
      return wireError(
        500,
        "InternalServerError",
        `${fault.what} did not succeed; it is taken up again when asked for again, or at the next start.`,
      );
    default:
      return describeTokenFault(fault, place);
  }
}

function describeTokenFault(fault: TokenFault, place: ErrorPlace): WireError {
  switch (fault.kind) {
    case "token-malformed":
    case "token-algorithm":
    case "token-key-unknown":
    case "token-signature":
    case "token-claims":
    case "token-not-yet-valid":
    case "token-principal":
      return challenge(place, "InvalidAuthenticationToken", "The access token is invalid.");
    case "token-issuer":
      return challenge(
        place,
        "InvalidAuthenticationTokenTenant",
        `The access token is from the wrong issuer '${quotable(fault.issuer)}'. It must match the tenant 'https://sts.windows.net/${place.tenantId}/' associated with this subscription. Please use the authority (URL) 'https://login.windows.net/${place.tenantId}' to get the token. Note, if the subscription is transferred to another tenant there is no impact to the services, but information about new tenant could take time to propagate (up to an hour). If you just transferred your subscription and see this error message, please try back later.`,
      );
    case "token-audience":
      return challenge(
        place,
        "InvalidAuthenticationTokenAudience",
        `The access token has been obtained for wrong audience or resource '${quotable(fault.audience)}'. It should exactly match with one of the allowed audiences ${allowedAudiences}.`,
      );
    case "token-revoked":
      return claimsChallenge(place, fault.requiredNotBefore);
    case "token-expired":
      return challenge(
        place,
        "ExpiredAuthenticationToken",
        `The access token expiry UTC time '${longTime(fault.expiredAt)}' is earlier than current UTC time '${longTime(place.now)}'.`,
      );
  }
}

/** A 401, with the challenge that no client may go without. */
function challenge(place: ErrorPlace, code: string, message: string, description = message): WireError {
  const value = bearer(place, "invalid_token", description);
  return { status: 401, code, message, headers: { "www-authenticate": value } };
}

function bearer({ exchange, tenantId }: ErrorPlace, error: string, description: string): string {
  const authority = isPublicName(exchange.origin) ? "https://login.windows.net" : exchange.origin;
  return `Bearer authorization_uri="${authority}/${tenantId}", error="${error}", error_description="${description}"`;
}

/**
 * The 401 that sends a client to sign in anew, and only after a revocation: az says in every token request that it can take one. Clients of
 * before 2024 look for `claims` alone, newer ones for `insufficient_claims` beside it.
 * @see https://learn.microsoft.com/entra/identity-platform/claims-challenge
 */
function claimsChallenge(place: ErrorPlace, requiredNotBefore: number): WireError {
  const message = "User session has been revoked";
  const value = `${bearer(place, "insufficient_claims", message)}, claims="${encodeChallenge(requiredNotBefore)}"`;
  return { status: 401, code: "InvalidAuthenticationToken", message, headers: { "www-authenticate": value } };
}

/** Says whether a client addressed us by Azure's own name; else by ours, and links must lead there. */
export function isPublicName(origin: string): boolean {
  const host = new URL(origin).hostname;
  return host.endsWith(".azure.com") || host.endsWith(".windows.net");
}

/** A claim goes into a header and a text only if it cannot break out of either. */
function quotable(claim: string): string {
  return claim.replace(/[^\x20-\x7e]|["'\\]/g, "?").slice(0, 256);
}

/** `M/d/yyyy h:mm:ss tt` in UTC. */
function longTime(time: Date): string {
  const hours = time.getUTCHours();
  const two = (value: number): string => String(value).padStart(2, "0");
  const clock = `${hours % 12 || 12}:${two(time.getUTCMinutes())}:${two(time.getUTCSeconds())} ${hours < 12 ? "AM" : "PM"}`;
  return `${time.getUTCMonth() + 1}/${time.getUTCDate()}/${time.getUTCFullYear()} ${clock}`;
}
