/** Objects of several types in one collection: each knows its type, and how it is shown and asked. */
import type { Cloud } from "../cloud.ts";
import { type FilterField, findProperty, type ReadAt, type ResourceType, renderRow } from "./resource-type.ts";

/** Any object of the directory with its type, for collections that mix them. */
export type TypedRow = {
  readonly id: string;
  readonly typeName: string;
  /** The same type, over typed rows: for a collection that is cast to it. */
  readonly type: ResourceType<TypedRow>;
  /** What the type shows and asks of it. */
  readonly row: unknown;
  /** @param select names as asked for, in any case; undefined for the default set. */
  readonly render: (select: readonly string[] | undefined) => Record<string, unknown>;
};

export function typedRow<Row>(
  call: { readonly cloud: Pick<Cloud, "model"> },
  type: ResourceType<Row>,
  row: Row,
): TypedRow {
  return {
    id: type.keyOf(row),
    typeName: type.name,
    // No accessor: an object with one of its own is a hidden class of its own to V8.
    type: overTyped(type),
    row,
    render: (names) => {
      const known = names?.flatMap((name) => findProperty(type, name)?.name ?? []);
      return renderRow(type, row, { model: call.cloud.model }, known && new Set(known));
    },
  };
}

/** One object that says its type first, as in getByIds. */
export function renderTyped(object: TypedRow, select?: readonly string[]): Record<string, unknown> {
  return { "@odata.type": `#microsoft.graph.${object.typeName}`, ...object.render(select) };
}

/** Made once for each type: a collection asks for it at every object. */
const madeTypes = new WeakMap<object, ResourceType<TypedRow>>();

/** The type as it reads typed rows of that very type. */
function overTyped<Row>(type: ResourceType<Row>): ResourceType<TypedRow> {
  const made = madeTypes.get(type) ?? makeOverTyped(type);
  madeTypes.set(type, made);
  return made;
}

function makeOverTyped<Row>(type: ResourceType<Row>): ResourceType<TypedRow> {
  const rowOf = (object: TypedRow) => object.row as Row;
  const { order: _, ...rest } = type;
  return {
    ...rest,
    keyOf: (object) => object.id,
    properties: type.properties.map(({ read, ...property }) => ({
      ...property,
      read: (object: TypedRow, at: ReadAt) => read(rowOf(object), at),
    })),
    filters: Object.fromEntries(
      Object.entries(type.filters).map(([name, { read, ...field }]) => [
        name,
        { ...field, read: (object: TypedRow, at: ReadAt) => read(rowOf(object), at) } as FilterField<TypedRow>,
      ]),
    ),
    indexes: {},
    orderBy: (type.orderBy ?? []).map(({ read, ...order }) => ({ ...order, read: (object) => read(rowOf(object)) })),
  };
}

function readOf(name: string) {
  return (object: TypedRow, at: ReadAt): unknown => findProperty(object.type, name)?.read(object, at) ?? null;
}

/** What a collection of several types can be asked: the properties they share, through Graph's index only. */
export const directoryObjectType: ResourceType<TypedRow> = {
  name: "directoryObject",
  set: "directoryObjects",
  title: "DirectoryObject",
  keyOf: (object) => object.id,
  properties: ["id", "deletedDateTime", "displayName", "description", "mail", "userPrincipalName", "appId"].map(
    (name) => ({
      name,
      read: readOf(name),
    }),
  ),
  filters: {
    id: { kind: "identifier", read: readOf("id"), isAdvanced: true },
    displayName: { kind: "text", read: readOf("displayName"), isAdvanced: true },
    description: { kind: "text", read: readOf("description"), isAdvanced: true },
    mail: { kind: "text", read: readOf("mail"), isAdvanced: true, canEndWith: true },
    userPrincipalName: { kind: "text", read: readOf("userPrincipalName"), isAdvanced: true, canEndWith: true },
    appId: { kind: "identifier", read: readOf("appId"), isAdvanced: true },
    accountEnabled: { kind: "boolean", read: readOf("accountEnabled"), isAdvanced: true },
    mailEnabled: { kind: "boolean", read: readOf("mailEnabled"), isAdvanced: true },
    securityEnabled: { kind: "boolean", read: readOf("securityEnabled"), isAdvanced: true },
  },
  indexes: {},
  orderBy: [
    {
      name: "displayName",
      read: (object) => String((object.row as { displayName?: unknown }).displayName ?? ""),
      isAdvanced: true,
    },
  ],
};
