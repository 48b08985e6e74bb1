/** Which rows each kind of change looks at. What a change does with them is its own: this says only what must be at hand, locked, when it runs. */
import type { Mutation } from "../engine/mutations.ts";
import { parseStampTime } from "../engine/stamps.ts";

/** Of a name's past: nothing, the snapshots that stand, what is deleted and kept, one moment, or all. */
export type PastNeed = "none" | "snapshots" | "kept" | "moment" | "all";

type BlobNeed = {
  /** `state` looks at the present blob's state alone and changes nothing of it. */
  readonly present: "whole" | "state";
  /** `one`: the block that the change names; `all`: every uncommitted block of the name. */
  readonly blocks: "none" | "one" | "all";
  readonly past: PastNeed;
};

type Need = "container" | "restored-container" | "account" | "content-place" | "extent" | BlobNeed;

const presentOnly: BlobNeed = { present: "whole", blocks: "none", past: "none" };
const written: BlobNeed = { present: "whole", blocks: "all", past: "none" };
const momentary: BlobNeed = { present: "whole", blocks: "none", past: "moment" };

/** A kind that is not here is not one of the shared form: the compiler says so. */
const needs: Readonly<Record<Mutation["kind"], Need>> = {
  "create-container": "container",
  "set-container-metadata": "container",
  "set-container-access": "container",
  "lease-container": "container",
  "delete-container": "container",
  "restore-container": "restored-container",
  "delete-account": "account",
  "move-content": "content-place",
  "forget-extent": "extent",
  "put-blob": written,
  "incremental-copy": presentOnly,
  "put-block": { present: "state", blocks: "one", past: "none" },
  "put-block-list": written,
  "set-blob-properties": presentOnly,
  "set-blob-metadata": presentOnly,
  "set-blob-tags": momentary,
  "lease-blob": presentOnly,
  "append-block": presentOnly,
  "put-pages": presentOnly,
  "set-pages-properties": presentOnly,
  "change-state": momentary,
  "snapshot-blob": presentOnly,
  "delete-blob": { present: "whole", blocks: "none", past: "snapshots" },
  "delete-past": momentary,
  "undelete-blob": { present: "whole", blocks: "none", past: "kept" },
};

/** What a group needs of one name. */
export type NameNeed = {
  readonly account: string;
  readonly container: string;
  readonly blob: string;
  isWhole: boolean;
  hasAllBlocks: boolean;
  readonly blockIds: Set<string>;
  readonly pasts: Set<PastNeed>;
  readonly stamps: Set<number>;
  /** Whether numbers are drawn that must be above all of the name's past. */
  isStamped: boolean;
};

export type ContainerNeed = { readonly account: string; readonly container: string; isChanged: boolean };

export type GroupNeeds = {
  readonly containers: Map<string, ContainerNeed>;
  readonly names: Map<string, NameNeed>;
  /** Accounts of which every container is needed. */
  readonly accounts: Set<string>;
  readonly kept: { readonly account: string; readonly container: string; readonly stamp: number }[];
  readonly places: Extract<Mutation, { kind: "move-content" }>[];
  /** Contents that may lie in extents of others, which may be gone. */
  readonly foreign: Uint8Array[];
  newContainerCount: number;
};

/** Whether a change makes a row refer to what another's does. */
export function isCopied(mutation: Mutation): boolean {
  return mutation.kind === "incremental-copy" || (mutation.kind === "put-blob" && mutation.isShared);
}

export type NeedsOptions = {
  /** Whether all of a content lies in extents of this process. */
  readonly isOwn: (content: Uint8Array) => boolean;
  /** Takes in all of each name's past: what was looked at before was not enough to write by. */
  readonly isThorough: boolean;
};

/** Adds up what the changes of a group look at. */
export function needsOf(mutations: readonly Mutation[], { isOwn, isThorough }: NeedsOptions): GroupNeeds {
  const group: GroupNeeds = {
    containers: new Map(),
    names: new Map(),
    accounts: new Set(),
    kept: [],
    places: [],
    foreign: [],
    newContainerCount: 0,
  };
  for (const mutation of mutations) {
    const need = needs[mutation.kind];
    if (mutation.kind === "move-content") group.places.push(mutation);
    else if (mutation.kind === "delete-account") group.accounts.add(mutation.account);
    else if (mutation.kind !== "forget-extent") {
      addContainer(group, mutation.account, mutation.container, typeof need === "string");
      if (mutation.kind === "create-container") group.newContainerCount += 1;
      if (mutation.kind === "restore-container") {
        const stamp = parseStampTime(mutation.deletedVersion) ?? -1;
        group.kept.push({ account: mutation.account, container: mutation.deletedName, stamp });
      }
      if ("blob" in mutation && typeof need === "object")
        addName(group, mutation, isThorough ? { ...need, past: "all" } : need);
      const content = "content" in mutation ? mutation.content : null;
      if (content !== null && (isCopied(mutation) || !isOwn(content))) group.foreign.push(content);
    }
  }
  return group;
}

function addContainer({ containers }: GroupNeeds, account: string, container: string, isChanged: boolean): void {
  const key = `${account}/${container}`;
  const known = containers.get(key);
  if (known === undefined) containers.set(key, { account, container, isChanged });
  else known.isChanged ||= isChanged;
}

function addName(
  { names }: GroupNeeds,
  mutation: Extract<Mutation, { blob: string }>,
  { present, blocks, past }: BlobNeed,
): void {
  const { account, container, blob } = mutation;
  const key = `${account}/${container}/${blob}`;
  let name = names.get(key);
  if (name === undefined) {
    const sets = { blockIds: new Set<string>(), pasts: new Set<PastNeed>(), stamps: new Set<number>() };
    name = { account, container, blob, isWhole: false, hasAllBlocks: false, isStamped: false, ...sets };
    names.set(key, name);
  }
  name.isWhole ||= present === "whole";
  name.hasAllBlocks ||= blocks === "all";
  if (mutation.kind === "put-block") name.blockIds.add(mutation.blockId);
  name.pasts.add(past);
  if ("moment" in mutation && mutation.moment.kind !== "present") name.stamps.add(mutation.moment.stamp);
  if ("retention" in mutation) {
    const { isVersioned, deletedBlobDays } = mutation.retention;
    name.isStamped ||= isVersioned || deletedBlobDays !== null;
  }
  name.isStamped ||= mutation.kind === "snapshot-blob" || mutation.kind === "incremental-copy";
}
