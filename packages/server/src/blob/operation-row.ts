/** The shape of this surface's operation table, and of what its handlers take and give. */
import type { Cloud } from "../cloud.ts";
import type { StorageAccount } from "../state/entities.ts";
import type { Exchange } from "../wire/exchange.ts";
import type { OperationRow } from "../wire/operation.ts";
import type { BatchPart } from "./batch-body.ts";
import type { BlobStore } from "./engine/blob-store.ts";
import type { PagesAhead } from "./pages-ahead.ts";
import type { RequestHeaders } from "./request-headers.ts";
import type { Feature } from "./service-versions.ts";
import type { Query, Target } from "./target.ts";
import type { Admission } from "./ways-in/admission.ts";
import type { BearerPorts } from "./ways-in/bearer-token.ts";

/** One permission that would do. */
export type Permission = {
  readonly operation: string;
  readonly isDataAction: boolean;
  /** It allows to create a blob, not to replace one. */
  readonly isNewBlobOnly: boolean;
};

/** A permission that a request needs besides, when it asks for more than its operation does. */
export type FurtherPermission = {
  readonly permission: Permission;
  readonly when: (headers: RequestHeaders, query: Query) => boolean;
  /** For the readable permission: which requests. */
  readonly label: string;
};

export type Access = {
  /** Tried in this order; empty for what anyone may ask. */
  readonly anyOf: readonly Permission[];
  /** Each is needed, where the request is such. */
  readonly further: readonly FurtherPermission[];
  /** Held against the account, whatever the path names. */
  readonly isAccountWide: boolean;
};

/** A request on its way, after it was matched, authenticated and allowed. */
export type Call<At extends Target = Target> = {
  readonly exchange: Exchange;
  readonly target: At;
  readonly query: Query;
  readonly headers: RequestHeaders;
  readonly account: StorageAccount;
  /** It came to the account's second endpoint. */
  readonly isSecondary: boolean;
  /** Service version the answer follows. */
  readonly version: string;
  readonly mustBeNew: boolean;
  /** The body of an operation whose decision looks into it: read before. */
  readonly body: Buffer | null;
  readonly engine: BlobStore;
  /** Absent where nothing is listed. */
  readonly pagesAhead?: PagesAhead;
  readonly cloud: Cloud;
  /** Who showed a token of their own; null for every other way in. */
  readonly principalId: string | null;
  /** How the caller came in, and what is needed to let another request in: a copy's source. */
  readonly admission: Admission;
  readonly ways: BearerPorts;
  /** The table's row for reading a blob: what a copy's source is decided as. */
  readonly readRow: BlobOperation;
  /** Carries out a part of a batch, as a request of its own. */
  readonly answerPart: (part: BatchPart) => Promise<Answer>;
};

export type AccountCall = Call<Extract<Target, { level: "account" }>>;
export type ContainerCall = Call<Extract<Target, { level: "container" }>>;
export type BlobCall = Call<Extract<Target, { level: "blob" }>>;

export type AnswerBody = string | Buffer | AsyncIterable<Buffer>;

/** What a handler answers; a streamed body must say its Content-Length. Names of metadata headers keep their case. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: AnswerBody;
};

export type Handler<At extends Call = Call> = (call: At) => Answer | Promise<Answer>;

export type BlobOperation = OperationRow & {
  readonly level: Target["level"];
  /** Query `restype` and `comp` in lower case; null for none. */
  readonly restype: string | null;
  readonly comp: string | null;
  /** Tells operations apart that share method and query. */
  readonly when: ((headers: RequestHeaders, query: Query) => boolean) | null;
  /** What a version must have for the row to be there; null for all of them. */
  readonly since: Feature | null;
  /** Query parameters that mean something here; others that Blob storage knows are refused. */
  readonly parameters: readonly string[];
  readonly hasBody: boolean;
  /** The body is tags, which conditions may look at: it is read before the decision. */
  readonly isTagsBody: boolean;
  readonly access: Access;
  /** null: answers 501, to those who would be allowed. */
  readonly handle: Handler | null;
};
