/** Lets Resource Manager manage the blob engine's containers: the one place where the two surfaces' worlds meet. */
import type { ContainerInfo, ContainerPort, PublicAccess } from "./arm/container-port.ts";
import { logsContainer } from "./blob/analytics/log-blobs.ts";
import type { BlobStore } from "./blob/engine/blob-store.ts";
import { BlobRefusal, type ContainerAccess, type ContainerRecord } from "./blob/engine/model.ts";
import { hasKeptBlob } from "./blob/kept-blobs.ts";

/** Containers read from the engine at once; our choice, of the size of a page of List Containers. */
const pageSize = 1000;

const levels = { blob: "Blob", container: "Container" } as const;

function describe({ name, etag, modifiedMs, metadata, access, state }: ContainerRecord): ContainerInfo {
  return {
    name,
    etag,
    lastModified: new Date(modifiedMs).toISOString(),
    metadata: Object.fromEntries(metadata),
    publicAccess: access.publicAccess === null ? "None" : levels[access.publicAccess],
    defaultScope: state.defaultScope ?? null,
    isScopeFixed: state.isScopeFixed === true,
  };
}

function accessOf(level: PublicAccess): ContainerAccess["publicAccess"] {
  return level === "None" ? null : level === "Blob" ? "blob" : "container";
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
  async function* walk(account: string): AsyncGenerator<ContainerRecord> {
    for (let from: string | undefined = ""; from !== undefined; ) {
      const slice: Awaited<ReturnType<BlobStore["listContainers"]>> = await engine.listContainers(
        account,
        "",
        from,
        pageSize,
      );
      yield* slice.items;
      from = slice.next;
    }
  }
  return {
    async list(account) {
      const found: ContainerInfo[] = [];
      // Resource Manager does not speak of the container of logs, which nobody may change.
      for await (const record of walk(account)) if (record.name !== logsContainer) found.push(describe(record));
      return found;
    },
    async get(account, container) {
      return find(account, container);
    },
    async create(account, container, { metadata, publicAccess, defaultScope, isScopeFixed }) {
      let isNew = true;
      try {
        await engine.createContainer(
          { account, container },
          Object.entries(metadata),
          { publicAccess: accessOf(publicAccess), policies: [] },
          { ...(defaultScope === null ? {} : { defaultScope }), ...(isScopeFixed ? { isScopeFixed } : {}) },
        );
      } catch (cause) {
        if (!isRefusal(cause, "container-exists")) throw cause;
        isNew = false;
      }
      const made = await find(account, container);
      if (made === undefined) throw new Error("the container was deleted at once");
      return { container: made, isNew };
    },
    async update(account, container, { metadata, publicAccess }) {
      const name = { account, container };
      const before = await engine.findContainer(name);
      if (before === undefined) return undefined;
      if (metadata !== undefined) await engine.setContainerMetadata(name, Object.entries(metadata));
      if (publicAccess !== undefined) {
        await engine.setContainerAccess(name, { ...before.record.access, publicAccess: accessOf(publicAccess) });
      }
      return find(account, container);
    },
    async delete(account, container, keptDays, hasKeptBlobs) {
      try {
        if (hasKeptBlobs && (await hasKeptBlob(engine, { account, container }))) return "kept";
        await engine.deleteContainer({ account, container }, {}, keptDays);
        return true;
      } catch (cause) {
        if (isRefusal(cause, "container-not-found")) return false;
        if (isRefusal(cause, "lease")) return "leased";
        throw cause;
      }
    },
    async hasKeptBlobs(account) {
      for await (const { name } of walk(account))
        if (await hasKeptBlob(engine, { account, container: name })) return true;
      return false;
    },
  };
}
