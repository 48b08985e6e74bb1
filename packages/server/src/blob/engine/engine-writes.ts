/** What may be done to what the engine keeps: each change made into a mutation, its body on disk before. */
import { type StoredBody, syncBody } from "./body-writer.ts";
import { type Conditions, noConditions } from "./conditions.ts";
import { type Content, encodeContent, encodePieces, makeHole } from "./content.ts";
import type { ContentKey } from "./content-cipher.ts";
import type { LeaseRequest } from "./leases.ts";
import {
  type AccessTier,
  type BlobMoment,
  type BlobName,
  type BlobRecord,
  type BlobSettings,
  type BlobState,
  type BlobType,
  type BlockListEntry,
  type ContainerAccess,
  type ContainerName,
  type ContainerState,
  type IncrementalSource,
  type Metadata,
  noAccess,
  noRetention,
  present,
  type Retention,
  type Tags,
  type Written,
} from "./model.ts";
import type {
  AppendConditions,
  Mutation,
  SequenceChange,
  SequenceConditions,
  SnapshotDeletion,
  StateChange,
} from "./mutations.ts";

/** What a blob gets besides its bytes. */
export type BlobAttributes = {
  readonly settings: BlobSettings;
  readonly metadata: Metadata;
  readonly accessTier: AccessTier | null;
  readonly tags?: Tags;
  readonly state?: BlobState;
  readonly retention?: Retention;
  readonly conditions?: Conditions;
  /** Refuses with `replace-not-permitted` when the blob is there at the moment of the write. */
  readonly mustBeNew?: boolean;
};

/** What a change is judged by, and what is kept of what it takes the place of. */
export type ChangeOptions = { readonly conditions?: Conditions; readonly retention?: Retention };

/** A write of pages; without a body they are cleared. */
export type PageWrite = {
  readonly start: number;
  readonly lengthBytes: number;
  readonly body: StoredBody | null;
  readonly sequence: SequenceConditions;
};

/** A blob as it was at one moment; stays readable whatever happens to the name afterwards. */
export type BlobView = {
  readonly record: BlobRecord;
  readonly content: Content;
  /** What its bytes are encrypted with; whoever opens it may not have it. */
  readonly key?: ContentKey | undefined;
  /** All its bytes, as they were read and found to be right, where they are few, not encrypted and read again; for as long as somebody holds on to the view. */
  bytes?: Buffer | undefined;
  wasRead?: boolean;
  /** What whoever answers with it has made of it, for as long. */
  made?: object | undefined;
};

export abstract class EngineWrites {
  /** Has a change made. @param body what it refers to. @returns when it is on disk, with the body. @throws BlobRefusal. */
  protected abstract submit(mutation: Mutation, body?: StoredBody): Promise<Written>;

  /** Has a change of containers made, after which what was remembered of them is not so any more; not even when it failed half way. */
  protected abstract submitForgetting(mutation: Mutation): Promise<Written>;

  /** @throws BlobRefusal `container-exists`. */
  createContainer(
    name: ContainerName,
    metadata: Metadata,
    access: ContainerAccess = noAccess,
    state: ContainerState = {},
  ): Promise<Written> {
    return this.submitForgetting({ kind: "create-container", ...name, metadata, access, state });
  }

  /** @throws BlobRefusal `container-not-found`, `condition-not-met`. */
  setContainerMetadata(name: ContainerName, metadata: Metadata, conditions = noConditions): Promise<Written> {
    return this.submitForgetting({ kind: "set-container-metadata", ...name, metadata, conditions });
  }

  /** Sets who may read without signing in, and the stored policies. @throws BlobRefusal as above. */
  setContainerAccess(name: ContainerName, access: ContainerAccess, conditions = noConditions): Promise<Written> {
    return this.submitForgetting({ kind: "set-container-access", ...name, access, conditions });
  }

  /** @throws BlobRefusal `lease`. */
  leaseContainer(name: ContainerName, lease: LeaseRequest, conditions = noConditions): Promise<Written> {
    return this.submitForgetting({ kind: "lease-container", ...name, lease, conditions });
  }

  /**
   * Its blobs are gone at once; their rows are cleared away in the background, after the days that it is kept.
   * @throws BlobRefusal as above.
   */
  deleteContainer(name: ContainerName, conditions = noConditions, keptDays: number | null = null): Promise<Written> {
    return this.submitForgetting({ kind: "delete-container", ...name, conditions, keptDays });
  }

  /** Has a deleted container back. @throws BlobRefusal `container-not-found` when it is not kept, `container-exists`. */
  restoreContainer(name: ContainerName, deletedName: string, deletedVersion: string): Promise<Written> {
    return this.submitForgetting({ kind: "restore-container", ...name, deletedName, deletedVersion });
  }

  /** Forgets everything of an account. */
  async deleteAccount(account: string): Promise<void> {
    await this.submitForgetting({ kind: "delete-account", account });
  }

  /** Creates or replaces a blob; its uncommitted blocks are dropped. @throws BlobRefusal. */
  async putBlob(
    name: BlobName,
    body: StoredBody,
    attributes: BlobAttributes,
    type: BlobType = "BlockBlob",
  ): Promise<Written> {
    if (body.extents.size > 0) await syncBody(body);
    const content = encodeContent(body.spans, [], body.keySha256);
    const write = { ...nameOf(name), ...complete(attributes), type, content, isShared: false };
    return this.submit({ kind: "put-blob", ...write }, body);
  }

  /** Keeps an uncommitted block. @param blockId base64, as listings show it. @throws BlobRefusal. */
  async putBlock(name: BlobName, blockId: string, body: StoredBody, leaseId: string | null = null): Promise<void> {
    await syncBody(body);
    const content = encodeContent(body.spans, [], body.keySha256);
    await this.submit({ kind: "put-block", ...nameOf(name), blockId, content, leaseId }, body);
  }

  /** Makes the blob of the named blocks; other uncommitted ones are dropped. @throws BlobRefusal. */
  putBlockList(name: BlobName, entries: readonly BlockListEntry[], attributes: BlobAttributes): Promise<Written> {
    return this.submit({ kind: "put-block-list", ...nameOf(name), ...complete(attributes), entries });
  }

  setBlobProperties(name: BlobName, settings: BlobSettings, change: ChangeOptions = {}): Promise<Written> {
    return this.submit({ kind: "set-blob-properties", ...nameOf(name), ...judged(change), settings });
  }

  setBlobMetadata(name: BlobName, metadata: Metadata, change: ChangeOptions = {}): Promise<Written> {
    return this.submit({ kind: "set-blob-metadata", ...nameOf(name), ...judged(change), metadata });
  }

  /** Replaces a blob's index tags, or a version's. */
  setBlobTags(name: BlobName, tags: Tags, moment: BlobMoment, change: ChangeOptions = {}): Promise<Written> {
    return this.submit({ kind: "set-blob-tags", ...nameOf(name), ...judged(change), tags, moment });
  }

  leaseBlob(name: BlobName, lease: LeaseRequest, change: ChangeOptions = {}): Promise<Written> {
    return this.submit({ kind: "lease-blob", ...nameOf(name), ...judged(change), lease });
  }

  /** Makes a blob of another's bytes, which both then share. @param view of the source. @throws BlobRefusal. */
  copyBlob(name: BlobName, view: BlobView, attributes: BlobAttributes): Promise<Written> {
    const { type } = view.record;
    const content = view.content.bytes;
    return this.submit({ kind: "put-blob", ...nameOf(name), ...complete(attributes), type, content, isShared: true });
  }

  /** Takes a snapshot of a page blob in to a copy that is made of such. @throws BlobRefusal `incremental-mismatch`, `incremental-earlier`. */
  copyIncrementally(
    name: BlobName,
    { content }: BlobView,
    { source, ...attributes }: BlobAttributes & { readonly source: IncrementalSource },
  ): Promise<Written> {
    const write = { ...complete(attributes), content: content.bytes, source };
    return this.submit({ kind: "incremental-copy", ...nameOf(name), ...write });
  }

  /** Makes a page blob without a written page. @throws BlobRefusal. */
  createPages(name: BlobName, sizeBytes: number, attributes: BlobAttributes): Promise<Written> {
    const pieces = sizeBytes === 0 ? [] : [makeHole(sizeBytes)];
    const content = encodePieces(pieces, attributes.state?.keySha256 ?? null);
    return this.submit({
      kind: "put-blob",
      ...nameOf(name),
      ...complete(attributes),
      type: "PageBlob",
      content,
      isShared: false,
    });
  }

  /** @throws BlobRefusal `blob-type`, `blob-sealed`, `append-position`, `append-size`, `blocks-exceeded`. */
  async appendBlock(
    name: BlobName,
    body: StoredBody,
    append: AppendConditions,
    change: ChangeOptions = {},
  ): Promise<Written> {
    await syncBody(body);
    const content = encodeContent(body.spans, [], body.keySha256);
    return this.submit({ kind: "append-block", ...nameOf(name), ...judged(change), content, append }, body);
  }

  /** Writes pages, or clears them. @throws BlobRefusal `blob-type`, `page-range`, `sequence-number`. */
  async putPages(name: BlobName, write: PageWrite, change: ChangeOptions = {}): Promise<Written> {
    const { start, lengthBytes, body, sequence } = write;
    if (body !== null) await syncBody(body);
    const content = body === null ? null : encodeContent(body.spans, [], body.keySha256);
    const pages = { start, lengthBytes, content, sequence };
    return this.submit({ kind: "put-pages", ...nameOf(name), ...judged(change), ...pages }, body ?? undefined);
  }

  /** Properties of a page blob with its size and sequence number; null leaves either. */
  setPagesProperties(
    name: BlobName,
    settings: BlobSettings,
    pages: { readonly sizeBytes: number | null; readonly sequence: SequenceChange | null },
    change: ChangeOptions = {},
  ): Promise<Written> {
    return this.submit({ kind: "set-pages-properties", ...nameOf(name), ...judged(change), settings, ...pages });
  }

  /** Notes that a blob was read; nobody waits for it, and a blob that is gone meanwhile was still read. */
  noteAccess(name: BlobName): void {
    const change = { what: "access" } as const;
    this.submit({ kind: "change-state", ...nameOf(name), ...judged({}), change, moment: present }).catch(
      () => undefined,
    );
  }

  /** Changes what few blobs have. @throws BlobRefusal. */
  changeState(name: BlobName, state: StateChange, moment: BlobMoment, change: ChangeOptions = {}): Promise<Written> {
    return this.submit({ kind: "change-state", ...nameOf(name), ...judged(change), change: state, moment });
  }

  /** Keeps the present state under a number of its own. @param metadata in the place of the blob's; null keeps that. */
  snapshotBlob(name: BlobName, metadata: Metadata | null, change: ChangeOptions = {}): Promise<Written> {
    return this.submit({ kind: "snapshot-blob", ...nameOf(name), ...judged(change), metadata });
  }

  /** @throws BlobRefusal `snapshots-present` when nothing is said of the snapshots that are there. */
  deleteBlob(name: BlobName, change: ChangeOptions = {}, snapshots: SnapshotDeletion = null): Promise<Written> {
    return this.submit({ kind: "delete-blob", ...nameOf(name), ...judged(change), snapshots });
  }

  /** Deletes a snapshot or a version. @param isPermanent takes what was deleted before and is only kept. */
  deletePast(name: BlobName, moment: BlobMoment, isPermanent: boolean, change: ChangeOptions = {}): Promise<Written> {
    return this.submit({ kind: "delete-past", ...nameOf(name), ...judged(change), moment, isPermanent });
  }

  /** Has what was deleted and is kept back: the blob, its snapshots and versions. */
  undeleteBlob(name: BlobName): Promise<Written> {
    return this.submit({ kind: "undelete-blob", ...nameOf(name), ...judged({}) });
  }
}

/** Only the name: what is sent to the writer is cloned, so it carries nothing else along. */
function nameOf({ account, container, blob }: BlobName): BlobName {
  return { account, container, blob };
}

function judged({ conditions = noConditions, retention = noRetention }: ChangeOptions) {
  return { conditions, retention };
}

function complete(attributes: BlobAttributes) {
  const { settings, metadata, accessTier, tags = [], state = {}, mustBeNew = false } = attributes;
  return { settings, metadata, accessTier, tags, state, mustBeNew, ...judged(attributes) };
}
