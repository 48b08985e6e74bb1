/**
 * Whom a person reports to. A manager who is deleted is nobody's manager, and everybody's again when restored. Pure.
 *
 * Owns: `managerId` of `user` rows. Spec: https://learn.microsoft.com/graph/api/user-post-manager
 */
import { put } from "../state/change.ts";
import type { User } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { UserObjectId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { existing, type Outcome } from "./values.ts";

const at = { objectKind: "user", property: "manager" } as const;

/** The person's manager, if there is one. */
export function managerOf(model: ReadModel, { managerId }: User): User | undefined {
  return managerId === null ? undefined : model.users.get(managerId);
}

/** @throws Refusal `object-not-found`; `reference-not-found` when nobody has that id; `value-invalid` for oneself. */
export function setManager(model: ReadModel, id: UserObjectId, managerId: string): Outcome<User> {
  const before = existing("user", model.users.get(id), id);
  const manager = model.users.get(managerId) ?? refuse({ kind: "reference-not-found", ...at, id: managerId });
  if (manager.id === id) refuse({ kind: "value-invalid", ...at, why: "not-allowed" });
  const row = { ...before, managerId: manager.id };
  return { changes: [put("user", row)], result: row };
}

/** @throws Refusal `object-not-found`; `reference-not-found` when the person has no manager. */
export function removeManager(model: ReadModel, id: UserObjectId): Outcome<User> {
  const before = existing("user", model.users.get(id), id);
  if (managerOf(model, before) === undefined) refuse({ kind: "reference-not-found", ...at, id: "manager" });
  const row = { ...before, managerId: null };
  return { changes: [put("user", row)], result: row };
}
