/**
 * A list with columns. Only the rows in sight are in the page, so that ten thousand scroll as smoothly as ten; the next page of the answer is
 * asked for when its rows come near.
 */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";
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
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeightPx,
    overscan: overscanRows,
    getItemKey: (index) => keyOf(rows[index]!),
  });
  const visible = virtualizer.getVirtualItems();
  const lastVisible = visible.at(-1)?.index ?? -1;
  useEffect(() => {
    if (!isLoading && onMore !== undefined && lastVisible >= rows.length - 1 - overscanRows) onMore();
  }, [lastVisible, rows.length, isLoading, onMore]);

  if (props.error !== undefined) return <ErrorMessage error={props.error} />;
  if (rows.length === 0) return isLoading ? <Loading /> : (props.empty ?? null);
  const tracks = [...(selection === undefined ? [] : ["40px"]), ...columns.map(({ width = "1fr" }) => widthOf(width))];
  const style = { gridTemplateColumns: tracks.join(" ") };
  const minorFree = [
    ...(selection === undefined ? [] : ["40px"]),
    ...columns.filter(({ isMinor }) => isMinor !== true).map(({ width = "1fr" }) => widthOf(width)),
  ].join(" ");
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
      >
        <div className="list-row list-head" role="row" ref={narrowTracks(style.gridTemplateColumns, minorFree)}>
          {selection === undefined ? undefined : <SelectAll rows={rows} keyOf={keyOf} selection={selection} />}
          {columns.map(({ key, title, isMinor, isTitleHidden }) => (
            <div key={key} role="columnheader" className={isMinor === true ? "cell minor" : "cell"}>
              <span className={isTitleHidden === true ? "hidden" : ""}>{title}</span>
            </div>
          ))}
        </div>
        <div role="presentation" className="list-space" style={{ height: virtualizer.getTotalSize() }}>
          {visible.map(({ index, key, start }) => {
            const row = rows[index]!;
            const group = groupOf?.(row);
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: what a click does, one of the cells does by keyboard
              <div
                key={key}
                role="row"
                aria-rowindex={index + 2}
                className={group === undefined ? "list-row" : "list-row list-group"}
                style={{ transform: `translateY(${start}px)` }}
                onClick={group === undefined ? () => props.onRowClick?.(row) : undefined}
                ref={group === undefined ? narrowTracks(style.gridTemplateColumns, minorFree) : undefined}
              >
                {group === undefined ? (
                  <RowCells row={row} rowKey={String(key)} columns={columns} selection={selection} />
                ) : (
                  <div role="cell" className="cell">
                    {group}
                  </div>
                )}
              </div>
            );
          })}
        </div>
      </div>
      <p className="list-foot soft" role="status">
        {isLoading ? common.loadingMore : common.rowCount(countOf(rows, groupOf), props.total)}
      </p>
    </div>
  );
}

/** Heads of groups do not count. */
function countOf<Row>(rows: readonly Row[], groupOf: DetailsListProps<Row>["groupOf"]): number {
  return groupOf === undefined ? rows.length : rows.filter((row) => groupOf(row) === undefined).length;
}

/** A track may shrink below its content: long names are cut, not the list widened. */
function widthOf(width: string): string {
  return width.endsWith("fr") ? `minmax(0, ${width})` : width;
}

/** Both track lists as properties of the element, for the style sheet to choose by width. */
function narrowTracks(wide: string, narrow: string) {
  return (element: HTMLElement | null) => {
    element?.style.setProperty("--tracks", wide);
    element?.style.setProperty("--tracks-narrow", narrow);
  };
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
