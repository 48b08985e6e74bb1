/**
 * The first start of a state folder: a tenant, a subscription, and an operator who may do everything, as a person and as an application.
 *
 * The operator's secrets are the only ones the server ever writes in the clear, to a 0600 file that the command line signs in with.
 */
import { bootstrapAuthorization } from "./authorization/bootstrap.ts";
import { bootstrapDirectory } from "./directory/bootstrap.ts";
import { hashPassword } from "./directory/passwords.ts";
import type { SecretKeeper } from "./directory/secrets.ts";
import { bootstrapResources } from "./resources/bootstrap.ts";
import { type Change, systemActor } from "./state/change.ts";
import type { SubscriptionId } from "./state/identifiers.ts";
import type { Ports } from "./state/ports.ts";
import { readIfThere, type StateFolder, writeSecretFile } from "./state-folder.ts";
import type { StateStore } from "./store/state-store.ts";

/** What `operator.json` holds. */
export type OperatorCredentials = {
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly username: string;
  readonly password: string;
};

/** What a first start writes. */
type FirstState = { readonly credentials: OperatorCredentials; readonly changes: readonly Change[] };

/** Lets all processes on one database begin with the same state: the first plan that is brought is everyone's. */
export type Agreement = {
  /** @returns the plan that was brought first, perhaps this one. */
  agree(plan: string): Promise<string>;
  /** @returns undefined when nobody has brought one. */
  recall(): Promise<string | undefined>;
};

/**
 * Makes the cloud's first state, unless there is one.
 *
 * The file is on disk before the commit: a crash between them leaves a file for a cloud that is not there, and the next start writes a new
 * one; the other way round would leave a cloud that nobody can sign in to.
 * @param agreement where other processes may start at the same time: each is given the operator's credentials.
 */
export async function ensureFirstState(
  store: StateStore,
  folder: StateFolder,
  secrets: SecretKeeper,
  ports: Ports,
  agreement?: Agreement,
): Promise<void> {
  if (store.model.tenants.size > 0 && agreement === undefined) return;
  const agreed = await agreement?.recall();
  if (store.model.tenants.size > 0 && agreed === undefined) return;
  const plan = agreed ?? JSON.stringify(await planFirstState(secrets, ports));
  const text = agreed ?? (await agreement?.agree(plan)) ?? plan;
  const { credentials, changes } = JSON.parse(text) as FirstState;
  const isNew = store.model.tenants.size === 0;
  if (isNew || readIfThere(folder.operatorFile) === undefined)
    writeSecretFile(folder.operatorFile, `${JSON.stringify(credentials, null, 2)}\n`);
  if (!isNew) return;
  await store.change(systemActor, "First start", (model) => ({
    changes: model.tenants.size === 0 ? changes : [],
    result: undefined,
  }));
}

async function planFirstState(secrets: SecretKeeper, ports: Ports): Promise<FirstState> {
  const { secretText, hint, secretHash } = secrets.make(ports);
  const password = secrets.make(ports).secretText;
  const directory = bootstrapDirectory({
    guid: () => ports.guid(),
    now: ports.now(),
    operatorPasswordHash: await hashPassword(password, ports),
    operatorSecret: { hint, secretHash },
  });
  const { tenant, operatorUser, operatorApplication, operatorServicePrincipal } = directory;
  const subscriptionId = ports.guid() as SubscriptionId;
  const credentials: OperatorCredentials = {
    tenantId: tenant.tenantId,
    subscriptionId,
    clientId: operatorApplication.appId,
    clientSecret: secretText,
    username: operatorUser.userPrincipalName,
    password,
  };
  const changes = [
    ...directory.changes,
    ...bootstrapResources(tenant.tenantId, subscriptionId, ports.now().toISOString()),
    ...bootstrapAuthorization(
      subscriptionId,
      [
        { principalId: operatorUser.id, principalType: "User" },
        { principalId: operatorServicePrincipal.id, principalType: "ServicePrincipal" },
      ],
      ports,
    ),
  ];
  return { credentials, changes };
}
