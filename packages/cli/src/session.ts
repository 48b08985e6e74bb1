/**
 * A cloud and the way into it as whoever is signed in: what the az-compatible commands stand on. May use: state/, http/, clouds.ts.
 */
import { type CloudEndpoints, LOCAL_CLOUD, localCloud } from "./clouds.ts";
import type { Context } from "./command/command.ts";
import { failure } from "./faults.ts";
import { ServiceClient } from "./http/service-client.ts";
import type { StoredCredential } from "./http/stored-credential.ts";
import { FileTokenCache } from "./http/token-cache.ts";
import { TokenSource } from "./http/tokens.ts";
import {
  createStreamTransport,
  createTransport,
  type StreamTransport,
  type Transport,
  type TransportOptions,
} from "./http/transport.ts";
import {
  type Account,
  type Accounts,
  type AccountUser,
  credentialKey,
  credentialOf,
  readAccounts,
  writeAccounts,
} from "./state/accounts.ts";
import { findCloud, readCloudChoice } from "./state/cloud-choice.ts";
import { type Operator, readOperator } from "./state/operator.ts";
import { type StatePaths, statePathsOf } from "./state/paths.ts";
import { findRunning, requireRunning, type Status } from "./state/status.ts";

/** Who commands are run as. */
export interface Identity {
  readonly tenantId: string;
  readonly user: AccountUser;
}

/** A cloud, and how to send it anything; nobody is signed in yet. */
export interface CloudAccess {
  readonly paths: StatePaths;
  /** The name it is chosen by: `Postern` for the one on this machine. */
  readonly cloud: string;
  readonly endpoints: CloudEndpoints;
  readonly transport: Transport;
  /** Makes the one for bodies too large to hold; most commands have none. */
  readonly openStreams: () => StreamTransport;
  /** undefined for a cloud that is not on this machine. */
  readonly local: { readonly status: Status; readonly operator: Operator } | undefined;
}

export interface Session extends CloudAccess {
  /** @throws CliFault (failure) in a cloud that is not on this machine; and so does `operator`. */
  readonly status: Status;
  readonly operator: Operator;
  readonly identity: Identity;
  readonly accounts: Accounts;
  readonly tokens: TokenSource;
  readonly graph: ServiceClient;
  readonly resourceManager: ServiceClient;
}

/** az's words for nobody being signed in. */
const LOGIN_MESSAGE = "Please run 'postern login' to setup account.";

/** Finds the cloud that is meant: `--cloud`, else the one chosen by `cloud set`, else the one on this machine. @throws CliFault when that one does not run. */
export async function openCloud(context: Context): Promise<CloudAccess> {
  const paths = statePathsOf(context);
  const choice = await readCloudChoice(paths);
  const name = context.globals.cloud ?? choice.active ?? LOCAL_CLOUD;
  const userAgent = `postern/${context.version}`;
  if (name.toLowerCase() === LOCAL_CLOUD.toLowerCase()) {
    const status = await requireRunning(paths);
    const options = { notes: context.notes, userAgent, ...trustIn(status) };
    const local = { status, operator: await readOperator(paths) };
    const endpoints = localCloud(status.baseUrl);
    return { paths, cloud: LOCAL_CLOUD, endpoints, ...transportsOf(options), local };
  }
  const endpoints = findCloud(choice, name);
  if (endpoints === undefined) throw failure(`The cloud '${name}' is not registered.`);
  const trust = (await trustOf(paths, endpoints.resourceManager)) ?? { proxyEnvironment: context.env };
  const options = { notes: context.notes, userAgent, ...trust };
  return { paths, cloud: endpoints.name, endpoints, ...transportsOf(options), local: undefined };
}

function trustIn({ baseUrl, caBundle, localDoor: socketPath }: Status) {
  return { caBundle, localDoor: socketPath === undefined ? undefined : { origin: baseUrl, socketPath } };
}

/** How an address is reached that is the cloud on this machine by another name; undefined for any other. */
export async function trustOf(paths: StatePaths, origin: string): Promise<ReturnType<typeof trustIn> | undefined> {
  const status = await findRunning(paths);
  return status?.baseUrl === origin ? trustIn(status) : undefined;
}

function transportsOf(options: TransportOptions) {
  return { transport: createTransport(options), openStreams: () => createStreamTransport(options) };
}

/** Opens a cloud as whoever is signed in to it. Nothing is sent yet. @throws CliFault when the cloud does not run, or nobody is signed in. */
export async function openSession(context: Context): Promise<Session> {
  const access = await openCloud(context);
  const accounts = await readAccounts(access.paths, access.cloud);
  const { identity, credential } = chooseIdentity(access, accounts, context.globals.subscription);
  const keepRefreshToken =
    credential.kind === "refresh-token"
      ? (refreshToken: string) => replaceRefreshToken(access, identity.user, refreshToken)
      : undefined;
  return makeSession(access, accounts, identity, credential, keepRefreshToken);
}

/** A session as somebody who may not be signed in for later commands. */
export function makeSession(
  access: CloudAccess,
  accounts: Accounts,
  identity: Identity,
  credential: StoredCredential,
  keepRefreshToken?: (refreshToken: string) => Promise<void>,
): Session {
  const { endpoints, transport, paths, local } = access;
  const now = () => Date.now();
  const cache = new FileTokenCache(paths.tokenCache, now);
  const tokens = new TokenSource({
    transport,
    authority: endpoints.authority,
    credential,
    cache,
    now,
    keepRefreshToken,
  });
  const graph = new ServiceClient({
    service: "graph",
    transport,
    tokens,
    audience: endpoints.graphAudience,
    endpoint: endpoints.graph,
    publicOrigin: endpoints.graphOrigin,
  });
  const resourceManager = new ServiceClient({
    service: "resource-manager",
    transport,
    tokens,
    audience: endpoints.resourceManagerAudience,
    endpoint: endpoints.resourceManager,
    publicOrigin: endpoints.resourceManagerOrigin,
  });
  return {
    ...access,
    identity,
    accounts,
    tokens,
    graph,
    resourceManager,
    get status() {
      return requireLocal(local).status;
    },
    get operator() {
      return requireLocal(local).operator;
    },
  };
}

function requireLocal(local: CloudAccess["local"]): { readonly status: Status; readonly operator: Operator } {
  if (local !== undefined) return local;
  throw failure(
    "Only the cloud on this machine has that.",
    "Leave out --cloud, or go back to it with: postern cloud set --name Postern",
  );
}

function chooseIdentity(access: CloudAccess, accounts: Accounts, wanted: string | undefined) {
  const account = findAccount(accounts, wanted) ?? findAccount(accounts, undefined);
  const credential = account === undefined ? undefined : credentialOf(accounts, account);
  if (account !== undefined && credential !== undefined) {
    return { identity: { tenantId: account.tenantId, user: account.user }, credential };
  }
  if (access.local === undefined) throw failure(LOGIN_MESSAGE, `Sign in with: postern login --cloud ${access.cloud}`);
  const { tenantId, clientId, clientSecret } = access.local.operator;
  const identity: Identity = { tenantId, user: { name: clientId, type: "servicePrincipal" } };
  return { identity, credential: { kind: "secret", tenantId, clientId, clientSecret } as const };
}

/** @param wanted an ID or a name; undefined for the default. */
export function findAccount({ accounts }: Accounts, wanted: string | undefined): Account | undefined {
  if (wanted === undefined) return accounts.find(({ isDefault }) => isDefault);
  return accounts.find(({ id, name }) => [id, name].some((one) => one.toLowerCase() === wanted.toLowerCase()));
}

async function replaceRefreshToken(
  { paths, cloud }: CloudAccess,
  user: AccountUser,
  refreshToken: string,
): Promise<void> {
  // Read again: another command may have signed somebody else in since.
  const accounts = await readAccounts(paths, cloud);
  const known = accounts.credentials[credentialKey(user)];
  if (known?.kind !== "refresh-token" || known.refreshToken === refreshToken) return;
  const credentials = { ...accounts.credentials, [credentialKey(user)]: { ...known, refreshToken } };
  await writeAccounts(paths, cloud, { ...accounts, credentials });
}

/** The subscription commands work in: the one named by `--subscription` (ID or name), else the default. @throws CliFault in az's words. */
export async function findSubscriptionId(context: Context, session: Session): Promise<string> {
  const wanted = context.globals.subscription;
  const signedIn = findAccount(session.accounts, wanted);
  if (signedIn !== undefined) return signedIn.id;
  if (session.accounts.accounts.length > 0) {
    if (wanted === undefined)
      throw failure("No subscription found. Run 'postern account set' to select a subscription.");
    throw unknownSubscription(context, wanted);
  }
  if (wanted === undefined) return session.status.subscriptionId;
  const subscriptions = await session.resourceManager.list("/subscriptions?api-version=2022-12-01");
  const match = subscriptions.find(({ subscriptionId, displayName }) =>
    [subscriptionId, displayName].some((name) => String(name).toLowerCase() === wanted.toLowerCase()),
  );
  if (match === undefined) throw unknownSubscription(context, wanted);
  return String(match.subscriptionId);
}

/**
 * The subscription of a scope, as az takes it: of a scope in a subscription that one, which has to be known; of any other the one in use.
 * @throws CliFault in az's words when nobody here is signed in to it.
 */
export async function findScopeSubscriptionId(
  context: Context,
  session: Session,
  scope: string | undefined,
): Promise<string> {
  // The subscription's own scope is the service's to judge, as in az.
  const named = /^\/subscriptions\/([^/]+)\//i.exec(scope ?? "")?.[1];
  if (named === undefined || named.toLowerCase() === session.local?.status.subscriptionId.toLowerCase()) {
    return named ?? findSubscriptionId(context, session);
  }
  return findNamedSubscriptionId(context, session, named);
}

/** The subscription of an ID or a name; az does not warn here before it refuses. */
export function findNamedSubscriptionId(
  context: Context,
  session: Session,
  wanted: string | undefined,
): Promise<string> {
  const { notes, globals } = context;
  const quiet = Object.assign(Object.create(notes) as typeof notes, { warn: () => {} });
  return findSubscriptionId({ ...context, notes: quiet, globals: { ...globals, subscription: wanted } }, session);
}

function unknownSubscription({ notes }: Context, wanted: string): Error {
  notes.warn(`Subscription '${wanted}' not recognized.`);
  return failure(`Subscription '${wanted}' not found. Check the spelling and casing and try again.`);
}
