/**
 * The access map as a drawing: from the ways that give access to nodes in columns and the lines between them. Pure.
 *
 * Columns from left to right: principals, groups (as many columns as groups stand in one another), assignments by their role, scopes.
 */
import type { AccessChange, NamedPrincipal } from "../../api/insight.ts";

import { kindOfScope } from "../places.ts";

export type NodeKind = "principal" | "group" | "role" | "scope";

export type MapNode = {
  readonly key: string;
  readonly kind: NodeKind;
  /** An object id, a role's id, a scope. */
  readonly id: string;
  readonly name: string;
  /** Of principals: what the directory calls their kind. */
  readonly type: string | null;
  readonly column: number;
  readonly x: number;
  readonly y: number;
  /** The ways that lead through it, by their place in the list. */
  readonly ways: readonly number[];
  readonly change: Change;
};

/** Whether all that passes was gained, or lost, between two times. */
export type Change = "gained" | "lost" | "mixed";

export type MapEdge = {
  readonly key: string;
  readonly from: MapNode;
  readonly to: MapNode;
  readonly ways: readonly number[];
  readonly change: Change;
};

export type AccessMapLayout = {
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
  /** What each column holds, from the left. */
  readonly columns: readonly { readonly kind: NodeKind; readonly x: number }[];
  readonly width: number;
  readonly height: number;
};

/** In the drawing's own units, which are pixels at its natural size. */
export const nodeWidth = 176;
export const nodeHeight = 32;
const columnStep = 244;
const rowStep = 46;
const headHeight = 40;
const margin = 8;

type Draft = {
  readonly key: string;
  readonly kind: NodeKind;
  readonly id: string;
  readonly name: string;
  readonly type: string | null;
  depth: number;
  readonly ways: number[];
};

type Stop = Pick<Draft, "key" | "kind" | "id" | "name" | "type">;

/** The nodes one way passes, from the left. */
function stopsOf(way: AccessChange, nameOf: (id: string) => NamedPrincipal | undefined): Stop[] {
  const stopOf = (id: string): Stop => {
    const found = nameOf(id);
    const kind = found?.type === "Group" ? "group" : "principal";
    return { key: `${kind} ${id}`, kind, id, name: found?.displayName ?? id, type: found?.type ?? null };
  };
  return [
    ...[way.principalId, ...way.via].map(stopOf),
    {
      key: `role ${way.assignmentId} ${way.holderId}`,
      kind: "role",
      id: way.roleDefinitionId,
      name: way.roleName ?? way.roleDefinitionId,
      type: null,
    },
    { key: `scope ${way.scope.toLowerCase()}`, kind: "scope", id: way.scope, name: nameOfScope(way.scope), type: null },
  ];
}

/** The last name; of a subscription, whose last name says nothing, also what it is. */
function nameOfScope(scope: string): string {
  const name = scope.split("/").at(-1)!;
  return scope === "/" || /^\/subscriptions\/[^/]+$/i.test(scope) ? `${kindOfScope(scope)} ${name || "/"}` : name;
}

function changeOf(ways: readonly number[], all: readonly AccessChange[]): Change {
  const changes = new Set(ways.map((index) => all[index]!.change));
  return changes.size === 1 ? [...changes][0]! : "mixed";
}

/** A group stands as far to the right as the longest way to it takes. */
function collect(all: readonly AccessChange[], nameOf: (id: string) => NamedPrincipal | undefined) {
  const nodes = new Map<string, Draft>();
  const edges = new Map<string, { readonly from: string; readonly to: string; readonly ways: number[] }>();
  all.forEach((way, index) => {
    const stops = stopsOf(way, nameOf);
    let groupDepth = 0;
    stops.forEach((stop, place) => {
      const depth = stop.kind === "group" ? ++groupDepth : 0;
      const known = nodes.get(stop.key) ?? { ...stop, depth, ways: [] };
      known.depth = Math.max(known.depth, depth);
      known.ways.push(index);
      nodes.set(stop.key, known);
      const before = stops[place - 1];
      if (before === undefined) return;
      const key = `${before.key} > ${stop.key}`;
      const edge = edges.get(key) ?? { from: before.key, to: stop.key, ways: [] };
      edge.ways.push(index);
      edges.set(key, edge);
    });
  });
  return { nodes, edges };
}

/**
 * @param all the ways to draw; their order is what `ways` of nodes and lines refer to.
 * @param names of every principal they speak of.
 */
export function layOut(all: readonly AccessChange[], names: readonly NamedPrincipal[]): AccessMapLayout {
  const byId = new Map(names.map((one) => [one.id, one]));
  const { nodes: drafts, edges } = collect(all, (id) => byId.get(id));
  const groupColumns = Math.max(0, ...[...drafts.values()].map(({ depth }) => depth));
  const columnOf = ({ kind, depth }: Draft) =>
    kind === "principal" ? 0 : kind === "group" ? depth : kind === "role" ? groupColumns + 1 : groupColumns + 2;
  const columnCount = drafts.size === 0 ? 0 : groupColumns + 3;
  const columns = Array.from({ length: columnCount }, (_, index) => ({
    kind: kindOfColumn(index, groupColumns),
    x: margin + index * columnStep,
  }));
  const placed = new Map<string, MapNode>();
  for (const [index, { x }] of columns.entries()) {
    const inColumn = [...drafts.values()].filter((draft) => columnOf(draft) === index);
    // Beside what it is joined to at the left, so that few lines cross.
    const heights = new Map(inColumn.map((draft) => [draft.key, meanHeight(draft.key, edges.values(), placed)]));
    inColumn.sort((a, b) => heights.get(a.key)! - heights.get(b.key)! || a.name.localeCompare(b.name, "en"));
    for (const [row, { depth: _, ...draft }] of inColumn.entries()) {
      const y = headHeight + row * rowStep;
      placed.set(draft.key, { ...draft, column: index, x, y, change: changeOf(draft.ways, all) });
    }
  }
  return {
    nodes: [...placed.values()],
    edges: [...edges].map(([key, { from, to, ways }]) => ({
      key,
      from: placed.get(from)!,
      to: placed.get(to)!,
      ways,
      change: changeOf(ways, all),
    })),
    columns,
    width: Math.max(0, columnCount - 1) * columnStep + nodeWidth + 2 * margin,
    height: Math.max(headHeight, ...[...placed.values()].map(({ y }) => y + rowStep)) + margin,
  };
}

function kindOfColumn(index: number, groupColumns: number): NodeKind {
  if (index === 0) return "principal";
  if (index <= groupColumns) return "group";
  return index === groupColumns + 1 ? "role" : "scope";
}

function meanHeight(
  key: string,
  edges: Iterable<{ readonly from: string; readonly to: string }>,
  placed: ReadonlyMap<string, MapNode>,
): number {
  const heights = [...edges].flatMap(({ from, to }) => (to === key && placed.has(from) ? [placed.get(from)!.y] : []));
  return heights.length === 0 ? 0 : heights.reduce((sum, y) => sum + y, 0) / heights.length;
}

/** The node the focus goes to from another by an arrow key; undefined when there is none that way. */
export function neighbourOf(layout: AccessMapLayout, from: MapNode, key: string): MapNode | undefined {
  const { nodes, edges } = layout;
  const nearest = (candidates: readonly MapNode[]) =>
    candidates.toSorted((a, b) => Math.abs(a.y - from.y) - Math.abs(b.y - from.y))[0];
  switch (key) {
    case "ArrowDown":
      return nearest(nodes.filter(({ column, y }) => column === from.column && y > from.y));
    case "ArrowUp":
      return nearest(nodes.filter(({ column, y }) => column === from.column && y < from.y));
    case "ArrowRight":
      return nearest(edges.filter((edge) => edge.from.key === from.key).map(({ to }) => to));
    case "ArrowLeft":
      return nearest(edges.filter((edge) => edge.to.key === from.key).map((edge) => edge.from));
    case "Home":
      return nodes[0];
    default:
      return undefined;
  }
}
