/**
 * A heap as V8 writes it down, after it has thrown away what nobody holds: what lives in it, by constructor.
 * @see https://github.com/v8/v8/blob/main/src/profiler/heap-snapshot-generator.cc
 */
import { readFileSync } from "node:fs";

type Snapshot = {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      readonly node_types: readonly [readonly string[]];
      readonly edge_fields: readonly string[];
      readonly edge_types: readonly [readonly string[]];
    };
  };
  readonly nodes: readonly number[];
  readonly edges: readonly number[];
  readonly strings: readonly string[];
};

export type Total = { count: number; bytes: number };

/** Adds up each kind of object in a snapshot's file; a text, an array or a number counts for the first object found to hold it. */
export function addUpHeap(file: string): Map<string, Total> {
  const { snapshot, nodes, edges, strings } = JSON.parse(readFileSync(file, "utf8")) as Snapshot;
  const { meta } = snapshot;
  const field = (name: string) => meta.node_fields.indexOf(name);
  const [type, name, size, edgeCount] = [field("type"), field("name"), field("self_size"), field("edge_count")];
  const width = meta.node_fields.length;
  const types = meta.node_types[0];
  const [edgeType, edgeName, edgeTo] = ["type", "name_or_index", "to_node"].map((one) => meta.edge_fields.indexOf(one));
  const edgeWidth = meta.edge_fields.length;
  const edgeTypes = meta.edge_types[0];
  const nameOf = (node: number) => {
    const kind = types[nodes[node + type]!]!;
    const own = strings[nodes[node + name]!]!.slice(0, 60);
    return kind === "object" || kind === "closure" ? `${own || "()"}${kind === "closure" ? " ()" : ""}` : `(${kind})`;
  };
  const holders = new Map<number, string>();
  for (let node = 0, edge = 0; node < nodes.length; node += width) {
    const isObject = ["object", "closure"].includes(types[nodes[node + type]!]!);
    for (let left = nodes[node + edgeCount]!; left > 0; left--, edge += edgeWidth) {
      const to = edges[edge + edgeTo!]!;
      const kind = edgeTypes[edges[edge + edgeType!]!]!;
      if (!isObject || holders.has(to) || kind === "weak") continue;
      const way = kind === "element" || kind === "hidden" ? "[]" : `.${strings[edges[edge + edgeName!]!]}`;
      holders.set(to, `${nameOf(node)}${way}`);
    }
  }
  const totals = new Map<string, Total>();
  for (let node = 0; node < nodes.length; node += width) {
    const own = nameOf(node);
    const key = own.startsWith("(") && own !== "()" ? `${own} of ${holders.get(node) ?? "?"}` : own;
    const total = totals.get(key) ?? { count: 0, bytes: 0 };
    total.count += 1;
    total.bytes += nodes[node + size]!;
    totals.set(key, total);
  }
  return totals;
}

/** All that a heap holds, in MiB. */
export function sumMiB(totals: ReadonlyMap<string, Total>): number {
  return [...totals.values()].reduce((bytes, one) => bytes + one.bytes, 0) / 2 ** 20;
}
