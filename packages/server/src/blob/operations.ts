/**
 * Every operation of Blob storage: how a request selects it, who may ask, who answers. What has no handler answers 501 to those who may.
 *
 * Spec: the operations and their permissions as documented for Microsoft Entra authorization.
 * @see https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory#permissions-for-blob-service-operations
 */
import { accountDrafts, preflightDraft } from "./account-operations.ts";
import { blobDrafts } from "./blob-operations.ts";
import { containerDrafts } from "./container-operations.ts";
import { completeDraft } from "./operation-draft.ts";
import type { BlobOperation } from "./operation-row.ts";

export const operations: readonly BlobOperation[] = [...accountDrafts, ...containerDrafts, ...blobDrafts].flatMap(
  completeDraft,
);

/** What the source of a copy, and a page of a website, is read as. */
export const readRow = operations.find(({ operation }) => operation === "Get Blob")!;

export const preflightOperations: readonly BlobOperation[] = completeDraft(preflightDraft);
