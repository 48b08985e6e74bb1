/** Lets Resource Manager manage the blob engine's containers: the one place where the two surfaces' worlds meet. */
import type { ContainerInfo, ContainerPort } from "./arm/container-port.ts";
import type { BlobStore } from "./blob/engine/blob-store.ts";
import { BlobRefusal, type ContainerRecord } from "./blob/engine/model.ts";

/** Containers read from the engine at once; our choice, of the size of a page of List Containers. */
const pageSize = 1000;

function describe({ name, etag, modifiedMs, metadata }: ContainerRecord): ContainerInfo {
  return { name, etag, lastModified: new Date(modifiedMs).toISOString(), metadata: Object.fromEntries(metadata) };
}

/** Whether the engine refused for this reason. */
function isRefusal(cause: unknown, kind: "container-exists" | "container-not-found" | "lease"): boolean {
  return cause instanceof BlobRefusal && cause.fault.kind === kind;
}

export function containersOf(engine: BlobStore): ContainerPort {
  const find = async (account: string, container: string): Promise<ContainerInfo | undefined> => {
    const [first] = (await engine.listContainers(account, container, container, 1)).items;
    return first?.name === container ? describe(first) : undefined;
  };
  return {
    async list(account) {
      const found: ContainerInfo[] = [];
      for (let from: string | undefined = ""; from !== undefined; ) {
        const { items, next }: Awaited<ReturnType<BlobStore["listContainers"]>> = await engine.listContainers(
          account,
          "",
          from,
          pageSize,
        );
        found.push(...items.map(describe));
        from = next;
      }
      return found;
    },
    async get(account, container) {
      return find(account, container);
    },
    async create(account, container, metadata) {
      let isNew = true;
      try {
        await engine.createContainer({ account, container }, Object.entries(metadata));
      } catch (cause) {
        if (!isRefusal(cause, "container-exists")) throw cause;
        isNew = false;
      }
      const made = await find(account, container);
      if (made === undefined) throw new Error("the container was deleted at once");
      return { container: made, isNew };
    },
    async delete(account, container, keptDays) {
      try {
        await engine.deleteContainer({ account, container }, {}, keptDays);
        return true;
      } catch (cause) {
        if (isRefusal(cause, "container-not-found")) return false;
        if (isRefusal(cause, "lease")) return "leased";
        throw cause;
      }
    },
  };
}
