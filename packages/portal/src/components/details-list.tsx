/**
 * A list with columns. Only the rows in sight are in the page, so that ten thousand scroll as smoothly as ten; the next page of the answer is
 * asked for when its rows come near.
 */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, type ReactNode, useEffect, useRef } from "react";
import { common } from "../texts/common.ts";
import { ErrorMessage, Loading } from "./message.tsx";

export type Column<Row> = {
  readonly key: string;
  readonly title: string;
  readonly render: (row: Row) => ReactNode;
  /** A grid track: `2fr`, `120px`. */
  readonly width?: string;
  /** Left out on narrow screens. */
  readonly isMinor?: boolean;
  /** Read out, not shown. */
  readonly isTitleHidden?: boolean;
};

export type Selection = {
  readonly keys: ReadonlySet<string>;
  readonly onChange: (keys: ReadonlySet<string>) => void;
  readonly isSingle?: boolean;
  /** What the box of one row is called. */
  readonly labelOf: (key: string) => string;
};

export type DetailsListProps<Row> = {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  readonly selection?: Selection;
  /** What a click on a row does besides; by keyboard the same must be done in one of its cells. */
  readonly onRowClick?: (row: Row) => void;
  /** A row that heads those after it; it spans all columns. */
  readonly groupOf?: (row: Row) => ReactNode | undefined;
  readonly isLoading?: boolean;
  readonly error?: unknown;
  /** Asks for more rows; absent when all are there. */
  readonly onMore?: (() => void) | undefined;
  /** Stands in for the list when there is nothing. */
  readonly empty?: ReactNode;
  /** How many there are in all, when more may come. */
  readonly total?: number | undefined;
};

/** Height of a row, in pixels; the style sheet's `--row` says the same. */
const rowHeightPx = 44;
/** Rows kept ready above and below what is in sight. */
const overscanRows = 12;

export function DetailsList<Row>(props: DetailsListProps<Row>) {
  const { rows, columns, keyOf, selection, groupOf, onMore, isLoading = false } = props;
  const scroller = useRef<HTMLDivElement>(null);
  // Measured by index: with a key function of each render all rows would be measured at each step of scrolling.
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeightPx,
    overscan: overscanRows,
  });
  const visible = virtualizer.getVirtualItems();
  const lastVisible = visible.at(-1)?.index ?? -1;
  useEffect(() => {
    if (!isLoading && onMore !== undefined && lastVisible >= rows.length - 1 - overscanRows) onMore();
  }, [lastVisible, rows.length, isLoading, onMore]);

  if (props.error !== undefined) return <ErrorMessage error={props.error} />;
  if (rows.length === 0) return isLoading ? <Loading /> : (props.empty ?? null);
  return (
    <div className="list">
      <div
        className="list-scroller"
        ref={scroller}
        role="table"
        aria-label={props.label}
        aria-rowcount={(props.total ?? rows.length) + 1}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        style={tracksOf(columns, selection !== undefined)}
      >
        <div className="list-row list-head" role="row">
          {selection === undefined ? undefined : <SelectAll rows={rows} keyOf={keyOf} selection={selection} />}
          {columns.map(({ key, title, isMinor, isTitleHidden }) => (
            <div key={key} role="columnheader" className={isMinor === true ? "cell minor" : "cell"}>
              <span className={isTitleHidden === true ? "hidden" : ""}>{title}</span>
            </div>
          ))}
        </div>
        <div role="presentation" className="list-space" style={{ height: virtualizer.getTotalSize() }}>
          {visible.map(({ index, start }) => (
            <ListRow key={keyOf(rows[index]!)} {...props} row={rows[index]!} index={index} topPx={start} />
          ))}
        </div>
      </div>
      <p className="list-foot soft" role="status">
        {isLoading ? common.loadingMore : common.rowCount(countOf(rows, groupOf), props.total)}
      </p>
    </div>
  );
}

/** Both lists of tracks, for the style sheet to choose by width. */
function tracksOf<Row>(columns: readonly Column<Row>[], hasSelection: boolean): CSSProperties {
  const join = (shown: readonly Column<Row>[]) =>
    [...(hasSelection ? ["40px"] : []), ...shown.map(({ width = "1fr" }) => widthOf(width))].join(" ");
  const tracks = {
    "--tracks": join(columns),
    "--tracks-narrow": join(columns.filter(({ isMinor }) => isMinor !== true)),
  };
  return tracks as CSSProperties;
}

/** A track may shrink below its content: long names are cut, not the list widened. */
function widthOf(width: string): string {
  return width.endsWith("fr") ? `minmax(0, ${width})` : width;
}

function ListRow<Row>(
  props: DetailsListProps<Row> & { readonly row: Row; readonly index: number; readonly topPx: number },
) {
  const { row, index, topPx, groupOf, keyOf, columns, selection, onRowClick } = props;
  const group = groupOf?.(row);
  const place = { role: "row", "aria-rowindex": index + 2, style: { transform: `translateY(${topPx}px)` } };
  if (group !== undefined)
    return (
      <div {...place} className="list-row list-group">
        <div role="cell" className="cell">
          {group}
        </div>
      </div>
    );
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: what a click does, one of the cells does by keyboard
    // biome-ignore lint/a11y/noStaticElementInteractions: its role is in its place
    <div {...place} className="list-row" onClick={() => onRowClick?.(row)}>
      <RowCells row={row} rowKey={keyOf(row)} columns={columns} selection={selection} />
    </div>
  );
}

/** Heads of groups do not count. */
function countOf<Row>(rows: readonly Row[], groupOf: DetailsListProps<Row>["groupOf"]): number {
  return groupOf === undefined ? rows.length : rows.filter((row) => groupOf(row) === undefined).length;
}

function RowCells<Row>(props: {
  readonly row: Row;
  readonly rowKey: string;
  readonly columns: readonly Column<Row>[];
  readonly selection: Selection | undefined;
}) {
  const { row, rowKey, columns, selection } = props;
  return (
    <>
      {selection === undefined ? undefined : (
        <div role="cell" className="cell">
          <input
            type={selection.isSingle === true ? "radio" : "checkbox"}
            checked={selection.keys.has(rowKey)}
            aria-label={selection.labelOf(rowKey)}
            onChange={() => selection.onChange(toggled(selection, rowKey))}
          />
        </div>
      )}
      {columns.map(({ key, render, isMinor }) => (
        <div key={key} role="cell" className={isMinor === true ? "cell minor" : "cell"}>
          {render(row)}
        </div>
      ))}
    </>
  );
}

function toggled({ keys, isSingle }: Selection, key: string): ReadonlySet<string> {
  if (isSingle === true) return new Set([key]);
  const next = new Set(keys);
  if (!next.delete(key)) next.add(key);
  return next;
}

function SelectAll<Row>(props: {
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly selection: Selection;
}) {
  const { rows, keyOf, selection } = props;
  if (selection.isSingle === true) return <div role="columnheader" className="cell" aria-label={common.selected} />;
  const isAll = rows.length > 0 && rows.every((row) => selection.keys.has(keyOf(row)));
  return (
    <div role="columnheader" className="cell">
      <input
        type="checkbox"
        checked={isAll}
        aria-label={common.selectAll}
        onChange={() => selection.onChange(isAll ? new Set() : new Set(rows.map(keyOf)))}
      />
    </div>
  );
}
