/** The access map, drawn. One node has the place in the order of Tab; arrow keys go from node to node. */
import { type KeyboardEvent, useRef, useState } from "react";
import { insight } from "../../texts/insight.ts";
import { type AccessMapLayout, type MapEdge, type MapNode, neighbourOf, nodeHeight, nodeWidth } from "./layout.ts";

const { map: text } = insight;

export function Drawing(props: {
  readonly layout: AccessMapLayout;
  readonly isDifference: boolean;
  readonly selected: string;
  /** Given the selected node again, selects nothing. */
  readonly onSelect: (key: string) => void;
}) {
  const { layout, isDifference, selected, onSelect } = props;
  const [focused, setFocused] = useState("");
  const place = useRef<SVGSVGElement>(null);
  const stop = layout.nodes.find(({ key }) => key === focused) ?? layout.nodes[0];
  const marked = new Set(layout.nodes.find(({ key }) => key === selected)?.ways);
  const isMarked = (ways: readonly number[]) => selected === "" || ways.some((way) => marked.has(way));
  const onKeyDown = (event: KeyboardEvent, node: MapNode) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      onSelect(node.key);
      return;
    }
    const next = neighbourOf(layout, node, event.key);
    if (next === undefined) return;
    event.preventDefault();
    setFocused(next.key);
    place.current?.querySelector<SVGGElement>(`[data-node="${CSS.escape(next.key)}"]`)?.focus();
  };
  const look = (ways: readonly number[], change: MapNode["change"]) =>
    [isDifference ? change : "", isMarked(ways) ? "" : "dimmed"].filter(Boolean).join(" ");
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="map-scroller" tabIndex={0} aria-label={text.graphLabel}>
      <svg
        ref={place}
        role="group"
        aria-label={text.graphLabel}
        width={layout.width}
        height={layout.height}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        className="map"
      >
        <g>
          {layout.columns.map(({ kind, x }) => (
            <text key={x} x={x} y={22} className="map-head">
              {text.columns[kind]}
            </text>
          ))}
          {layout.edges.map((edge) => (
            <path key={edge.key} d={pathOf(edge)} className={`map-edge ${look(edge.ways, edge.change)}`} />
          ))}
        </g>
        {layout.nodes.map((node) => (
          <g
            key={node.key}
            data-node={node.key}
            role="button"
            tabIndex={node.key === stop?.key ? 0 : -1}
            aria-pressed={node.key === selected}
            aria-label={labelOf(node, isDifference)}
            transform={`translate(${node.x} ${node.y})`}
            className={`map-node ${node.kind} ${look(node.ways, node.change)}`}
            onClick={() => onSelect(node.key)}
            onFocus={() => setFocused(node.key)}
            onKeyDown={(event) => onKeyDown(event, node)}
          >
            <Box node={node} />
          </g>
        ))}
      </svg>
    </section>
  );
}

function Box({ node }: { readonly node: MapNode }) {
  return (
    <>
      <title>{fullNameOf(node)}</title>
      <rect width={nodeWidth} height={nodeHeight} rx={node.kind === "principal" ? nodeHeight / 2 : 4} />
      <foreignObject width={nodeWidth} height={nodeHeight}>
        <div className="map-name">
          <bdi>{cut(node.name)}</bdi>
        </div>
      </foreignObject>
    </>
  );
}

/** Longest part of a name that is drawn and read out, in characters. */
const maxNameChars = 200;

function cut(name: string): string {
  return [...name.slice(0, maxNameChars * 2)].slice(0, maxNameChars).join("");
}

/** A scope's last name alone does not say which. */
function fullNameOf({ kind, id, name }: MapNode): string {
  return cut(kind === "scope" ? `${name}, ${id}` : name);
}

function labelOf(node: MapNode, isDifference: boolean): string {
  const { kind, ways, change } = node;
  const label = text.nodeOf(text.kinds[kind], fullNameOf(node), ways.length);
  return isDifference && change !== "mixed" ? `${label}, ${text[change]}` : label;
}

function pathOf({ from, to }: MapEdge): string {
  const [x1, y1] = [from.x + nodeWidth, from.y + nodeHeight / 2];
  const [x2, y2] = [to.x, to.y + nodeHeight / 2];
  const bend = Math.max(30, (x2 - x1) / 2);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}
