/**
 * Three truth values, ordered: AND is the least of its parts, OR the greatest, NOT turns the order round.
 *
 * Unknown is what a comparison with a missing or unfit value gives, and only a condition that is true grants. With two
 * values a missing attribute would have to be false, and NOT would make it a grant: `NOT @Resource[tags:level] StringEquals
 * 'secret'` would open every blob of which the level is not known. Unknown stays unknown under NOT; the negated operators
 * (StringNotEquals and its like) are unknown as well. So a true answer never rests on a value that was not there,
 * unless the condition says `NOT Exists`, which is always known once the source is.
 *
 * Microsoft's example "Require private link access to read blobs with high sensitivity" shows that Azure does so too: it
 * allows blobs without the tag, and has to say `NOT Exists` beside `StringNotEquals 'high'` for it.
 * @see https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-examples#example-require-private-link-access-to-read-blobs-with-high-sensitivity
 */

/** False, unknown, true. */
export type Truth = 0 | 1 | 2;
export const FALSE: Truth = 0;
export const UNKNOWN: Truth = 1;
export const TRUE: Truth = 2;

/** Gives the truth value of something known. */
export function truthOf(isTrue: boolean): Truth {
  return isTrue ? TRUE : FALSE;
}

/** Turns a truth value round; unknown stays unknown. */
export function negate(truth: Truth): Truth {
  return (TRUE - truth) as Truth;
}
