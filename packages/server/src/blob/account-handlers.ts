/** What concerns the account as a whole. */
import { invalidQuery } from "./errors.ts";
import type { AccountCall, Answer, Call } from "./operation-row.ts";
import { element, xmlDeclaration } from "./xml.ts";

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

/**
 * Only the second endpoint answers it. There is one store behind both, so what was written is there at once.
 * @see https://learn.microsoft.com/rest/api/storageservices/get-blob-service-stats
 */
export function getServiceStats({ isSecondary, cloud }: AccountCall): Answer {
  if (!isSecondary) throw invalidQuery("comp", "stats", "The operation is one of the secondary endpoint.");
  const state = element("Status", "live") + element("LastSyncTime", cloud.ports.now().toUTCString());
  const body = `${xmlDeclaration}<StorageServiceStats><GeoReplication>${state}</GeoReplication></StorageServiceStats>`;
  return { status: 200, headers: { "content-type": "application/xml" }, body };
}
