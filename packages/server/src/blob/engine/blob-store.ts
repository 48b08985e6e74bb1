/**
 * What the surface asks of blob storage, wherever its rows are. Answers about rows may be there at once, as with the file beside the process, or take their
 * time, as with a database elsewhere: whoever asks awaits them.
 */
import type { BodySource, Digests, StoredBody } from "./body-writer.ts";
import type { Compaction } from "./compactor.ts";
import type { BlobView, EngineWrites } from "./engine-writes.ts";
import type { BlobListing, ListedItem, Slice } from "./listing-walk.ts";
import type { BlockRecord, ContainerKey } from "./metadata-reader.ts";
import type { BlobMoment, BlobRecord, ContainerName, ContainerRecord, DeletedContainer } from "./model.ts";
import type { TagComparison } from "./tag-expression.ts";
import type { FoundBlobs, TagPosition } from "./tag-finder.ts";

export type Awaitable<Value> = Value | Promise<Value>;

/** See the members of the same names in engine.ts. */
export interface BlobStore extends Pick<EngineWrites, keyof EngineWrites> {
  readonly nowMs: number;
  readonly changeMark: number | undefined;
  sweep(): Promise<void>;
  compact(): Promise<Compaction>;
  holdExtents<Result>(work: () => Promise<Result>): Promise<Result>;
  findContainer(name: ContainerName): Awaitable<ContainerKey | undefined>;
  listContainers(account: string, prefix: string, from: string, limit: number): Awaitable<Slice<ContainerRecord>>;
  listAllContainers(
    account: string,
    prefix: string,
    from: string,
    limit: number,
  ): Awaitable<Slice<ContainerRecord | DeletedContainer>>;
  findBlob(container: ContainerKey, blob: string, moment?: BlobMoment): Awaitable<BlobRecord | undefined>;
  openBlob(container: ContainerKey, blob: string, moment?: BlobMoment): Awaitable<BlobView | undefined>;
  findByTags(
    container: ContainerKey,
    comparisons: readonly TagComparison[],
    from: TagPosition | undefined,
    limit: number,
  ): Awaitable<FoundBlobs>;
  listBlobs(container: ContainerKey, listing: BlobListing): Awaitable<Slice<ListedItem>>;
  hasUncommittedBlocks(container: ContainerKey, blob: string): Awaitable<boolean>;
  uncommittedBlocks(
    container: ContainerKey,
    blob: string,
    after: string,
    limit: number,
  ): Awaitable<readonly BlockRecord[]>;
  read(view: BlobView, start: number, lengthBytes: number): AsyncGenerator<Buffer>;
  readSmall(view: BlobView, start: number, lengthBytes: number): Buffer | undefined;
  store(source: BodySource, sizeBytes: number, digests: Digests): Promise<StoredBody>;
  storeWhole(bytes: Buffer, digests: Digests): Awaitable<StoredBody>;
  close(): Promise<void>;
}
