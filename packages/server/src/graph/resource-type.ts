/**
 * The shape of a Graph resource type: which properties an answer has, in Graph's order, and what `$filter` and `$orderby` may ask of them.
 * One table per type; rendering, `$select`, the filter evaluator and its index look-ups all read it.
 */
import type { ReadModel } from "../state/read-model.ts";

/** What reading a property may need beside the row. */
export type ReadAt = {
  readonly model: ReadModel;
  /** The object was made by this very request: Graph then shows times with their fractions. */
  readonly isNew?: boolean;
};

export type Property<Row> = {
  readonly name: string;
  readonly read: (row: Row, at: ReadAt) => unknown;
  /** Answered only when `$select` names it. */
  readonly isSelectedOnly?: boolean;
};

/** How values of a filterable property compare: `text` without case, `identifier` as GUIDs, `time` as instants. */
export type FilterKind = "text" | "identifier" | "boolean" | "time" | "number";

/** What of a property only some queries may ask. @see https://learn.microsoft.com/graph/aad-advanced-queries */
export type FilterTraits = {
  /** Filtered only by advanced queries. */
  readonly isAdvanced?: boolean;
  /** One of the few properties `endsWith` is for. */
  readonly canEndWith?: boolean;
};

export type FilterField<Row> = FilterTraits &
  (
    | { readonly kind: FilterKind; readonly read: (row: Row, at: ReadAt) => unknown }
    /** A collection of strings, asked by a lambda. */
    | { readonly kind: "texts"; readonly read: (row: Row, at: ReadAt) => readonly unknown[] }
    /** A collection of objects, asked by a lambda over the named members. */
    | {
        readonly kind: "objects";
        readonly read: (row: Row, at: ReadAt) => readonly unknown[];
        readonly members: Readonly<Record<string, FilterKind>>;
      }
    /** What a relationship leads to: asked only for whether it is none (`owners/$count eq 0`), or one. */
    | { readonly kind: "related"; readonly read: (row: Row, at: ReadAt) => readonly unknown[] }
  );

/** The objects that own a row, for `owners/$count`. @see https://learn.microsoft.com/graph/api/resources/application#relationships */
export function ownersField<Row extends { readonly id: string }>(): FilterField<Row> {
  return { kind: "related", read: ({ id }, { model }) => model.owners.find("ownedId", id) };
}

/** The objects that a row owns, for `ownedObjects/$count`. @see https://learn.microsoft.com/graph/api/resources/user#relationships */
export function ownedObjectsField<Row extends { readonly id: string }>(): FilterField<Row> {
  return { kind: "related", read: ({ id }, { model }) => model.owners.find("ownerId", id) };
}

/** A property `$orderby` may name. */
export type Order<Row> = {
  readonly name: string;
  readonly read: (row: Row) => string;
  /** Sorted by only in advanced queries. */
  readonly isAdvanced?: boolean;
};

export type ResourceType<Row> = {
  /** As in `#microsoft.graph.application`. */
  readonly name: string;
  /** The entity set, as in `$metadata#applications`. */
  readonly set: string;
  /** As messages and the Location header spell it: `Application`. */
  readonly title: string;
  readonly properties: readonly Property<Row>[];
  /** By property path in Graph's spelling (`web/redirectUris`). */
  readonly filters: Readonly<Record<string, FilterField<Row>>>;
  /** Rows that an equality on the path selects, found without a scan; a superset is fine, the filter is applied on top. */
  readonly indexes: Readonly<Record<string, (model: ReadModel, value: string) => readonly Row[]>>;
  /** The properties `$orderby` may name. */
  readonly orderBy?: readonly Order<Row>[];
  /** The order when none is asked for, newest first; without it, that of the keys. */
  readonly order?: { readonly read: (row: Row) => string };
  readonly keyOf: (row: Row) => string;
  /** Not of the directory's two stores: every operator works without `ConsistencyLevel`. */
  readonly isOutsideDirectory?: boolean;
};

/** A property that is always null here: Graph answers it all the same. */
export function always<Row>(name: string, value: unknown): Property<Row> {
  return { name, read: () => value };
}

/** The property of that name, compared without case, as Graph compares names in queries. */
export function findProperty<Row>(type: ResourceType<Row>, name: string): Property<Row> | undefined {
  const folded = name.toLowerCase();
  return type.properties.find((property) => property.name.toLowerCase() === folded);
}

/**
 * Renders a row.
 * @param select property names as asked for; undefined for the type's default set.
 */
export function renderRow<Row>(
  type: ResourceType<Row>,
  row: Row,
  at: ReadAt,
  select?: ReadonlySet<string>,
): Record<string, unknown> {
  const rendered: Record<string, unknown> = {};
  for (const property of type.properties) {
    const isWanted = select === undefined ? property.isSelectedOnly !== true : select.has(property.name);
    if (isWanted) rendered[property.name] = property.read(row, at);
  }
  return rendered;
}

/** Graph's spelling of an instant: whole seconds when there is no fraction, or when the fraction is not wanted. */
export function renderTime(iso: string, isFractionShown: boolean): string {
  return isFractionShown && !iso.endsWith(".000Z") ? iso : `${iso.slice(0, 19)}Z`;
}
