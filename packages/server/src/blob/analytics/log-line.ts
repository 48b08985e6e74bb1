/**
 * A line of the logs of Storage Analytics: what was asked for, by whom, with what outcome; in the order and the form of Azure's, so that programs which read
 * those read these.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/storage-analytics-log-format
 */
import { escapeXml } from "../xml.ts";

/** How a caller came in, as the logs tell it. */
export type LoggedWay = "authenticated" | "anonymous" | "sas" | "bearer";

export type LogVersion = "1.0" | "2.0";

/** Who showed a token, and what let them do what they did. */
export type LoggedCaller = {
  readonly objectId: string;
  readonly tenantId: string;
  readonly applicationId: string;
  readonly audience: string;
  readonly issuer: string;
  readonly userPrincipalName: string;
  /** JSON; "" where nothing was decided. */
  readonly authorization: string;
};

/** Sizes are in bytes; what is not known, or was not there, is "". */
export type LoggedRequest = {
  readonly startedAt: Date;
  readonly operation: string;
  readonly status: string;
  readonly httpStatus: string;
  readonly totalMs: number;
  readonly serverMs: number;
  readonly way: LoggedWay;
  readonly account: string;
  /** Without a secret in it. */
  readonly url: string;
  readonly objectKey: string;
  readonly requestId: string;
  /** Counts what one request is logged as, from 0. */
  readonly index: number;
  /** With the port. */
  readonly address: string;
  readonly version: string;
  readonly requestHeaderBytes: number | "";
  readonly requestBodyBytes: number | "";
  readonly answerHeaderBytes: number | "";
  readonly answerBodyBytes: number | "";
  readonly contentLength: number | "";
  readonly requestMd5: string;
  readonly serverMd5: string;
  readonly etag: string;
  /** As answers have it; see {@link writeLastModified}. */
  readonly lastModified: string;
  readonly conditions: string;
  readonly userAgent: string;
  readonly referrer: string;
  readonly clientRequestId: string;
  readonly caller: LoggedCaller | null;
};

/** Longest text of a caller's that is kept, in characters. Our choice: as long as Azure lets an `x-ms-client-request-id` be. */
const maxTextChars = 1_024;
/** And of a URL, which holds a name of 1,024 characters that are escaped, and a query. Our choice. */
const maxUrlChars = 8_192;

/** A field that could hold a separator: quoted, with what would end it or the line written as HTML has it; nothing for nothing. */
function quote(text: string, maxChars = maxTextChars): string {
  if (text === "") return "";
  const kept = text.length > maxChars ? text.slice(0, maxChars) : text;
  return `"${escapeXml(kept).replaceAll("\n", "&#xA;")}"`;
}

/** With as many digits after the second as Azure's. */
function writeMoment(time: Date): string {
  return time.toISOString().replace("Z", "0000Z");
}

const longDays: readonly string[] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** An HTTP date in the old form that the logs have: `Tuesday, 09-Aug-11 21:13:26 GMT`. */
function writeLastModified(text: string): string {
  const [, day, month, year, time] = /^\w{3}, (\d\d) (\w{3}) \d\d(\d\d) ([\d:]{8}) GMT$/.exec(text) ?? [];
  if (day === undefined) return "";
  return `${longDays[new Date(text).getUTCDay()]}, ${day}-${month}-${year} ${time} GMT`;
}

function writeCaller(caller: LoggedCaller | null): readonly string[] {
  if (caller === null) return ["", "", "", "", "", "", "", ""];
  const { objectId, tenantId, applicationId, audience, issuer, userPrincipalName, authorization } = caller;
  const named = [objectId, tenantId, applicationId, audience, issuer, userPrincipalName].map((text) => quote(text));
  // The eighth is kept for later by the format, and empty.
  return [...named, "", quote(authorization, maxUrlChars)];
}

/** Writes the line, with its end. */
export function writeLogLine(version: LogVersion, request: LoggedRequest): string {
  const { account, way, caller } = request;
  const fields = [
    version,
    writeMoment(request.startedAt),
    request.operation,
    request.status,
    request.httpStatus,
    Math.round(request.totalMs),
    Math.round(request.serverMs),
    way,
    way === "authenticated" || way === "bearer" ? account : "",
    account,
    "blob",
    quote(request.url, maxUrlChars),
    quote(request.objectKey, maxUrlChars),
    request.requestId,
    request.index,
    request.address,
    request.version,
    request.requestHeaderBytes,
    request.requestBodyBytes,
    request.answerHeaderBytes,
    request.answerBodyBytes,
    request.contentLength,
    quote(request.requestMd5),
    quote(request.serverMd5),
    quote(request.etag),
    writeLastModified(request.lastModified),
    quote(request.conditions),
    quote(request.userAgent),
    quote(request.referrer),
    quote(request.clientRequestId),
    ...(version === "2.0" ? writeCaller(caller) : []),
  ];
  return `${fields.join(";")}\n`;
}
