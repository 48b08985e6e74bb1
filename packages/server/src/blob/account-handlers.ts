/** What concerns the account as a whole. */
import { invalidQuery } from "./errors.ts";
import type { AccountCall, Answer, Call } from "./operation-row.ts";

/** @see https://learn.microsoft.com/rest/api/storageservices/get-account-information */
export function getAccountInformation({ account }: Call): Answer {
  return {
    status: 200,
    headers: {
      "x-ms-sku-name": account.skuName,
      "x-ms-account-kind": account.kind,
      "x-ms-is-hns-enabled": String(account.isHnsEnabled),
    },
  };
}

/** Only a secondary endpoint answers it, and no account has one here. @see https://learn.microsoft.com/rest/api/storageservices/get-blob-service-stats */
export function getServiceStats(_call: AccountCall): Answer {
  throw invalidQuery("comp", "stats", "The operation is one of the secondary endpoint.");
}
