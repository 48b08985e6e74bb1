/** What concerns the account as a whole. */
import { invalidQuery, StorageError } from "./errors.ts";
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

const off = element("Enabled", "false");
const metrics = `${element("Version", "1.0")}${off}<RetentionPolicy>${off}</RetentionPolicy>`;

/** None of these can be switched on here, so this is how they stand. */
const serviceProperties = [
  xmlDeclaration,
  "<StorageServiceProperties>",
  `<Logging>${element("Version", "1.0")}${element("Read", false)}${element("Write", false)}${element("Delete", false)}<RetentionPolicy>${off}</RetentionPolicy></Logging>`,
  `<HourMetrics>${metrics}</HourMetrics><MinuteMetrics>${metrics}</MinuteMetrics>`,
  "<Cors />",
  `<DeleteRetentionPolicy>${off}</DeleteRetentionPolicy><StaticWebsite>${off}</StaticWebsite>`,
  "</StorageServiceProperties>",
].join("");

/** @see https://learn.microsoft.com/rest/api/storageservices/get-blob-service-properties */
export function getServiceProperties(_call: AccountCall): Answer {
  return { status: 200, headers: { "Content-Type": "application/xml" }, body: serviceProperties };
}

/** No account has CORS rules here, so no preflight meets one. @see https://learn.microsoft.com/rest/api/storageservices/preflight-blob-request */
export function preflight({ headers }: Call): Answer {
  headers.require("origin");
  headers.require("access-control-request-method");
  throw new StorageError("CorsPreflightFailure");
}

/** Only a secondary endpoint answers it, and no account has one here. @see https://learn.microsoft.com/rest/api/storageservices/get-blob-service-stats */
export function getServiceStats(_call: AccountCall): Answer {
  throw invalidQuery("comp", "stats", "The operation is one of the secondary endpoint.");
}
