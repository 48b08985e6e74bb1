/** A small directory with fixed ids, a clock that stands still and dice that always fall the same, for the tests of tokens and sign-in. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applicationDefaults } from "../directory/application.ts";
import { servicePrincipalDefaults } from "../directory/service-principal.ts";
import { userDefaults } from "../directory/user.ts";
import { type Change, put } from "../state/change.ts";
import type { Application, ServicePrincipal, Tenant, User } from "../state/entities.ts";
import { directoryRoleTemplateIds } from "../state/first-party.ts";
import type {
  AppId,
  ApplicationObjectId,
  Guid,
  ServicePrincipalObjectId,
  TenantId,
  UserObjectId,
} from "../state/identifiers.ts";
import type { Ports } from "../state/ports.ts";
import { ReadModel } from "../state/read-model.ts";

export const sampleTime = new Date("2026-03-01T12:00:00.000Z");

/** A clock tests can set, and bytes that count up from 1 at every call. */
export class SamplePorts implements Ports {
  time = sampleTime;
  #guids = 0;
  #calls = 0;

  now(): Date {
    return this.time;
  }
  guid(): string {
    return `99999999-0000-4000-8000-${String(++this.#guids).padStart(12, "0")}`;
  }
  randomBytes(sizeBytes: number): Buffer {
    return Buffer.alloc(sizeBytes, ++this.#calls);
  }
}

export const ids = {
  tenant: "11111111-1111-4111-8111-111111111111" as TenantId,
  otherTenant: "22222222-2222-4222-8222-222222222222" as TenantId,
  app: "aaaaaaaa-0000-4000-8000-000000000001" as AppId,
  appObject: "aaaaaaaa-0000-4000-8000-000000000002" as ApplicationObjectId,
  appPrincipal: "aaaaaaaa-0000-4000-8000-000000000003" as ServicePrincipalObjectId,
  user: "bbbbbbbb-0000-4000-8000-000000000001" as UserObjectId,
} as const;

export const tenant: Tenant = {
  tenantId: ids.tenant,
  displayName: "Contoso",
  domains: ["contoso.test", "contoso.onmicrosoft.com"],
  createdDateTime: "2026-01-01T00:00:00.000Z",
};

export const application: Application = {
  ...applicationDefaults,
  id: ids.appObject,
  appId: ids.app,
  displayName: "Notes",
  createdDateTime: tenant.createdDateTime,
};

export const servicePrincipal: ServicePrincipal = {
  ...servicePrincipalDefaults,
  id: ids.appPrincipal,
  appId: ids.app,
  displayName: "Notes",
  createdDateTime: tenant.createdDateTime,
  appOwnerOrganizationId: ids.tenant,
};

export const user: User = {
  ...userDefaults,
  id: ids.user,
  userPrincipalName: "Ada@contoso.test",
  displayName: "Ada Lovelace",
  mailNickname: "ada",
  createdDateTime: tenant.createdDateTime,
  givenName: "Ada",
  surname: "Lovelace",
  mail: "ada@contoso.test",
  passwordHash: "scrypt$1$1$1$$",
  signInSessionsValidFromDateTime: tenant.createdDateTime,
};

export const sampleChanges: readonly Change[] = [
  put("tenant", tenant),
  put("application", application),
  put("servicePrincipal", servicePrincipal),
  put("user", user),
  put("directoryRoleAssignment", {
    id: "cccccccc-0000-4000-8000-000000000001" as Guid,
    principalId: ids.user,
    roleTemplateId: directoryRoleTemplateIds.globalAdministrator,
  }),
];

export function makeSampleModel(): ReadModel {
  const model = new ReadModel([]);
  for (const change of sampleChanges) model.apply(change);
  return model;
}

/** Makes a state folder that goes away when the callback has run. */
export async function withStateFolder<Result>(use: (stateDir: string) => Promise<Result>): Promise<Result> {
  const stateDir = await mkdtemp(join(tmpdir(), "postern-tokens-"));
  try {
    return await use(stateDir);
  } finally {
    await rm(stateDir, { recursive: true, force: true });
  }
}
