/** This surface's own bounds. */

/** Rows of a page when the caller names no `$top`, and at most. @see https://learn.microsoft.com/graph/api/user-list#optional-query-parameters */
export const defaultPageSize = 100;
export const maxPageSize = 999;
/** Characters of a whole query string; our choice, half of what URLs are bounded by elsewhere. */
export const maxQueryLength = 16_384;
/** Characters of `$filter`; our choice. */
export const maxFilterLength = 4_096;
/** Levels of parentheses, `not` and lambdas in `$filter`; our choice, far above any client's. */
export const maxFilterDepth = 32;
/** Values of one `in`, and operands of one chain of `or`. Seen in Graph's own refusal; from memory. */
export const maxFilterAlternatives = 15;
/** Comparisons and functions in one `$filter`: each is tried on every object of a collection. Our choice. */
export const maxFilterClauses = 50;
/** Names in `$select`; our choice, above the number of properties of any type. */
export const maxSelectNames = 256;
/** Relationships in one `$expand`; our choice. */
export const maxExpandItems = 4;
/** Objects of one expanded relationship; there is no next link for the rest. @see https://learn.microsoft.com/graph/query-parameters#expand-parameter */
export const maxExpandedObjects = 20;
/** Rows of a page whose rows are expanded, whatever `$top` says. @see https://developer.microsoft.com/graph/known-issues/?search=13635 */
export const maxExpandedPageSize = 100;
/** Rows of a page in a part of a batch, whatever `$top` says: 20 parts must not answer 20 times the largest page. Our choice. */
export const maxBatchPageSize = 100;
/** Requests of one batch. @see https://learn.microsoft.com/graph/json-batching#batch-size-limitations */
export const maxBatchRequests = 20;
/** Characters of a part's id; our choice, three times a GUID. */
export const maxBatchIdLength = 128;
/** Characters of `$search`, clauses in it, and levels of parentheses; our choice. */
export const maxSearchLength = 2_048;
export const maxSearchClauses = 20;
export const maxSearchDepth = 8;
/** Entries of the change log that one page of a delta or of the audit log looks at; our choice. */
export const maxLogEntriesAPage = 1_000;
/** Stretches of that many entries that one page of the audit log looks at, when few of them are what was asked for; our choice. */
export const maxAuditStretches = 5;
/** Members of groups that one page of a delta tells of; our choice. */
export const maxDeltaMembers = 1_000;
/** Characters of a skip token; ours are under 600. */
export const maxSkipTokenLength = 2_048;
/** Bytes of a JSON body; our choice: an application at its documented limits is under half of it. */
export const maxBodySizeBytes = 1_048_576;
/** Ids of one getByIds. @see https://learn.microsoft.com/graph/api/directoryobject-getbyids */
export const maxGetByIds = 1_000;
/** Ids of one checkMemberGroups. @see https://learn.microsoft.com/graph/api/directoryobject-checkmembergroups */
export const maxCheckMemberGroups = 20;
/** Objects bound in one body (`members@odata.bind` and the like). @see https://learn.microsoft.com/graph/api/group-post-members */
export const maxBoundObjects = 20;
/** Segments of a path; our choice, twice the longest operation. */
export const maxPathSegments = 12;
/** Characters of one path segment; our choice. */
export const maxSegmentLength = 512;
