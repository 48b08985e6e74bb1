/** Which properties an answer has (`$select`), and the context that says so. */
import { refuseGraph } from "./graph-fault.ts";
import type { GraphCall } from "./operation.ts";
import { findProperty, type ResourceType } from "./resource-type.ts";

/** The names that `$select` lists, in the type's spelling; undefined for the default set. @throws GraphRefusal `property-unknown`. */
export function selectOf<Row>(call: GraphCall, type: ResourceType<Row>): ReadonlySet<string> | undefined {
  return (
    call.options.select &&
    new Set(
      call.options.select.map((name) => {
        const property = findProperty(type, name);
        if (property === undefined)
          refuseGraph({ kind: "property-unknown", property: name, type: type.name, option: "select" });
        return property.name;
      }),
    )
  );
}

/** @param expanded relationships with their own columns, e.g. `members(id)`. */
export function contextOf(
  call: Pick<GraphCall, "base">,
  name: string,
  select?: ReadonlySet<string>,
  expanded: readonly string[] = [],
): string {
  const columns = [...(select ?? []), ...expanded];
  return `${call.base}/$metadata#${name}${select === undefined && expanded.length === 0 ? "" : `(${columns.join(",")})`}`;
}
