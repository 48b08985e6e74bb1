/**
 * What changed since a client last asked, told from the change log: first everything there is, page by page, then only objects that were
 * made, changed or deleted. A change that happens while the first pages are read is told again later, never lost.
 * @see https://learn.microsoft.com/graph/delta-query-overview
 */
import { findDeleted } from "../directory/deleted-object.ts";
import type { Change } from "../state/change.ts";
import type { Entities } from "../state/entities.ts";
import type { ReadModel } from "../state/read-model.ts";
import type { Reply } from "../wire/exchange.ts";
import { applicationType } from "./application-type.ts";
import { type DeltaState, openState, sealState } from "./delta-state.ts";
import type { FilterNode } from "./filter.ts";
import { parseFilter } from "./filter.ts";
import { refuseGraph } from "./graph-fault.ts";
import { groupType } from "./group-type.ts";
import { defaultPageSize, maxDeltaMembers, maxLogEntriesAPage } from "./limits.ts";
import { memberIdsOf, typedObjects } from "./objects.ts";
import { type GraphCall, type GraphOperation, operation } from "./operation.ts";
import type { Rows } from "./page.ts";
import { type ResourceType, renderRow } from "./resource-type.ts";
import { contextOf, selectOf } from "./selection.ts";
import { servicePrincipalType } from "./service-principal-type.ts";
import { userType } from "./user-type.ts";

type FollowedKind = "application" | "servicePrincipal" | "user" | "group";

/** One collection whose changes can be followed. */
type Followed<Kind extends FollowedKind> = {
  readonly kind: Kind;
  readonly type: ResourceType<Entities[Kind]>;
  readonly rows: (model: ReadModel) => Rows<Entities[Kind]>;
  /** Keys of the collection's rows that one change of the log shows differently. */
  readonly keysOf: (change: Change, model: ReadModel) => readonly string[];
  /** Its members are told, too. */
  readonly hasMembers: boolean;
};

type Item = Record<string, unknown>;
type Page = { readonly items: readonly Item[]; readonly state: DeltaState; readonly hasMore: boolean };

async function answerDelta<Kind extends FollowedKind>(call: GraphCall, followed: Followed<Kind>): Promise<Reply> {
  const { model } = call.cloud;
  const state = stateOf(call, followed);
  // A state folder that was put back to an older time knows nothing of what this client was told.
  if (state.revision > model.revision) refuseGraph({ kind: "delta-resync" });
  const isLatest = call.options.deltaToken?.toLowerCase() === "latest";
  const columns = selectOf(
    { ...call, options: { ...call.options, select: withoutMembers(state.select) } },
    followed.type,
  );
  const view = { call, followed, columns, hasMembers: followed.hasMembers && wantsMembers(state.select) };
  const page = isLatest
    ? { items: [], state: { ...state, phase: "log" as const }, hasMore: false }
    : state.phase === "list"
      ? listPage(view, state)
      : await logPage(view, state);
  return {
    status: 200,
    body: {
      "@odata.context": contextOf(call, followed.type.set, columns),
      ...linkOf(call, followed, page),
      value: page.items,
    },
  };
}

/** The state the request goes on from, or that of a first request. */
function stateOf<Kind extends FollowedKind>(call: GraphCall, { type }: Followed<Kind>): DeltaState {
  const { options, cloud } = call;
  const { filter, search, expand, top, orderBy, skipToken, deltaToken, select } = options;
  const unsupported = { $search: search, $expand: expand, $top: top, $orderby: orderBy };
  for (const [option, value] of Object.entries(unsupported))
    if (value !== undefined) refuseGraph({ kind: "query-malformed", option, why: "delta queries do not support it" });
  if (options.isCountAsked)
    refuseGraph({ kind: "query-malformed", option: "$count", why: "delta queries do not support it" });
  const token = skipToken ?? deltaToken;
  const isFresh = token === undefined || (skipToken === undefined && token.toLowerCase() === "latest");
  if (!isFresh) {
    const state = openState(cloud.secrets, type.set, token);
    if (filter !== undefined || (skipToken !== undefined && select !== undefined))
      refuseGraph({ kind: "query-malformed", option: "$filter", why: "the token carries the first request's options" });
    return select === undefined ? state : { ...state, select };
  }
  return {
    phase: "list",
    revision: cloud.model.revision,
    after: null,
    afterMember: null,
    select: select ?? null,
    ids: filter === undefined ? null : idsOf(parseFilter(filter), type.title),
  };
}

/** Object ids out of `id eq '..' or id eq '..'`, the only filter there is here. */
function idsOf(node: FilterNode, resource: string): string[] {
  if (node.kind === "or") return node.parts.flatMap((part) => idsOf(part, resource));
  const isId = (node.kind === "compare" && node.operator === "eq") || node.kind === "in";
  const property = "path" in node ? node.path.join("/") : node.kind;
  if (!isId || property.toLowerCase() !== "id") refuseGraph({ kind: "filter-unsupported", property, resource });
  const literals = node.kind === "in" ? node.literals : [node.literal];
  return literals.map(({ value }) => String(value).toLowerCase());
}

function wantsMembers(select: readonly string[] | null): boolean {
  return select === null || select.some((name) => name.toLowerCase() === "members");
}

function withoutMembers(select: readonly string[] | null): readonly string[] | undefined {
  return select?.filter((name) => name.toLowerCase() !== "members");
}

type View<Kind extends FollowedKind> = {
  readonly call: GraphCall;
  readonly followed: Followed<Kind>;
  readonly columns: ReadonlySet<string> | undefined;
  readonly hasMembers: boolean;
};

/** Rows there are, after the last one listed; of a group with very many members some now and the rest on the next page. */
function listPage<Kind extends FollowedKind>(view: View<Kind>, state: DeltaState): Page {
  const { model } = view.call.cloud;
  const { keys, get } = view.followed.rows(model);
  const items: Item[] = [];
  let membersLeft = maxDeltaMembers;
  let { after, afterMember } = state;
  const isDue = (key: string) => after === null || key > after || (key === after && afterMember !== null);
  for (const key of keys.filter(isDue)) {
    const row = get(key);
    if (row === undefined || state.ids?.includes(key) === false) continue;
    if (items.length === defaultPageSize || membersLeft === 0)
      return { items, state: { ...state, after, afterMember }, hasMore: true };
    const from = key === after ? afterMember : null;
    const members = view.hasMembers ? membersAfter(model, key, from).slice(0, membersLeft) : [];
    membersLeft -= members.length;
    items.push({
      ...renderItem(view, row),
      ...membersDelta(
        view,
        members.map((id) => ({ id, isThere: true })),
      ),
    });
    after = key;
    const isCut = view.hasMembers && members.length > 0 && membersAfter(model, key, members.at(-1)!).length > 0;
    afterMember = isCut ? members.at(-1)! : null;
    if (isCut) membersLeft = 0;
  }
  const hasMore = afterMember !== null;
  return {
    items,
    state: hasMore ? { ...state, after, afterMember } : { ...state, phase: "log", after: null },
    hasMore,
  };
}

/** Objects that changed since the state's revision, each once, as they are now. */
async function logPage<Kind extends FollowedKind>(view: View<Kind>, state: DeltaState): Promise<Page> {
  const { cloud } = view.call;
  const { model } = cloud;
  const entries = (await cloud.store.readLog(state.revision, maxLogEntriesAPage)).filter(
    ({ revision }) => revision <= model.revision,
  );
  const changed = new Map<string, Set<string>>();
  const membersOf = (key: string): Set<string> => {
    const known = changed.get(key) ?? new Set<string>();
    changed.set(key, known);
    return known;
  };
  for (const change of entries.flatMap((entry) => entry.changes)) {
    for (const key of view.followed.keysOf(change, model)) membersOf(key);
    if (!view.hasMembers || change.kind !== "groupMember") continue;
    const [groupId, memberId] = memberKeyOf(change);
    membersOf(groupId).add(memberId);
  }
  const { get } = view.followed.rows(model);
  const items = [...changed].flatMap(([key, memberIds]): Item[] => {
    if (state.ids?.includes(key) === false) return [];
    const row = get(key);
    if (row === undefined) return [{ id: key, "@removed": { reason: reasonOf(view.call, key) } }];
    const members = [...memberIds].map((id) => ({ id, isThere: model.groupMembers.has(`${key}/${id}`) }));
    return [{ ...renderItem(view, row), ...membersDelta(view, members) }];
  });
  const revision = entries.at(-1)?.revision ?? state.revision;
  return { items, state: { ...state, revision }, hasMore: entries.length === maxLogEntriesAPage };
}

function renderItem<Kind extends FollowedKind>({ call, followed, columns }: View<Kind>, row: Entities[Kind]): Item {
  const rendered = renderRow(followed.type, row, { model: call.cloud.model }, columns);
  return { ...rendered, id: row.id };
}

/** `changed`: it is in the bin and can be restored; `deleted`: it is gone for good. */
function reasonOf({ cloud }: GraphCall, id: string): "changed" | "deleted" {
  return findDeleted(cloud.model, id, cloud.ports.now()) === undefined ? "deleted" : "changed";
}

function membersAfter(model: ReadModel, groupId: string, after: string | null): string[] {
  return [...memberIdsOf(model, groupId)].filter((id) => after === null || id > after).sort();
}

function membersDelta<Kind extends FollowedKind>(
  { call }: View<Kind>,
  members: readonly { readonly id: string; readonly isThere: boolean }[],
): Item {
  if (members.length === 0) return {};
  return {
    "members@delta": members.map(({ id, isThere }) => {
      const [object] = typedObjects(call, [id]);
      const type = object === undefined ? {} : { "@odata.type": `#microsoft.graph.${object.typeName}` };
      return { ...type, id, ...(isThere ? {} : { "@removed": { reason: "deleted" } }) };
    }),
  };
}

function memberKeyOf(change: Change & { kind: "groupMember" }): [groupId: string, memberId: string] {
  if (change.op === "put") return [change.row.groupId, change.row.memberId];
  const [groupId = "", memberId = ""] = change.key.split("/");
  return [groupId, memberId];
}

function linkOf<Kind extends FollowedKind>(call: GraphCall, { type }: Followed<Kind>, { state, hasMore }: Page): Item {
  const { exchange, cloud } = call;
  const address = `${exchange.origin}${exchange.prefix}${exchange.path}`;
  const token = sealState(cloud.secrets, type.set, state);
  return hasMore
    ? { "@odata.nextLink": `${address}?$skiptoken=${token}` }
    : { "@odata.deltaLink": `${address}?$deltatoken=${token}` };
}

function ownKeys(kind: FollowedKind): (change: Change) => readonly string[] {
  return (change) =>
    change.kind !== kind ? [] : [change.op === "put" ? (change.row as { id: string }).id : change.key];
}

const applications: Followed<"application"> = {
  kind: "application",
  type: applicationType,
  rows: ({ applications: table }) => ({ keys: table.sortedKeys(), get: (key) => table.get(key) }),
  keysOf: ownKeys("application"),
  hasMembers: false,
};
const servicePrincipals: Followed<"servicePrincipal"> = {
  kind: "servicePrincipal",
  type: servicePrincipalType,
  rows: ({ servicePrincipals: table }) => ({ keys: table.sortedKeys(), get: (key) => table.get(key) }),
  // Much of what a service principal shows is its application's.
  keysOf: (change, model) =>
    change.kind === "application" && change.op === "put"
      ? model.servicePrincipals.find("appId", change.row.appId).map(({ id }) => id)
      : ownKeys("servicePrincipal")(change),
  hasMembers: false,
};
const users: Followed<"user"> = {
  kind: "user",
  type: userType,
  rows: ({ users: table }) => ({ keys: table.sortedKeys(), get: (key) => table.get(key) }),
  keysOf: ownKeys("user"),
  hasMembers: false,
};
const groups: Followed<"group"> = {
  kind: "group",
  type: groupType,
  rows: ({ groups: table }) => ({ keys: table.sortedKeys(), get: (key) => table.get(key) }),
  keysOf: ownKeys("group"),
  hasMembers: true,
};

const shared = { method: "GET" } as const;

export const deltaOperations: readonly GraphOperation[] = [
  operation({
    ...shared,
    operation: "application: delta",
    match: "/applications/delta",
    action: "read-applications",
    doc: "application-delta",
    handle: (call) => answerDelta(call, applications),
  }),
  operation({
    ...shared,
    operation: "servicePrincipal: delta",
    match: "/servicePrincipals/delta",
    action: "read-applications",
    doc: "serviceprincipal-delta",
    handle: (call) => answerDelta(call, servicePrincipals),
  }),
  operation({
    ...shared,
    operation: "user: delta",
    match: "/users/delta",
    action: "read-users",
    doc: "user-delta",
    handle: (call) => answerDelta(call, users),
  }),
  operation({
    ...shared,
    operation: "group: delta",
    match: "/groups/delta",
    action: "read-groups",
    doc: "group-delta",
    handle: (call) => answerDelta(call, groups),
  }),
];
