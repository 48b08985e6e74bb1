/** How a row of the operation table is written down; {@link completeDraft} makes rows of it. */
import { copiesTags } from "./copy-rows.ts";
import type { Access, BlobOperation, FurtherPermission, Handler, Permission } from "./operation-row.ts";
import type { RequestHeaders } from "./request-headers.ts";
import type { Feature } from "./service-versions.ts";
import type { Query, Target } from "./target.ts";

const service = "Microsoft.Storage/storageAccounts/blobServices";

/** A control-plane operation of the service, which Blob storage asks for all the same. */
export function action(name: string): Permission {
  return { operation: `${service}/${name}`, isDataAction: false, isNewBlobOnly: false };
}

/** A data-plane operation on blobs. */
export function data(name: string): Permission {
  return { operation: `${service}/containers/blobs/${name}`, isDataAction: true, isNewBlobOnly: false };
}

export const read = data("read");
export const write = data("write");
export const add = data("add/action");
export const addNew: Permission = { ...add, isNewBlobOnly: true };
export const containerRead = action("containers/read");
export const containerWrite = action("containers/write");

/** A row, less what can be made of the rest. */
export type Draft = {
  readonly operation: string;
  readonly methods: readonly string[];
  readonly level: Target["level"] | readonly Target["level"][];
  readonly restype?: string;
  readonly comp?: string;
  readonly when?: (headers: RequestHeaders, query: Query) => boolean;
  /** What a version must have. */
  readonly since?: Feature;
  readonly parameters?: readonly string[];
  readonly hasBody?: boolean;
  readonly isTagsBody?: boolean;
  readonly anyOf: readonly Permission[];
  readonly further?: readonly FurtherPermission[];
  readonly isAccountWide?: boolean;
  /** Added to the readable permission: what a handler asks besides. */
  readonly alsoNeeds?: string;
  readonly handle?: Handler<never>;
  /** Last part of the documentation's URL. */
  readonly page: string;
  readonly match?: string;
  readonly sampleQuery?: string;
  readonly sampleHeaders?: Readonly<Record<string, string>>;
  readonly sampleBody?: string;
};

const paths = { account: "/", container: "/{container}", blob: "/{container}/{blob}" } as const;
const samplePaths = { account: "/", container: "/sample", blob: "/sample/blob.txt" } as const;

/** Tags that come with a write are a write of tags, wherever they come from; seen of Azure: Storage Blob Data Contributor is refused it. */
export const withTagHeader: FurtherPermission = {
  permission: data("tags/write"),
  when: (headers) => headers.has("x-ms-tags") || copiesTags(headers),
  label: "with-tags",
};

/** What an operation of its own would need, a write that does the same besides needs too. */
export const withPolicyHeaders: readonly FurtherPermission[] = [
  {
    permission: data("immutableStorage/runAsSuperUser/action"),
    when: (headers) =>
      headers.has("x-ms-immutability-policy-until-date") || headers.has("x-ms-immutability-policy-mode"),
    label: "with-policy",
  },
  { permission: containerWrite, when: (headers) => headers.has("x-ms-legal-hold"), label: "with-hold" },
];

/** Tags that a copy takes of its source are a read of tags. */
export const withSourceTags: FurtherPermission = {
  permission: data("tags/read"),
  when: () => true,
  label: "with-tags",
};

/** Tags in a listing are a read of tags; seen of Azure as above. */
export const withListedTags: FurtherPermission = {
  permission: data("tags/read"),
  when: (_, query) =>
    (query.get("include") ?? "")
      .toLowerCase()
      .split(",")
      .some((part) => part.trim() === "tags"),
  label: "with-tags",
};

function describePermission({ anyOf, alsoNeeds, further = [] }: Draft): string {
  if (anyOf.length === 0) return "public";
  const alternatives = anyOf.map((one) => `${one.operation}${one.isNewBlobOnly ? "[new-blob-only]" : ""}`).join(" | ");
  const besides = [
    ...(alsoNeeds === undefined ? [] : [alsoNeeds]),
    ...further.map(({ permission, label }) => `${permission.operation}[${label}]`),
  ];
  return besides.length === 0 ? alternatives : `(${alternatives}) & ${besides.join(" & ")}`;
}

function queryOf({ restype, comp }: Draft): string {
  return [restype && `restype=${restype}`, comp && `comp=${comp}`].filter(Boolean).join("&");
}

/** One row for each level and method: a row is exactly one kind of request. */
export function completeDraft(draft: Draft): BlobOperation[] {
  const query = queryOf(draft);
  const sampleQuery = [query, draft.sampleQuery].filter(Boolean).join("&");
  const access: Access = {
    anyOf: draft.anyOf,
    further: draft.further ?? [],
    isAccountWide: draft.isAccountWide ?? false,
  };
  return [draft.level].flat().flatMap((level) =>
    draft.methods.map((method) => ({
      operation: draft.operation,
      method,
      match: draft.match ?? (query === "" ? paths[level] : `${paths[level]}?${query}`),
      permission: describePermission(draft),
      isImplemented: draft.handle !== undefined,
      doc: `https://learn.microsoft.com/rest/api/storageservices/${draft.page}`,
      sample: {
        target: sampleQuery === "" ? samplePaths[level] : `${samplePaths[level]}?${sampleQuery}`,
        headers: { "x-ms-version": "2025-07-05", ...draft.sampleHeaders },
        ...(draft.sampleBody === undefined ? {} : { body: draft.sampleBody }),
      },
      level,
      restype: draft.restype ?? null,
      comp: draft.comp ?? null,
      when: draft.when ?? null,
      since: draft.since ?? null,
      parameters: draft.parameters ?? [],
      hasBody: draft.hasBody ?? draft.isTagsBody ?? false,
      isTagsBody: draft.isTagsBody ?? false,
      access,
      // A row's handler takes the call of the row's own level; the match makes sure of it.
      handle: (draft.handle as Handler | undefined) ?? null,
    })),
  );
}
