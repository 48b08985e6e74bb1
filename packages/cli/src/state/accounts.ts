/**
 * Who is signed in, and to which subscriptions, as `login` left it: one file (0600) a cloud. May use: this folder, http/, for the kinds.
 *
 * Without the file the cloud on this machine is used as its operator; another cloud by nobody.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { StoredCredential } from "../http/stored-credential.ts";
import type { StatePaths } from "./paths.ts";
import { parseRecord, readTextIfAny, writePrivateFile } from "./private-file.ts";

export interface AccountUser {
  readonly name: string;
  readonly type: "user" | "servicePrincipal";
  readonly assignedIdentityInfo?: string;
}

/** A subscription someone is signed in to; the members are those of az's `account list`. */
export interface Account {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly tenantId: string;
  readonly homeTenantId?: string;
  /** Of people, whose tenants are asked for; an app has one. */
  readonly tenantDefaultDomain?: string;
  readonly tenantDisplayName?: string;
  readonly managedByTenants?: readonly unknown[];
  readonly user: AccountUser;
  readonly isDefault: boolean;
}

export interface Accounts {
  readonly accounts: readonly Account[];
  /** By the user's name, in small letters. */
  readonly credentials: Readonly<Record<string, StoredCredential>>;
}

const none: Accounts = { accounts: [], credentials: {} };

function fileOf(paths: StatePaths, cloud: string): string {
  return join(paths.clients, "postern", `accounts-${cloud.replace(/[^\w.-]/g, "_")}.json`);
}

export async function readAccounts(paths: StatePaths, cloud: string): Promise<Accounts> {
  const text = await readTextIfAny(fileOf(paths, cloud));
  const record = text === undefined ? undefined : parseRecord(text);
  return Array.isArray(record?.accounts) ? (record as unknown as Accounts) : none;
}

export async function writeAccounts(paths: StatePaths, cloud: string, accounts: Accounts): Promise<void> {
  const file = fileOf(paths, cloud);
  if (accounts.accounts.length === 0) await rm(file, { force: true });
  else await writePrivateFile(file, `${JSON.stringify(accounts, null, 2)}\n`);
}

/** The credential a subscription is used with. */
export function credentialOf({ credentials }: Accounts, { user }: Account): StoredCredential | undefined {
  return credentials[credentialKey(user)];
}

export function credentialKey({ name, assignedIdentityInfo = "" }: AccountUser): string {
  return `${name}${assignedIdentityInfo}`.toLowerCase();
}

/** Adds what a new sign-in sees; one of its subscriptions becomes the default, the one that was it if it is among them. */
export function addAccounts(known: Accounts, added: readonly Account[], credential: StoredCredential): Accounts {
  const ids = new Set(added.map(({ id }) => id));
  const before = known.accounts.find(({ isDefault }) => isDefault)?.id;
  const chosen = before !== undefined && ids.has(before) ? before : added[0]?.id;
  const accounts = [...known.accounts.filter(({ id }) => !ids.has(id)), ...added].map((account) => ({
    ...account,
    isDefault: account.id === chosen,
  }));
  const keys = added.map(({ user }) => [credentialKey(user), credential] as const);
  return { accounts, credentials: { ...known.credentials, ...Object.fromEntries(keys) } };
}

/** Removes all of a user's. */
export function removeUser({ accounts, credentials }: Accounts, name: string): Accounts {
  const wanted = name.toLowerCase();
  const left = accounts.filter(({ user }) => user.name.toLowerCase() !== wanted);
  const keys = new Set(left.map(({ user }) => credentialKey(user)));
  const hasDefault = left.some(({ isDefault }) => isDefault);
  return {
    accounts: left.map((account, index) => (hasDefault ? account : { ...account, isDefault: index === 0 })),
    credentials: Object.fromEntries(Object.entries(credentials).filter(([key]) => keys.has(key))),
  };
}
