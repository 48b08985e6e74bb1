/** List Containers and List Blobs. */
import { type PageAsked, takeBlobPage } from "./blob-page.ts";
import { refuseConditions } from "./condition-headers.ts";
import { containerName, requireContainer } from "./container-handlers.ts";
import type { PastShown } from "./engine/history-listing.ts";
import type { ListedItem } from "./engine/metadata-reader.ts";
import type { ContainerRecord, DeletedContainer } from "./engine/model.ts";
import { invalidQuery } from "./errors.ts";
import {
  decodeMarker,
  echo,
  finishPage,
  GrowingPage,
  readInclude,
  readPageSize,
  serviceEndpoint,
} from "./list-page.ts";
import { metadataElement, type Shown } from "./listed-blob.ts";
import type { AccountCall, Answer, ContainerCall } from "./operation-row.ts";
import { accountScope, describeLease, formatHttpDate } from "./resource-headers.ts";
import { featuresOf } from "./service-versions.ts";
import { element } from "./xml.ts";

/** Containers that Azure itself makes; shown when asked for. */
const systemContainer = "$logs";

/** @see https://learn.microsoft.com/rest/api/storageservices/list-containers2 */
export async function listContainers(call: AccountCall): Promise<Answer> {
  const { query, engine, account } = call;
  refuseConditions(call.headers);
  const include = readInclude(call, ["metadata", "deleted", "system"]);
  const size = readPageSize(query);
  const prefix = query.get("prefix") ?? "";
  const opening = `<EnumerationResults ServiceEndpoint="${serviceEndpoint(call)}">${echo(call)}<Containers>`;
  const page = new GrowingPage<ContainerRecord | DeletedContainer>(
    opening,
    (from, limit) =>
      include.has("deleted")
        ? engine.listAllContainers(account.name, prefix, from, limit)
        : engine.listContainers(account.name, prefix, from, limit),
    decodeMarker(query),
    size,
  );
  const render = (record: ContainerRecord | DeletedContainer) =>
    record.name === systemContainer && !include.has("system")
      ? ""
      : renderContainer(record, { include, nowMs: engine.nowMs, features: featuresOf(call.version) });
  await finishPage(page, () => page.grow(render));
  return page.answer("</Containers>");
}

function renderScope({ state: { defaultScope, isScopeFixed } }: ContainerRecord): string {
  return `${element("DefaultEncryptionScope", defaultScope ?? accountScope)}${element("DenyEncryptionScopeOverride", isScopeFixed === true)}`;
}

function renderContainer(
  record: ContainerRecord | DeletedContainer,
  { include, nowMs, features }: Omit<Shown, "writeName">,
): string {
  const lease = describeLease(record.state.lease, nowMs);
  const properties = [
    element("Last-Modified", formatHttpDate(record.modifiedMs)),
    element("Etag", record.etag),
    `${element("LeaseStatus", lease.status)}${element("LeaseState", lease.state)}`,
    lease.duration === null ? "" : element("LeaseDuration", lease.duration),
    record.access.publicAccess === null ? "" : element("PublicAccess", record.access.publicAccess),
    features.encryptionScopes ? renderScope(record) : "",
    "<HasImmutabilityPolicy>false</HasImmutabilityPolicy><HasLegalHold>false</HasLegalHold>",
    features.versionImmutability
      ? "<ImmutableStorageWithVersioningEnabled>false</ImmutableStorageWithVersioningEnabled>"
      : "",
  ].join("");
  const metadata = include.has("metadata") ? metadataElement(record.metadata) : "";
  const deletion = "deletedVersion" in record ? renderDeletion(record, nowMs) : { marks: "", properties: "" };
  return `<Container>${element("Name", record.name)}${deletion.marks}<Properties>${properties}${deletion.properties}</Properties>${metadata}</Container>`;
}

function renderDeletion({ deletedVersion, deletedMs, endsMs }: DeletedContainer, nowMs: number) {
  const days = Math.max(0, Math.floor((endsMs - nowMs) / (24 * 60 * 60 * 1000)));
  return {
    marks: `<Deleted>true</Deleted>${element("Version", deletedVersion)}`,
    properties: `${element("DeletedTime", formatHttpDate(deletedMs))}${element("RemainingRetentionDays", days)}`,
  };
}

const blobIncludes = [
  "copy",
  "deleted",
  "deletedwithversions",
  "immutabilitypolicy",
  "legalhold",
  "metadata",
  "snapshots",
  "tags",
  "uncommittedblobs",
  "versions",
] as const;

/** @see https://learn.microsoft.com/rest/api/storageservices/list-blobs */
export async function listBlobs(call: ContainerCall): Promise<Answer> {
  const { query, engine } = call;
  refuseConditions(call.headers);
  const include = readInclude(call, blobIncludes);
  const shows = readShowOnly(call, include);
  const size = readPageSize(query);
  const marker = decodeMarker(query);
  const name = containerName(call);
  const container = await requireContainer(engine, name);
  const listing = {
    prefix: query.get("prefix") ?? "",
    delimiter: query.get("delimiter") ?? "",
    before: query.get("endbefore") || undefined,
    hasUncommitted: include.has("uncommittedblobs"),
    ...readPast(shows === "deleted" ? new Set([...include, shows]) : include, engine.nowMs),
  };
  if (listing.delimiter !== "" && include.has("snapshots")) {
    throw invalidQuery("include", "snapshots", "Snapshots are not listed with a delimiter.");
  }
  const isShown = (item: ListedItem) => shows === undefined || isOfKind(item, shows);
  const asked: PageAsked = { call, name, include, listing, size, isShown };
  const from = marker === "" ? (query.get("startfrom") ?? "") : marker;
  return takeBlobPage(asked, container, from);
}

type ShowOnly = "deleted" | "files" | "directories";
const showOnlyNames: readonly string[] = ["deleted", "files", "directories"] satisfies ShowOnly[];

/** One kind of item that is wanted, which only accounts with a hierarchical namespace tell apart. */
function readShowOnly({ query, account, version }: ContainerCall, include: ReadonlySet<string>): ShowOnly | undefined {
  const text = query.get("showonly") ?? "";
  if (text === "") return undefined;
  const wanted = text.toLowerCase();
  if (!showOnlyNames.includes(wanted)) {
    throw invalidQuery("showonly", text, "One of deleted, files, directories.");
  }
  if (wanted !== "deleted" && !featuresOf(version).showKinds) {
    throw invalidQuery("showonly", text, "The version does not know it.");
  }
  if (!account.isHnsEnabled) throw invalidQuery("showonly", text, "The account has no hierarchical namespace.");
  if (wanted === "deleted" && include.has("deleted")) {
    throw invalidQuery("showonly", text, "Deleted blobs are included already.");
  }
  return wanted as ShowOnly;
}

/** What is not wanted still counts towards the page, as it may: a page may have fewer items than were asked for. */
function isOfKind(item: ListedItem, shows: ShowOnly): boolean {
  switch (shows) {
    case "directories":
      return item.kind === "prefix";
    case "files":
      return item.kind !== "prefix";
    case "deleted":
      return item.kind === "blob" && item.standing.kind === "deleted";
  }
}

/** What a listing shows besides the present. Snapshots in folders would be in none of them: Azure refuses both together. */
function readPast(include: ReadonlySet<string>, nowMs: number): { past?: PastShown; nowMs?: number } {
  const past = {
    snapshots: include.has("snapshots"),
    versions: include.has("versions"),
    deleted: include.has("deleted"),
    gone: include.has("deletedwithversions"),
  };
  return Object.values(past).includes(true) ? { past, nowMs } : {};
}
