/**
 * What a sign-in is, and how it is kept: who it was, what they can get tokens with, and the subscriptions they see.
 *
 * Owns: the end of every `login`. May use: azure/, http/, state/, session.ts.
 */
import { apiVersions } from "../azure/resource-manager.ts";
import type { Context } from "../command/command.ts";
import { failure } from "../faults.ts";
import type { Json } from "../http/service-client.ts";
import type { StoredCredential } from "../http/stored-credential.ts";
import { type CloudAccess, makeSession, type Session } from "../session.ts";
import { type Account, type AccountUser, addAccounts, readAccounts, writeAccounts } from "../state/accounts.ts";
import { parseRecord } from "../state/private-file.ts";

export interface SignIn {
  readonly credential: StoredCredential;
  readonly user: AccountUser;
  readonly tenantId: string;
}

/** az shows a tenant without subscriptions as this. */
const TENANT_LEVEL_NAME = "N/A(tenant level account)";

/** Finds the subscriptions of a sign-in and keeps it for later commands. @throws CliFault in az's words when there are none. */
export async function keepSignIn(
  _context: Context,
  access: CloudAccess,
  signIn: SignIn,
  canBeWithout: boolean,
): Promise<{ readonly found: readonly Account[] }> {
  const known = await readAccounts(access.paths, access.cloud);
  const seen = await listSubscriptions(access, signIn);
  if (seen.length === 0 && !canBeWithout) {
    throw failure(
      signIn.credential.kind === "managed-identity"
        ? "No access was configured for the managed identity, hence no subscriptions were found. " +
            "If this is expected, use '--allow-no-subscriptions' to have tenant level access."
        : `No subscriptions found for ${signIn.user.name}.`,
    );
  }
  const found = seen.length > 0 ? seen : [tenantAccount(signIn)];
  const accounts = addAccounts(known, found, signIn.credential);
  await writeAccounts(access.paths, access.cloud, accounts);
  const ids = new Set(found.map(({ id }) => id));
  return { found: accounts.accounts.filter(({ id }) => ids.has(id)) };
}

async function listSubscriptions(access: CloudAccess, { credential, user, tenantId }: SignIn): Promise<Account[]> {
  const session = makeSession(access, { accounts: [], credentials: {} }, { tenantId, user }, credential);
  const found = await session.resourceManager.list(`/subscriptions?api-version=${apiVersions.subscriptions}`);
  const tenant = user.type === "user" ? await findTenant(session, tenantId) : {};
  return found.map((subscription) => ({ ...toAccount(subscription, user, tenantId), ...tenant }));
}

/** A tenant's names, as az shows them to people. @see https://learn.microsoft.com/rest/api/resources/tenants/list */
async function findTenant({ resourceManager }: Session, tenantId: string): Promise<Partial<Account>> {
  const tenants = await resourceManager.list(`/tenants?api-version=${apiVersions.subscriptions}`);
  const { defaultDomain, displayName } = tenants.find((tenant) => tenant.tenantId === tenantId) ?? {};
  return {
    ...(typeof defaultDomain === "string" && { tenantDefaultDomain: defaultDomain }),
    ...(typeof displayName === "string" && { tenantDisplayName: displayName }),
  };
}

function toAccount(subscription: Json, user: AccountUser, tenantId: string): Account {
  return {
    id: String(subscription.subscriptionId),
    name: String(subscription.displayName),
    state: String(subscription.state ?? "Enabled"),
    user,
    isDefault: false,
    tenantId,
    homeTenantId: String(subscription.homeTenantId ?? subscription.tenantId ?? tenantId),
    managedByTenants: Array.isArray(subscription.managedByTenants) ? subscription.managedByTenants : [],
  };
}

function tenantAccount({ user, tenantId }: SignIn): Account {
  return { id: tenantId, name: TENANT_LEVEL_NAME, state: "Enabled", user, isDefault: false, tenantId };
}

/** What a token says; it is not checked here, for it came from who made it. */
export function readClaims(token: string): Json {
  const [, payload = ""] = token.split(".");
  return parseRecord(Buffer.from(payload, "base64url").toString("utf8")) ?? {};
}
