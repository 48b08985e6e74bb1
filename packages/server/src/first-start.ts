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
import { systemActor } from "./state/change.ts";
import type { SubscriptionId } from "./state/identifiers.ts";
import type { Ports } from "./state/ports.ts";
import { type StateFolder, writeSecretFile } from "./state-folder.ts";
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

/**
 * Makes the cloud's first state, unless there is one.
 *
 * The file is on disk before the commit: a crash between them leaves a file for a cloud that is not there, and the next start writes a new
 * one; the other way round would leave a cloud that nobody can sign in to.
 */
export async function ensureFirstState(
  store: StateStore,
  folder: StateFolder,
  secrets: SecretKeeper,
  ports: Ports,
): Promise<void> {
  if (store.model.tenants.size > 0) return;
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
  writeSecretFile(folder.operatorFile, `${JSON.stringify(credentials, null, 2)}\n`);
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
  await store.change(systemActor, "First start", () => ({ changes, result: undefined }));
}
