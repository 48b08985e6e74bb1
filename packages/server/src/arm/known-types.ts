/**
 * What of a path that no row matches: a name Azure does not have, or one it has and we do not serve. The namespaces and types that Azure
 * has are read off the operations that its built-in roles name.
 */
import { builtinRoles } from "@postern/access/roles";
import { refuse } from "../state/fault.ts";
import { refuseArm } from "./fault.ts";

/** Namespaces of which rows of ours exist: only there an unknown type can be told from one that is not served. */
const ownNamespaces: ReadonlySet<string> = new Set([
  "microsoft.authorization",
  "microsoft.managedidentity",
  "microsoft.management",
  "microsoft.resources",
  "microsoft.storage",
]);

/** Paths without a provider that Azure has, by their last fixed segment. */
const plainResources: ReadonlySet<string> = new Set([
  "exportTemplate",
  "moveResources",
  "validateMoveResources",
  "tagNames",
  "tagValues",
  "checkZonePeers",
  "batch",
  "resources",
  "providers",
]);

type KnownNames = { readonly namespaces: ReadonlyMap<string, string>; readonly types: ReadonlySet<string> };

let knownNames: KnownNames | undefined;

function readKnownNames(): KnownNames {
  if (knownNames !== undefined) return knownNames;
  const namespaces = new Map<string, string>();
  const types = new Set<string>();
  for (const { permissions } of builtinRoles) {
    for (const { actions, notActions, dataActions, notDataActions } of permissions) {
      for (const action of [...actions, ...notActions, ...dataActions, ...notDataActions]) {
        const [namespace = "", type = ""] = action.trim().split("/");
        if (!/^[a-z0-9]+(\.[a-z0-9]+)+$/i.test(namespace)) continue;
        namespaces.set(namespace.toLowerCase(), namespace);
        if (!type.includes("*")) types.add(`${namespace}/${type}`.toLowerCase());
      }
    }
  }
  knownNames = { namespaces, types };
  return knownNames;
}

/** Says whether Azure has a resource provider of that name. */
export function isKnownNamespace(namespace: string): boolean {
  return readKnownNames().namespaces.has(namespace.toLowerCase());
}

/**
 * Refuses a path that no row matches.
 * @param path its decoded segments.
 * @throws ArmRefusal `path-unknown`, `namespace-unknown`, `type-unknown`; Refusal `not-implemented`.
 */
export function refuseUnmatched(path: readonly string[], apiVersion: string): never {
  const at = path.findLastIndex((segment) => segment.toLowerCase() === "providers");
  const namespace = at === -1 ? undefined : path[at + 1];
  if (namespace === undefined) {
    const known = path.findLast((segment) =>
      [...plainResources].some((name) => name.toLowerCase() === segment.toLowerCase()),
    );
    return known === undefined
      ? refuseArm({ kind: "path-unknown" })
      : refuse({ kind: "not-implemented", what: `'${known}'` });
  }
  const shown = namespace.slice(0, 128);
  if (!isKnownNamespace(namespace)) return refuseArm({ kind: "namespace-unknown", namespace: shown });
  const type = path[at + 2];
  if (type === undefined) return refuse({ kind: "not-implemented", what: `The resource provider '${shown}'` });
  const isKnownType = readKnownNames().types.has(`${namespace}/${type}`.toLowerCase());
  if (ownNamespaces.has(namespace.toLowerCase()) && !isKnownType) {
    return refuseArm({ kind: "type-unknown", namespace: shown, type: type.slice(0, 128), apiVersion });
  }
  const typePath = path.slice(at + 2).filter((_, index) => index % 2 === 0);
  return refuse({
    kind: "not-implemented",
    what: `The resource type '${[shown, ...typePath].join("/").slice(0, 256)}'`,
  });
}
