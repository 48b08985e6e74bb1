/** The tenant as Graph shows it, whole and by domain. @see https://learn.microsoft.com/graph/api/resources/organization */
import type { Tenant } from "../state/entities.ts";
import { always, type ResourceType, renderTime } from "./resource-type.ts";

export const organizationType: ResourceType<Tenant> = {
  name: "organization",
  set: "organization",
  title: "Organization",
  keyOf: (row) => row.tenantId,
  properties: [
    { name: "id", read: (row) => row.tenantId },
    always("deletedDateTime", null),
    always("businessPhones", []),
    always("city", null),
    always("country", null),
    always("countryLetterCode", null),
    { name: "createdDateTime", read: (row) => renderTime(row.createdDateTime, false) },
    always("defaultUsageLocation", null),
    { name: "displayName", read: (row) => row.displayName },
    always("isMultipleDataLocationsForServicesEnabled", null),
    always("marketingNotificationEmails", []),
    always("onPremisesLastSyncDateTime", null),
    always("onPremisesSyncEnabled", null),
    always("partnerTenantType", null),
    always("postalCode", null),
    always("preferredLanguage", "en"),
    always("securityComplianceNotificationMails", []),
    always("securityComplianceNotificationPhones", []),
    always("state", null),
    always("street", null),
    always("technicalNotificationMails", []),
    always("tenantType", "AAD"),
    always("assignedPlans", []),
    always("privacyProfile", null),
    always("provisionedPlans", []),
    { name: "verifiedDomains", read: (row) => row.domains.map((name) => renderVerifiedDomain(row, name)) },
  ],
  filters: {},
  indexes: {},
};

function renderVerifiedDomain(tenant: Tenant, name: string): Readonly<Record<string, unknown>> {
  return {
    capabilities: "",
    isDefault: name === tenant.domains[0],
    isInitial: name.endsWith(".onmicrosoft.com"),
    name,
    type: "Managed",
  };
}

export type Domain = { readonly name: string; readonly isDefault: boolean };

/** @see https://learn.microsoft.com/graph/api/resources/domain */
export const domainType: ResourceType<Domain> = {
  name: "domain",
  set: "domains",
  title: "Domain",
  keyOf: (row) => row.name,
  properties: [
    always("authenticationType", "Managed"),
    always("availabilityStatus", null),
    { name: "id", read: (row) => row.name },
    always("isAdminManaged", true),
    { name: "isDefault", read: (row) => row.isDefault },
    { name: "isInitial", read: (row) => row.name.endsWith(".onmicrosoft.com") },
    always("isRoot", true),
    always("isVerified", true),
    always("supportedServices", []),
    always("passwordValidityPeriodInDays", null),
    always("passwordNotificationWindowInDays", null),
    always("state", null),
  ],
  filters: {},
  indexes: {},
};

export function domainsOf(tenant: Tenant): readonly Domain[] {
  return tenant.domains.map((name) => ({ name, isDefault: name === tenant.domains[0] }));
}
