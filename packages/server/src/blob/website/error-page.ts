/** What a browser is shown in the place of a page: short, and nothing of what was asked. */
import type { Exchange } from "../../wire/exchange.ts";
import { commonHeaders } from "../answer.ts";
import type { StorageError } from "../errors.ts";
import { defaultVersion } from "../service-versions.ts";
import { escapeXml } from "../xml.ts";

/** Sends it, or breaks the connection when a page is already under way. */
export async function sendErrorPage(exchange: Exchange, error: StorageError): Promise<void> {
  const { request, response } = exchange;
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { status, code, message } = error;
  const isBare = request.method === "HEAD" || status === 304;
  const body = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeXml(code)}</title></head><body><h1>${escapeXml(message)}</h1><ul><li>HttpStatusCode: ${status}</li><li>ErrorCode: ${escapeXml(code)}</li><li>RequestId: ${exchange.requestId}</li></ul></body></html>`;
  response.writeHead(status, {
    ...commonHeaders(exchange, defaultVersion),
    "x-ms-error-code": code,
    ...error.headers,
    ...(isBare ? {} : { "Content-Type": "text/html", "Content-Length": String(Buffer.byteLength(body)) }),
  });
  response.end(isBare ? undefined : body);
}
