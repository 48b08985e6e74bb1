/** Why Graph refuses a request, beside what the directory's rules, the token check and the body readers say; data without text. */

export type GraphFault =
  /** No bearer token in the request. */
  | { readonly kind: "token-missing" }
  /** The decision said no. */
  | { readonly kind: "denied" }
  /** A delegated-only operation called with an app's own token. */
  | { readonly kind: "delegated-only" }
  | { readonly kind: "segment-unknown"; readonly segment: string }
  | { readonly kind: "path-malformed" }
  | { readonly kind: "version-unknown"; readonly version: string }
  | { readonly kind: "method-not-allowed" }
  /** Graph has it, this cloud does not. */
  | { readonly kind: "absent"; readonly what: string }
  | { readonly kind: "identifier-invalid"; readonly id: string }
  /** Text of a query option that is not OData. */
  | { readonly kind: "query-malformed"; readonly option: string; readonly why: string }
  | { readonly kind: "query-repeated"; readonly option: string }
  /** `$top` beyond what a page may hold. */
  | { readonly kind: "query-page-size"; readonly asked: number; readonly most: number }
  /** An option that makes sense on collections only. */
  | { readonly kind: "query-not-collection" }
  | { readonly kind: "filter-syntax"; readonly filter: string; readonly position: number }
  /** OData that Graph's directory does not support on this property. */
  | { readonly kind: "filter-unsupported"; readonly property: string; readonly resource: string }
  /** An advanced query without `ConsistencyLevel: eventual` and `$count=true`. */
  | { readonly kind: "query-needs-consistency-level"; readonly operator: string }
  /** `$orderby` that needs an advanced query, or that no query has. */
  | { readonly kind: "query-order-unsupported" }
  /** `$search` without `ConsistencyLevel: eventual`. */
  | { readonly kind: "query-search-needs-header" }
  /** The segment `/$count` without `ConsistencyLevel: eventual`. */
  | { readonly kind: "query-count-needs-header" }
  /** `$expand` in an advanced query. */
  | { readonly kind: "query-expand-advanced" }
  | { readonly kind: "search-syntax"; readonly search: string; readonly position: number; readonly character: string }
  | { readonly kind: "filter-too-many-clauses"; readonly count: number; readonly limit: number }
  | { readonly kind: "filter-types"; readonly left: string; readonly right: string; readonly operator: string }
  | { readonly kind: "property-unknown"; readonly property: string; readonly type: string; readonly option: string }
  /** addKey and removeKey: the caller does not hold the key of a certificate that is there. */
  | { readonly kind: "proof-invalid" }
  | { readonly kind: "skip-token-invalid" }
  | { readonly kind: "delta-token-invalid" }
  /** A delta that goes on from a time this cloud does not know. */
  | { readonly kind: "delta-resync" }
  /** `If-Match` names another version of the object. */
  | { readonly kind: "precondition-failed" }
  /** changePassword: the current password is not the one given, or was tried too often. */
  | { readonly kind: "password-wrong" }
  /** A batch that is not well formed: no part of it was carried out. */
  | { readonly kind: "batch-malformed"; readonly why: string }
  /** A member of a JSON body that the type does not have. */
  | { readonly kind: "body-property-unknown"; readonly property: string }
  | { readonly kind: "body-property-read-only"; readonly property: string; readonly resource: string }
  | { readonly kind: "body-property-invalid"; readonly property: string; readonly resource: string };

/** Thrown anywhere in this surface; nothing has been written when it is. */
export class GraphRefusal extends Error {
  readonly fault: GraphFault;
  constructor(fault: GraphFault) {
    super(fault.kind);
    this.name = "GraphRefusal";
    this.fault = fault;
  }
}

export function refuseGraph(fault: GraphFault): never {
  throw new GraphRefusal(fault);
}
