/** Accounts with blobs that a policy or a hold keeps. */
import type { StorageAccount } from "../state/entities.ts";
import type { ArmContext } from "./context.ts";
import { refuseArm } from "./fault.ts";

/** What may not be deleted by itself does not go with its account either. @throws ArmRefusal `account-kept` */
export async function refuseKeptBlobs(
  { containers }: Pick<ArmContext["services"], "containers">,
  accounts: Iterable<StorageAccount>,
): Promise<void> {
  for (const { name, hasKeptBlobs } of accounts) {
    if (hasKeptBlobs === true && (await containers?.hasKeptBlobs(name)) === true)
      refuseArm({ kind: "account-kept", name });
  }
}
