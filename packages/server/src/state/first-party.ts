/**
 * Microsoft's own applications that clients name by a fixed appId, and the built-in directory roles this cloud knows.
 * @see https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in
 * @see https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
 */
import type { AppId, Guid } from "./identifiers.ts";

export const firstPartyAppIds = {
  /** Public client: password, refresh token, device code and authorization code grants, no secret. */
  azureCli: "04b07795-8ddb-461a-bbee-02f9e1bf7b46" as AppId,
  azurePowerShell: "1950a258-227b-4e31-a9cf-717495945fc2" as AppId,
  microsoftGraph: "00000003-0000-0000-c000-000000000000" as AppId,
  azureStorage: "e406a681-f3d4-42a8-90b6-c2b029497af1" as AppId,
  azureResourceManager: "797f4846-ba00-4fd7-ba43-dac1f8f63013" as AppId,
  /** The portal: a page of this server's own, `/portal`, that signs people in as any single-page app does. */
  azurePortal: "c44b4083-3bb0-49c1-b47d-974e53cbdf3c" as AppId,
  /** The Azure portal's service for consents (`ADIbizaUX`), which `az ad app permission admin-consent` asks. */
  azurePortalIdentity: "74658136-14ec-4630-ad9b-26e160ff0fc6" as AppId,
  /** What a managed identity asks a token for to sign an application in with it (`AAD Token Exchange Endpoint`). */
  tokenExchange: "fb60f99c-7a34-4190-8149-302f77469936" as AppId,
} as const;

export const directoryRoleTemplateIds = {
  globalAdministrator: "62e90394-69f5-4237-9190-012177145e10" as Guid,
  applicationAdministrator: "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3" as Guid,
  cloudApplicationAdministrator: "158c047a-c907-4556-b7ef-446551a6b5f7" as Guid,
  directoryReaders: "88d8e3e3-8f55-4a1e-953a-9b9898b8876b" as Guid,
  privilegedRoleAdministrator: "e8611ab8-c189-46e8-94e1-60213ab1f814" as Guid,
  userAdministrator: "fe930be7-5e62-47db-91af-98c3a49a38b1" as Guid,
  helpdeskAdministrator: "729827e3-9c14-49f7-bb1b-9608f156bbb8" as Guid,
  passwordAdministrator: "966707d0-3269-4727-9be2-8c3a10f19b9d" as Guid,
  groupsAdministrator: "fdd7a751-b60b-444a-984c-02652fe8fa1c" as Guid,
  applicationDeveloper: "cf1c38e5-3621-4004-a7cb-879624dced7c" as Guid,
  globalReader: "f2ef992c-3afb-46b9-b7cf-a126ee74c451" as Guid,
  securityReader: "5d6b6bb7-de71-4623-b4af-96380a352509" as Guid,
  reportsReader: "4a5d8f65-41da-4de4-8968-e035b65339cf" as Guid,
} as const;
