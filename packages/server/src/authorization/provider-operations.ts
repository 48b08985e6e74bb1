/**
 * The operations that Azure's resource providers have, as far as they are known here: read off the built-in roles, the catalogue of conditions, and
 * the rows that Resource Manager serves. A role names many operations by wildcards only, so the list is not whole.
 * @see https://learn.microsoft.com/rest/api/authorization/provider-operations-metadata
 */
import { actionCatalogue, foldCase } from "@postern/access";
import { builtinRoles } from "@postern/access/roles";

export type ProviderOperation = { readonly name: string; readonly isDataAction: boolean };

/** A provider's operations by resource type (`storageAccounts/blobServices`); "" for those of the provider itself. */
export type Provider = {
  readonly namespace: string;
  readonly operationsByType: ReadonlyMap<string, readonly ProviderOperation[]>;
};

const operationPattern = /^[a-z0-9]+(?:\.[a-z0-9]+)+(?:\/[a-z0-9.\-_$]+)+$/i;

/** The type that an operation is on: what stands between the namespace and the verb (`read`, `write`, `delete`, `NAME/action`). */
function typeOf(name: string): string {
  const segments = name.split("/").slice(1);
  return segments.slice(0, foldCase(segments.at(-1)!) === "action" ? -2 : -1).join("/");
}

/**
 * Groups the operations by provider and type, each in the order of the alphabet.
 * @param served operations of the control plane that are served here.
 */
export function listProviders(served: readonly string[]): Provider[] {
  const known = new Map<string, ProviderOperation>();
  const add = (text: string, isDataAction: boolean): void => {
    const name = text.trim();
    const key = `${foldCase(name)} ${isDataAction}`;
    if (operationPattern.test(name) && !known.has(key)) known.set(key, { name, isDataAction });
  };
  for (const name of served) add(name, false);
  for (const { action, isDataAction } of actionCatalogue) add(action, isDataAction);
  for (const { permissions } of builtinRoles) {
    for (const { actions, notActions, dataActions, notDataActions } of permissions) {
      for (const name of [...actions, ...notActions]) add(name, false);
      for (const name of [...dataActions, ...notDataActions]) add(name, true);
    }
  }
  const byFoldedName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);
  const sorted = [...known].sort(byFoldedName).map(([, operation]) => operation);
  const byNamespace = Map.groupBy(sorted, ({ name }) => foldCase(name.split("/")[0]!));
  return [...byNamespace.values()].map((operations) => {
    const byType = Map.groupBy(operations, ({ name }) => foldCase(typeOf(name)));
    return {
      namespace: spelling(operations.map(({ name }) => name.split("/")[0]!)),
      operationsByType: new Map([...byType.values()].map((some) => [typeOf(some[0]!.name), some])),
    };
  });
}

/** Roles spell names in several ways: the most frequent it is. */
function spelling(given: readonly string[]): string {
  const counts = [...Map.groupBy(given, (each) => each)].sort(([, a], [, b]) => b.length - a.length);
  return counts[0]![0];
}
