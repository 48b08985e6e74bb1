/**
 * Turns a refusal of Blob storage into a fault with az's text. May use: faults.ts, http/, xml.ts.
 * @see https://learn.microsoft.com/rest/api/storageservices/status-and-error-codes2
 */
import type { IncomingMessage } from "node:http";
import { CliFault } from "../faults.ts";
import { readBody } from "../http/transport.ts";
import { parseXml, textAt } from "./xml.ts";

export class StorageFault extends CliFault {
  readonly status: number;
  /** Storage's own, e.g. BlobNotFound; "" when it gave none. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    // Whatever the command, az ends with 3 for a 404.
    super(status === 404 ? "not-found" : "failure", message);
    this.status = status;
    this.code = code;
  }
}

/** az's words for the refusals that most people meet. */
const refusals: Readonly<Record<string, string>> = {
  AuthorizationPermissionMismatch: `
You do not have the required permissions needed to perform this operation.
Depending on your operation, you may need to be assigned one of the following roles:
    "Storage Blob Data Owner"
    "Storage Blob Data Contributor"
    "Storage Blob Data Reader"
    "Storage Queue Data Contributor"
    "Storage Queue Data Reader"
    "Storage Table Data Contributor"
    "Storage Table Data Reader"`,
  AuthorizationFailure: `
The request may be blocked by network rules of storage account. Please check network rule set using 'postern storage account show -n accountname --query networkRuleSet'.
If you want to change the default action to apply when no rule matches, please use 'postern storage account update'.`,
  AuthenticationFailed: `
Authentication failure. This may be caused by either invalid account key, connection string or sas token value provided for your storage account.`,
};

/** Reads the answer to its end. The code is in a header too, for answers to HEAD have no body. */
export async function readStorageFault(answer: IncomingMessage): Promise<StorageFault> {
  const status = answer.statusCode ?? 0;
  const error = parseXml(await readBody(answer));
  const header = answer.headers["x-ms-error-code"];
  const code = textAt(error, "Code") ?? (typeof header === "string" ? header : "");
  const known = status === 403 && Object.hasOwn(refusals, code) ? refusals[code] : undefined;
  if (known !== undefined) return new StorageFault(status, code, known);
  const message =
    textAt(error, "Message") ?? `Operation returned an invalid status '${answer.statusMessage ?? status}'`;
  return new StorageFault(status, code, code === "" ? message : `${message}\nErrorCode:${code}`);
}
