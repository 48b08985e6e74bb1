/**
 * What conditions may look at in a request to Blob storage: the attributes of its resource, its request and its surroundings, and its suboperations.
 *
 * Each right takes the attributes that Microsoft's table gives it (the catalogue of `@postern/access`) and no others: a condition about the
 * path grants nothing to whoever searches by tags, here as there. All but two come from the parsed request. The tags and the encryption scope that a blob
 * has are looked up, and only when a condition asks for an attribute of the resource; a blob that is not there has none, and what is not there grants
 * nothing.
 * @see https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-attributes
 */
import {
  type AttributeRecord,
  type AttributeSources,
  type AttributeValue,
  blobTagAttribute,
  findActions,
  attributeNames as names,
  subOperationNames,
} from "@postern/access";
import type { StorageAccount } from "../state/entities.ts";
import { copiesTags } from "./copy-rows.ts";
import type { Tags } from "./engine/model.ts";
import type { BlobOperation, Permission } from "./operation-row.ts";
import type { RequestHeaders } from "./request-headers.ts";
import type { Target } from "./target.ts";

/** A request as far as it was read before the decision. */
export type AskedRequest = {
  readonly operation: BlobOperation;
  readonly account: StorageAccount;
  readonly target: Target;
  readonly headers: RequestHeaders;
  readonly now: () => Date;
  readonly findTags: () => Tags | undefined;
  readonly findScope: () => string | undefined;
  readonly givenTags: Tags | null;
};

const none: AttributeRecord = Object.freeze({});

/** Operations that write a blob and, with `x-ms-tags`, its tags. @see https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-attributes#write-to-a-blob-with-blob-index-tags */
const tagWriters: ReadonlySet<string> = new Set([
  "Put Blob",
  "Put Blob from URL",
  "Put Block List",
  "Copy Blob",
  "Copy Blob from URL",
]);
const suboperationsByName: ReadonlyMap<string, string> = new Map([
  ["List Blobs", subOperationNames.list],
  ["Set Blob Tier", subOperationNames.writeTier],
]);

/** The rows of the operation table that this file names. */
export const namedOperations: readonly string[] = [...tagWriters, ...suboperationsByName.keys()];

/** Which suboperations of its right the request is. */
export function subOperationsOf({ operation, headers }: Pick<AskedRequest, "operation" | "headers">): string[] {
  const found: string[] = [];
  const named = suboperationsByName.get(operation.operation);
  if (named !== undefined) found.push(named);
  // Whose tags a copy takes is not known here: a condition about them grants nothing to it.
  if (tagWriters.has(operation.operation) && (headers.has("x-ms-tags") || copiesTags(headers)))
    found.push(subOperationNames.writeWithTagHeaders);
  if (headers.has("x-ms-if-tags")) found.push(subOperationNames.readWithTagConditions);
  return found;
}

/** The attributes for one of the rights that would do. */
export function attributesOf(
  asked: AskedRequest,
  permission: Permission,
  subOperations: readonly string[],
): AttributeSources {
  return new AskedAttributes(asked, takenNames(permission, subOperations));
}

/**
 * Attributes that are made when a condition asks, which few do. A class, for an object with accessors of its own is a hidden class of its own to V8, which
 * lies among the old objects and holds on to the whole request until the whole heap is collected.
 */
class AskedAttributes implements AttributeSources {
  readonly #asked: AskedRequest;
  readonly #taken: TakenNames;
  #resource: AttributeRecord | undefined;
  #request: AttributeRecord | undefined;

  constructor(asked: AskedRequest, taken: TakenNames) {
    this.#asked = asked;
    this.#taken = taken;
  }

  get environment(): AttributeRecord {
    return {
      [names.utcNow]: this.#asked.now().toISOString(),
      // There is no private network here.
      [names.isPrivateLink]: false,
    };
  }

  /** Users and service principals have no custom security attributes here. */
  get principal(): AttributeRecord {
    return none;
  }

  get resource(): AttributeRecord {
    this.#resource ??= readResource(this.#taken.resource, this.#asked);
    return this.#resource;
  }

  get request(): AttributeRecord {
    const { request } = this.#taken;
    this.#request ??=
      request.size === 0
        ? none
        : { ...pick(request, requestValues(this.#asked)), ...pickTags(request, this.#asked.givenTags) };
    return this.#request;
  }
}

type TakenNames = { readonly resource: ReadonlySet<string>; readonly request: ReadonlySet<string> };
/** By right, which is an object of the operation table, and by its suboperations. */
const takenByRight = new WeakMap<Permission, Map<string, TakenNames>>();

function takenNames(permission: Permission, subOperations: readonly string[]): TakenNames {
  let bySubOperations = takenByRight.get(permission);
  if (bySubOperations === undefined) {
    bySubOperations = new Map();
    takenByRight.set(permission, bySubOperations);
  }
  const key = subOperations.length === 0 ? "" : subOperations.join(" ");
  let taken = bySubOperations.get(key);
  if (taken === undefined) {
    taken = readTakenNames(permission, subOperations);
    bySubOperations.set(key, taken);
  }
  return taken;
}

function readTakenNames({ operation, isDataAction }: Permission, subOperations: readonly string[]): TakenNames {
  const rows = findActions(operation, null).filter(
    (row) =>
      row.isDataAction === isDataAction &&
      (row.subOperation === null || subOperations.includes(row.subOperation.name) !== row.subOperation.isExcluded),
  );
  return {
    resource: new Set(rows.flatMap((row) => row.resource)),
    request: new Set(rows.flatMap((row) => row.request)),
  };
}

type Values = readonly (readonly [name: string, value: AttributeValue | undefined])[];

function pick(taken: ReadonlySet<string>, values: Values): AttributeRecord {
  const record: Record<string, AttributeValue> = {};
  for (const [name, value] of values) {
    if (value !== undefined && taken.has(name)) record[name] = value;
  }
  return record;
}

function resourceValues({ account, target }: AskedRequest): Values {
  const isOlder = [target.query.get("snapshot"), target.query.get("versionid")].some(Boolean);
  return [
    [names.accountName, account.name],
    [names.isHnsEnabled, account.isHnsEnabled],
    [names.containerName, target.level === "account" ? undefined : target.container],
    [names.blobPath, target.level === "blob" ? target.blob : undefined],
    [names.isCurrentVersion, target.level === "blob" ? !isOlder : undefined],
  ];
}

/** An empty parameter is none: to list without a prefix is to list everything, and is not below any. */
function requestValues({ target: { query } }: AskedRequest): Values {
  const given = (name: string): string | undefined => query.get(name) || undefined;
  return [
    [names.blobPrefix, given("prefix")],
    [names.listInclude, listedKinds(query)],
    [names.snapshot, given("snapshot")],
    [names.versionId, given("versionid")],
  ];
}

/** As the listing itself reads them: a condition must not see another word than the one that is carried out. */
function listedKinds(query: Target["query"]): string[] | undefined {
  const words = (query.get("include") ?? "").split(",").map((word) => word.trim().toLowerCase());
  // To show nothing but what was deleted is to include it.
  const shown = (query.get("showonly") ?? "").toLowerCase() === "deleted" ? ["deleted"] : [];
  const kinds = [...words.filter((word) => word !== ""), ...shown];
  return kinds.length === 0 ? undefined : kinds;
}

function readResource(taken: ReadonlySet<string>, asked: AskedRequest): AttributeRecord {
  if (taken.size === 0) return none;
  const tags = taken.has(names.blobTagKeys) ? (asked.findTags() ?? null) : null;
  // Most accounts have no scopes, and then nothing is looked up for them.
  const hasScopes = asked.account.encryptionScopes !== undefined && taken.has(names.encryptionScopeName);
  const scope: Values = [[names.encryptionScopeName, hasScopes ? asked.findScope() : undefined]];
  return { ...pick(taken, [...resourceValues(asked), ...scope]), ...pickTags(taken, tags) };
}

function pickTags(taken: ReadonlySet<string>, tags: Tags | null): AttributeRecord {
  if (tags === null || !taken.has(names.blobTagKeys)) return none;
  return {
    ...Object.fromEntries(tags.map(([key, value]) => [blobTagAttribute(key), value])),
    [names.blobTagKeys]: tags.map(([key]) => key),
  };
}
