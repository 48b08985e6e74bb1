/** The relationships of each type that `$expand` can name: what they lead to, and what reading them takes. */

import type { DirectoryAction } from "../directory/permissions.ts";
import { directoryRoleHolders } from "./directory-role-type.ts";
import {
  directMemberships,
  memberIdsOf,
  ownedIdsOf,
  ownersOf,
  transitiveMemberships,
  typedObjects,
} from "./objects.ts";
import type { GraphCall } from "./operation.ts";
import type { TypedRow } from "./typed-row.ts";

export type Relation = {
  readonly name: string;
  readonly action: DirectoryAction;
  /** One object or null, not a list. */
  readonly isSingle?: boolean;
  readonly list: (call: Pick<GraphCall, "cloud">, id: string) => readonly TypedRow[];
};

const owners = (action: DirectoryAction): Relation => ({ name: "owners", action, list: ownersOf });
const memberOf = (action: DirectoryAction): Relation => ({ name: "memberOf", action, list: directMemberships });
const transitiveMemberOf = (action: DirectoryAction): Relation => ({
  name: "transitiveMemberOf",
  action,
  list: transitiveMemberships,
});
const ownedObjects = (action: DirectoryAction): Relation => ({
  name: "ownedObjects",
  action,
  list: (call, id) => typedObjects(call, ownedIdsOf(call.cloud.model, id)),
});

/** By the name of the type, as in `#microsoft.graph.group`. */
export const relations: Readonly<Record<string, readonly Relation[]>> = {
  application: [owners("read-applications")],
  servicePrincipal: [
    owners("read-applications"),
    memberOf("read-applications"),
    transitiveMemberOf("read-applications"),
    ownedObjects("read-applications"),
  ],
  group: [
    owners("read-groups"),
    memberOf("read-groups"),
    transitiveMemberOf("read-groups"),
    {
      name: "members",
      action: "read-groups",
      list: (call, id) => typedObjects(call, memberIdsOf(call.cloud.model, id)),
    },
  ],
  user: [memberOf("read-users"), transitiveMemberOf("read-users"), ownedObjects("read-users")],
  directoryRole: [
    {
      name: "members",
      action: "read-roles",
      list: (call, id) => typedObjects(call, directoryRoleHolders(call.cloud.model, id)),
    },
  ],
};
