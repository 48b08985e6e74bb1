/**
 * The rules' faults in Resource Manager's words. The switch is exhaustive: a new fault does not compile until it has its text here.
 * @see https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
 * @see https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
 */
import { locations } from "../resources/locations.ts";
import { managedIdentityType } from "../resources/managed-identities.ts";
import { storageAccountType } from "../resources/storage-accounts.ts";
import type { ConditionProblem, Fault } from "../state/fault.ts";

/** An error before it is written: status, code, text. */
export type WireError = {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export function wireError(status: number, code: string, message: string): WireError {
  return { status, code, message };
}

/** Resource Manager writes GUIDs inside these texts without dashes. */
function undashed(guid: string): string {
  return guid.replaceAll("-", "");
}

/** @param tenantId the directory that PrincipalNotFound names. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a table, one case for each fault
export function describeRuleFault(fault: Fault, tenantId: string): WireError {
  switch (fault.kind) {
    case "object-not-found":
      return describeMissing(fault.objectKind, fault.id);
    case "reference-not-found":
      return wireError(404, "NotFound", `The ${fault.property} '${fault.id}' could not be found.`);
    case "value-invalid":
      return describeInvalid(fault);
    case "value-taken":
      return wireError(
        409,
        fault.objectKind === "denyAssignment" ? "DenyAssignmentExists" : "Conflict",
        fault.objectKind === "federatedIdentityCredential" && fault.property === "subject"
          ? "Issuer and subject combination already exists for this Managed Identity."
          : `Another object with the same value for property ${fault.property} already exists.`,
      );
    case "already-there":
      return fault.objectKind === "managementGroup"
        ? wireError(
            400,
            "BadRequest",
            "The management group has child management groups or subscriptions and cannot be deleted.",
          )
        : wireError(409, "Conflict", `The ${fault.property} is there already.`);
    case "limit-reached":
      return describeLimit(fault);
    case "principal-not-found":
      return wireError(
        400,
        "PrincipalNotFound",
        `Principal ${undashed(fault.principalId)} does not exist in the directory ${tenantId}. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype`,
      );
    case "principal-type-mismatch":
      // "PrinciaplType" is the service's own spelling, and clients match on it.
      return wireError(
        400,
        "UnmatchedPrincipalType",
        `The PrincipalId '${undashed(fault.principalId)}' has type '${fault.actual}' , which is different from specified PrinciaplType '${fault.given}'.`,
      );
    case "scope-invalid":
      return wireError(400, "InvalidScope", `The scope '${fault.scope}' is not valid.`);
    case "role-definition-not-found":
    case "role-not-assignable-here":
      // Asked for by itself it is missing; named in an assignment it is a bad value.
      return wireError(
        fault.kind === "role-definition-not-found" ? 404 : 400,
        "RoleDefinitionDoesNotExist",
        `The specified role definition with ID '${undashed(fault.id)}' does not exist.`,
      );
    case "role-definition-name-taken":
      return wireError(
        409,
        "RoleDefinitionWithSameNameExists",
        "A custom role with the same name already exists in this directory. Use a different name.",
      );
    case "role-definition-in-use":
      return wireError(409, "RoleDefinitionHasAssignments", "There are existing role assignments referencing role.");
    case "role-definition-built-in":
      return wireError(
        409,
        "RoleDefinitionExists",
        `The role definition '${undashed(fault.id)}' is a built-in role and cannot be changed.`,
      );
    case "role-assignment-exists":
      // az looks for `role assignment already exists` in lower case, and then goes on as if it had made it.
      return wireError(
        409,
        "RoleAssignmentExists",
        `The role assignment already exists. The ID of the existing role assignment is ${undashed(fault.name)}.`,
      );
    case "role-assignment-update-not-permitted":
      return wireError(
        409,
        "RoleAssignmentUpdateNotPermitted",
        "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
      );
    case "role-assignment-not-found":
      return wireError(404, "RoleAssignmentNotFound", `The role assignment '${undashed(fault.id)}' is not found.`);
    case "condition-invalid":
      return wireError(
        400,
        "RoleAssignmentConditionNotValid",
        `The given role assignment condition is invalid. (${describeProblem(fault.problem)})`,
      );
    case "last-owner":
      return wireError(409, "CannotDeleteLastRbacAdminAssignment", "Cannot delete the last RBAC admin assignment");
    case "subscription-not-found":
      return wireError(404, "SubscriptionNotFound", `The subscription '${fault.subscriptionId}' could not be found.`);
    case "resource-group-not-found":
      return wireError(404, "ResourceGroupNotFound", `Resource group '${fault.name}' could not be found.`);
    case "resource-group-being-deleted":
      return wireError(
        409,
        "ResourceGroupBeingDeleted",
        `The resource group '${fault.name}' is in deprovisioning state and cannot perform this operation.`,
      );
    case "resource-not-found":
      return wireError(
        404,
        "ResourceNotFound",
        `The Resource '${fault.resourceType}/${fault.name}' under resource group '${fault.resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
      );
    case "location-conflict":
      if (fault.objectKind === "resourceGroup") {
        return wireError(
          409,
          "InvalidResourceGroupLocation",
          `Invalid resource group location '${fault.given}'. The Resource group already exists in location '${fault.existing}'.`,
        );
      }
      return wireError(
        409,
        "InvalidResourceLocation",
        `The resource '${fault.name}' already exists in location '${fault.existing}'. A resource with the same name cannot be created in location '${fault.given}'. Please select a new resource name.`,
      );
    case "account-name-taken":
      return wireError(409, "StorageAccountAlreadyTaken", `The storage account named ${fault.name} is already taken.`);
    case "account-name-invalid":
      return wireError(
        400,
        "AccountNameInvalid",
        `${fault.name.slice(0, 64)} is not a valid storage account name. ${accountNameRule}`,
      );
    case "not-implemented":
      return wireError(501, "NotImplemented", `${fault.what} is not implemented in Postern yet; nothing was changed.`);
  }
}

/** The tail of the text with which Azure refuses an account's name. */
export const accountNameRule =
  "Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only.";

/** Azure says only that the condition is invalid; this stands behind it. */
function describeProblem({ kind, character }: ConditionProblem): string {
  return character === null ? kind : `${kind} at character ${character}`;
}

type InvalidFault = Extract<Fault, { kind: "value-invalid" }>;

function describeMissing(objectKind: string, id: string): WireError {
  if (objectKind === "managementGroup") {
    return wireError(404, "NotFound", `'/providers/Microsoft.Management/managementGroups/${id}' not found`);
  }
  if (objectKind === "denyAssignment") {
    return wireError(404, "DenyAssignmentNotFound", `The deny assignment '${undashed(id)}' is not found.`);
  }
  return wireError(404, "NotFound", `The ${objectKind} '${id}' could not be found.`);
}

function describeLimit({ objectKind, limit }: Extract<Fault, { kind: "limit-reached" }>): WireError {
  switch (objectKind) {
    case "roleAssignment":
      return wireError(400, "RoleAssignmentLimitExceeded", "No more role assignments can be created.");
    case "roleDefinition":
      return wireError(400, "RoleDefinitionLimitExceeded", "No more role definitions can be created.");
    case "resourceGroup":
      return wireError(
        409,
        "ResourceGroupQuotaExceeded",
        `No more than ${limit} resource groups can be created in a subscription.`,
      );
    case "storageAccount":
      return wireError(
        409,
        "MaxStorageAccountsCountPerSubscriptionExceeded",
        `Subscription already contains ${limit} storage accounts and the maximum allowed is ${limit}.`,
      );
    default:
      return wireError(400, "BadRequest", `No more than ${limit} are allowed.`);
  }
}

/** What is wrong with a value, in words that fit every property. */
function reasonOf({ property, why, limit, value }: InvalidFault): string {
  const shown = value === undefined ? "" : ` '${value}'`;
  switch (why) {
    case "required":
      return `The property '${property}' is required.`;
    case "too-long":
      return `The property '${property}' is longer than ${limit}.`;
    case "too-many":
      return `The property '${property}' has more than ${limit} items.`;
    case "read-only":
      return `The property '${property}' cannot be changed${value === undefined ? "" : ` to${shown}`}.`;
    case "malformed":
    case "not-allowed":
    case "too-weak":
      return `The value${shown} of the property '${property}' is not valid.`;
  }
}

function describeInvalid(fault: InvalidFault): WireError {
  switch (fault.objectKind) {
    case "roleDefinition":
      return describeInvalidRole(fault);
    case "denyAssignment":
      return wireError(400, "InvalidCreateDenyAssignmentRequest", reasonOf(fault));
    case "roleAssignment":
      return wireError(400, roleAssignmentCodes[fault.property] ?? "BadRequest", reasonOf(fault));
    case "resourceGroup":
      return describeInvalidGroup(fault);
    case "storageAccount":
      return describeInvalidAccount(fault);
    case "managedIdentity":
      return describeInvalidIdentity(fault);
    default:
      return wireError(400, "BadRequest", reasonOf(fault));
  }
}

const roleAssignmentCodes: Readonly<Record<string, string>> = {
  roleDefinitionId: "InvalidRoleDefinitionId",
  principalId: "InvalidPrincipalId",
  principalType: "InvalidPrincipalType",
  description: "RoleAssignmentDescriptionTooLong",
};

function describeInvalidRole(fault: InvalidFault): WireError {
  switch (fault.property) {
    case "roleName":
      return fault.why === "required"
        ? wireError(400, "RoleDefinitionNameNullOrEmpty", "The role definition name must not be null or empty.")
        : wireError(400, "RoleDefinitionNameTooLong", reasonOf(fault));
    case "type":
      return wireError(400, "InvalidRoleDefinitionType", "The type of the role definition must be 'CustomRole'.");
    case "assignableScopes":
      if (fault.why === "required") {
        return wireError(
          400,
          "MissingAssignableScopes",
          "The role definition must have at least one assignable scope.",
        );
      }
      return fault.why === "too-many"
        ? wireError(400, "InvalidAssignableScopes", reasonOf(fault))
        : wireError(
            400,
            "LinkedInvalidPropertyId",
            `Property id '${fault.value ?? ""}' at path 'properties.assignableScopes' is invalid. Expect fully qualified resource Id that start with '/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'.`,
          );
    case "permissions":
      return wireError(400, "MissingRoleDefinitionPermissions", reasonOf(fault));
    case "actions":
    case "notActions":
    case "notDataActions":
      return wireError(400, "InvalidActionOrNotAction", reasonOf(fault));
    case "condition":
      return wireError(
        400,
        "InvalidRoleDefinitionPermissions",
        "The permissions of a custom role cannot have a condition. Add the condition to the role assignment.",
      );
    case "dataActions":
      return fault.why === "not-allowed"
        ? wireError(
            400,
            "ManagementGroupDataActionsNotSupported",
            "You cannot add data action permissions when you have a management group as an assignable scope",
          )
        : wireError(400, "InvalidActionOrNotAction", reasonOf(fault));
    default:
      return wireError(400, "BadRequest", reasonOf(fault));
  }
}

const regionNames = locations.map(({ name }) => name).join(",");

function describeInvalidGroup(fault: InvalidFault): WireError {
  if (fault.property === "location") {
    return fault.why === "required"
      ? wireError(400, "LocationRequired", "The location property is required for this definition.")
      : wireError(
          400,
          "LocationNotAvailableForResourceGroup",
          `The provided location '${fault.value ?? ""}' is not available for resource group. List of available regions is '${regionNames}'.`,
        );
  }
  if (fault.property === "name") {
    return wireError(
      400,
      "InvalidResourceGroup",
      `The provided resource group name '${fault.value?.slice(0, 128) ?? ""}' is not valid. The name can only be a letter, digit, '-', '.', '(', ')' or '_', has at most ${fault.limit} characters and cannot end with '.'.`,
    );
  }
  return wireError(400, fault.property === "tags" ? "InvalidTags" : "BadRequest", reasonOf(fault));
}

function describeInvalidLocation(fault: InvalidFault, resourceType: string): WireError {
  return fault.why === "required"
    ? wireError(400, "LocationRequired", "The location property is required for this definition.")
    : wireError(
        400,
        "LocationNotAvailableForResourceType",
        `The provided location '${fault.value ?? ""}' is not available for resource type '${resourceType}'. List of available regions for the resource type is '${regionNames}'.`,
      );
}

function describeInvalidIdentity(fault: InvalidFault): WireError {
  if (fault.property === "location") return describeInvalidLocation(fault, managedIdentityType);
  if (fault.property === "name") {
    return wireError(
      400,
      "InvalidResourceName",
      `The resource name '${fault.value ?? ""}' is not valid. It has 3 to ${fault.limit} letters, digits, '-' or '_', and starts with a letter or digit.`,
    );
  }
  return wireError(400, fault.property === "tags" ? "InvalidTags" : "BadRequest", reasonOf(fault));
}

function describeInvalidAccount(fault: InvalidFault): WireError {
  if (fault.property === "location") return describeInvalidLocation(fault, storageAccountType);
  if (fault.property === "tags") return wireError(400, "InvalidTags", reasonOf(fault));
  if (fault.why === "read-only") {
    return wireError(
      409,
      "AccountPropertyCannotBeUpdated",
      `The property '${fault.property}' was specified in the input, but it cannot be updated.`,
    );
  }
  return wireError(
    400,
    "InvalidValuesForRequestParameters",
    `Values for request parameters are invalid: ${fault.property}.`,
  );
}
