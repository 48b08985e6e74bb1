/**
 * Texts that many rows have in common, each kept once: a million role assignments name some thousand scopes, and every row that is read brings its own
 * copy. Used while rows are loaded.
 */
import type { Change } from "../state/change.ts";
import type { RoleAssignment } from "../state/entities.ts";

/** Texts remembered at a time; those beyond are left as they came. Our choice: more are hardly shared. */
const maxTexts = 262_144;

type Writable<Row> = { -readonly [Name in keyof Row]: Row[Name] };

export class SharedTexts {
  readonly #texts = new Map<string, string>();
  #lastCreatedBy: RoleAssignment["createdBy"] = null;

  /**
   * Shares what others repeat too. Ids of principals and names are left: nearly every row has its own.
   * @param change fresh from the store: its row is changed in place.
   */
  share(change: Change): Change {
    if (change.kind !== "roleAssignment" || change.op !== "put") return change;
    const row = change.row as Writable<RoleAssignment>;
    row.scope = this.#shared(row.scope);
    row.roleDefinitionId = this.#shared(row.roleDefinitionId);
    // Mostly the same as of the row before, which is compared faster than looked up.
    if (row.createdBy === this.#lastCreatedBy) row.createdBy = this.#lastCreatedBy;
    else if (row.createdBy !== null) row.createdBy = this.#shared(row.createdBy);
    this.#lastCreatedBy = row.createdBy;
    if (row.condition !== null) row.condition = this.#shared(row.condition);
    // Most are never updated.
    if (row.updatedBy === row.createdBy) row.updatedBy = row.createdBy;
    if (row.updatedOn === row.createdOn) row.updatedOn = row.createdOn;
    return change;
  }

  #shared<Text extends string>(text: Text): Text {
    const known = this.#texts.get(text) as Text | undefined;
    if (known !== undefined) return known;
    if (this.#texts.size < maxTexts) this.#texts.set(text, text);
    return text;
  }
}
