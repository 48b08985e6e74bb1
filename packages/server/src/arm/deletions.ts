/**
 * Deletions that take time: a storage account with its blobs, a resource group with its accounts.
 *
 * Each first commits a mark (in the rules), then has the data removed, then commits the end. The mark is in the store, so that a process
 * that was killed in between goes on with it at its next start. One of a kind at a time: a second request joins the first, because a
 * late second removal could hit a new account of the same name.
 */
import type { Cloud } from "../cloud.ts";
import { finishGroupDeletion } from "../resources/resource-groups.ts";
import { finishAccountDeletion } from "../resources/storage-account-deletion.ts";
import { type Actor, systemActor } from "../state/change.ts";
import { type ResourceGroup, resourceGroupKey } from "../state/entities.ts";

export type DataRemoval = (accountName: string) => Promise<void>;

export class Deletions {
  readonly #cloud: Cloud;
  readonly #removeData: DataRemoval;
  readonly #running = new Map<string, Promise<void>>();

  /** @param removeData removes an account's blobs; may be asked twice for the same account, also after a crash. */
  constructor(cloud: Cloud, removeData: DataRemoval) {
    this.#cloud = cloud;
    this.#removeData = removeData;
  }

  /** Ends the deletion of an account that is marked. */
  deleteAccount(name: string, actor: Actor): Promise<void> {
    return this.#once(`account ${name}`, async () => {
      await this.#removeData(name);
      await this.#cloud.store.change(actor, "Delete storage account", (model) => ({
        changes: finishAccountDeletion(model, name),
        result: undefined,
      }));
    });
  }

  /** Ends the deletion of a group that is marked. */
  deleteGroup({ subscriptionId, name }: ResourceGroup, actor: Actor): Promise<void> {
    const key = resourceGroupKey(subscriptionId, name);
    return this.#once(`group ${key}`, async () => {
      for (const account of this.#cloud.model.storageAccounts.find("resourceGroup", key)) {
        await this.deleteAccount(account.name, actor);
      }
      await this.#cloud.store.change(actor, "Delete resource group", (model) => ({
        changes: finishGroupDeletion(model, subscriptionId, name),
        result: undefined,
      }));
    });
  }

  /** Takes up what an earlier process left marked. */
  async resume(): Promise<void> {
    const { model } = this.#cloud;
    const groups = [...model.resourceGroups.values()].filter((group) => group.provisioningState === "Deleting");
    for (const group of groups) await this.deleteGroup(group, systemActor);
    const accounts = [...model.storageAccounts.values()].filter((account) => account.provisioningState === "Deleting");
    for (const account of accounts) await this.deleteAccount(account.name, systemActor);
  }

  #once(key: string, work: () => Promise<void>): Promise<void> {
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const started = work().finally(() => this.#running.delete(key));
    this.#running.set(key, started);
    return started;
  }
}
