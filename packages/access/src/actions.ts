/**
 * Actions: matching an operation against the wildcard entries of a role.
 *
 * Owns the pattern language (`*` stands for any characters, `/` included; slash-star-slash may stand for one slash; all else is
 * literal; case does not count) and nothing about roles. No regular expression is built from data: an entry is cut at its stars and the pieces are
 * looked for from left to right, so the work is bounded by the product of two bounded lengths.
 * @see https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format
 */
import { foldCase } from "./case-folding.ts";

/** Longest operation or entry of a role, in UTF-16 units. Ours: the longest in a built-in role has 139. */
export const MAX_ACTION_LENGTH = 512;

/** A role entry with at least one star, cut at its stars. */
type WildcardPieces = readonly string[];

/**
 * How many characters two neighbouring pieces may share: the one slash of a slash-star-slash that stands for no segment at all. Built-in roles are
 * written so: Managed Identity Operator assigns identities by a star between `userAssignedIdentities/` and `/assign/action`, and the operation is
 * `userAssignedIdentities/assign/action`; likewise `sshPublicKeys/` star `/generateKeyPair/action`.
 */
function sharedLength(before: string, piece: string): number {
  return before.endsWith("/") && piece.startsWith("/") ? 1 : 0;
}

function matchesPieces(pieces: WildcardPieces, folded: string): boolean {
  const first = pieces[0]!;
  const last = pieces[pieces.length - 1]!;
  if (!folded.startsWith(first) || !folded.endsWith(last)) return false;
  let from = first.length;
  // The leftmost place for each piece leaves the most room for the rest, so no other place need be tried.
  for (let i = 1; i < pieces.length - 1; i += 1) {
    const piece = pieces[i]!;
    const at = folded.indexOf(piece, from - sharedLength(pieces[i - 1]!, piece));
    if (at === -1) return false;
    from = at + piece.length;
  }
  return from - sharedLength(pieces[pieces.length - 2]!, last) <= folded.length - last.length;
}

/** A compiled list of role entries. */
export class ActionSet {
  readonly #exact = new Set<string>();
  readonly #wildcards: WildcardPieces[] = [];

  /** @param entries entries as a role definition lists them; blanks around an entry are not part of it. */
  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      const folded = foldCase(entry.trim());
      if (folded.includes("*")) this.#wildcards.push(folded.split("*"));
      else this.#exact.add(folded);
    }
  }

  /**
   * Says whether some entry matches.
   * @param folded an operation already folded with `foldCase`.
   */
  matches(folded: string): boolean {
    return this.#exact.has(folded) || this.#wildcards.some((pieces) => matchesPieces(pieces, folded));
  }
}

/**
 * Says whether one entry of a role matches an operation.
 * @param entry e.g. `Microsoft.Storage/storageAccounts/blob*`; blanks around it are not part of it.
 * @param operation e.g. `Microsoft.Storage/storageAccounts/blobServices/read`; compared without case.
 * @see https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format
 */
export function matchesAction(entry: string, operation: string): boolean {
  return new ActionSet([entry]).matches(foldCase(operation));
}
