/**
 * What a new cloud's directory starts with: the tenant, Microsoft's own service principals, and an operator who may do everything, once as a
 * person and once as an application. Pure: ids, time and hashes come in.
 *
 * The operator's subscription and its Owner assignments are made elsewhere, after this.
 */
import { type Change, put } from "../state/change.ts";
import type { Application, ServicePrincipal, Tenant, User } from "../state/entities.ts";
import { directoryRoleTemplateIds, firstPartyAppIds } from "../state/first-party.ts";
import type {
  AppId,
  ApplicationObjectId,
  Guid,
  PrincipalId,
  ServicePrincipalObjectId,
  TenantId,
  UserObjectId,
} from "../state/identifiers.ts";
import { applicationDefaults } from "./application.ts";
import { servicePrincipalDefaults } from "./service-principal.ts";
import { userDefaults } from "./user.ts";

/** The default domain, in which the operator's user name lies, and a second one; `.test` is reserved and never anyone's. */
const tenantDomains = ["postern.onmicrosoft.com", "postern.test"] as const;

/** The end Entra itself writes for credentials that are not to expire: the operator must outlive every restart. */
const neverExpires = "2299-12-30T00:00:00.000Z";

type FirstParty = { readonly appId: AppId; readonly displayName: string; readonly names: readonly string[] };

/** Microsoft's own applications and the resource names tokens are asked by. */
const firstParties: readonly FirstParty[] = [
  {
    appId: firstPartyAppIds.microsoftGraph,
    displayName: "Microsoft Graph",
    names: ["https://graph.microsoft.com/", "https://graph.microsoft.com"],
  },
  {
    appId: firstPartyAppIds.azureResourceManager,
    displayName: "Windows Azure Service Management API",
    names: [
      "https://management.azure.com/",
      "https://management.azure.com",
      "https://management.core.windows.net/",
      "https://management.core.windows.net",
    ],
  },
  {
    appId: firstPartyAppIds.azureStorage,
    displayName: "Azure Storage",
    names: ["https://storage.azure.com/", "https://storage.azure.com"],
  },
  {
    appId: firstPartyAppIds.tokenExchange,
    displayName: "AAD Token Exchange Endpoint",
    names: ["api://AzureADTokenExchange"],
  },
  { appId: firstPartyAppIds.azureCli, displayName: "Microsoft Azure CLI", names: [] },
  { appId: firstPartyAppIds.azurePortal, displayName: "Azure Portal", names: [] },
  { appId: firstPartyAppIds.azurePortalIdentity, displayName: "ADIbizaUX", names: [] },
  { appId: firstPartyAppIds.azurePowerShell, displayName: "Microsoft Azure PowerShell", names: [] },
];

export type DirectoryBootstrap = {
  readonly changes: readonly Change[];
  readonly tenant: Tenant;
  readonly operatorUser: User;
  readonly operatorApplication: Application;
  readonly operatorServicePrincipal: ServicePrincipal;
};

/**
 * Makes the first changes of an empty cloud.
 * @param input `guid` gives a fresh lower-case GUID at each call; `operatorSecret` is what the secret keeper made, without its text.
 */
export function bootstrapDirectory(input: {
  readonly guid: () => string;
  readonly now: Date;
  readonly operatorPasswordHash: string;
  readonly operatorSecret: { readonly hint: string; readonly secretHash: string };
}): DirectoryBootstrap {
  const createdDateTime = input.now.toISOString();
  const tenant: Tenant = {
    tenantId: input.guid() as TenantId,
    displayName: "Postern",
    domains: tenantDomains,
    createdDateTime,
  };
  const operatorUser = makeOperatorUser(input.guid() as UserObjectId, createdDateTime, input.operatorPasswordHash);
  const operatorApplication = makeOperatorApplication(input, createdDateTime);
  const operatorServicePrincipal = makeServicePrincipal(input.guid, createdDateTime, {
    appId: operatorApplication.appId,
    displayName: operatorApplication.displayName,
    appOwnerOrganizationId: tenant.tenantId,
    alternativeServicePrincipalNames: [],
  });
  const changes: Change[] = [put("tenant", tenant)];
  for (const { appId, displayName, names } of firstParties) {
    const row = { appId, displayName, appOwnerOrganizationId: null, alternativeServicePrincipalNames: names };
    changes.push(put("servicePrincipal", makeServicePrincipal(input.guid, createdDateTime, row)));
  }
  changes.push(
    put("user", operatorUser),
    put("application", operatorApplication),
    put("servicePrincipal", operatorServicePrincipal),
    makeGlobalAdministrator(input.guid() as Guid, operatorUser.id),
    makeGlobalAdministrator(input.guid() as Guid, operatorServicePrincipal.id),
  );
  return { changes, tenant, operatorUser, operatorApplication, operatorServicePrincipal };
}

function makeOperatorUser(id: UserObjectId, createdDateTime: string, passwordHash: string): User {
  return {
    ...userDefaults,
    id,
    userPrincipalName: `operator@${tenantDomains[0]}`,
    displayName: "Operator",
    mailNickname: "operator",
    createdDateTime,
    passwordHash,
    signInSessionsValidFromDateTime: createdDateTime,
  };
}

function makeOperatorApplication(
  input: {
    readonly guid: () => string;
    readonly operatorSecret: { readonly hint: string; readonly secretHash: string };
  },
  createdDateTime: string,
): Application {
  return {
    ...applicationDefaults,
    id: input.guid() as ApplicationObjectId,
    appId: input.guid() as AppId,
    displayName: "Postern operator",
    description: "Signs tools of this cloud's operator in; may do everything.",
    createdDateTime,
    passwordCredentials: [
      {
        keyId: input.guid() as Guid,
        displayName: "operator",
        hint: input.operatorSecret.hint,
        startDateTime: createdDateTime,
        endDateTime: neverExpires,
        secretHash: input.operatorSecret.secretHash,
      },
    ],
  };
}

function makeServicePrincipal(
  guid: () => string,
  createdDateTime: string,
  row: Pick<ServicePrincipal, "appId" | "displayName" | "appOwnerOrganizationId" | "alternativeServicePrincipalNames">,
): ServicePrincipal {
  return { ...servicePrincipalDefaults, ...row, id: guid() as ServicePrincipalObjectId, createdDateTime };
}

function makeGlobalAdministrator(id: Guid, principalId: PrincipalId): Change {
  const roleTemplateId = directoryRoleTemplateIds.globalAdministrator;
  return put("directoryRoleAssignment", { id, principalId, roleTemplateId });
}
