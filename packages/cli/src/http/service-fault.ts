/**
 * Turns a service's refusal into a fault with az's text. May use: faults.ts, transport.ts.
 *
 * Three shapes are read: Resource Manager's `{error: {code, message, target, details}}`, told as azure-core's ODataV4Format tells it;
 * Graph's, of which az shows the message only; Entra's `{error, error_description}`.
 * @see https://learn.microsoft.com/rest/api/storagerp/srp-error-codes
 * @see https://learn.microsoft.com/graph/errors
 * @see https://datatracker.ietf.org/doc/html/rfc6749#section-5.2
 */
import { CliFault, type FaultKind } from "../faults.ts";
import { isObject } from "../output/ordered.ts";
import { parseRecord } from "../state/private-file.ts";
import type { HttpAnswer } from "./transport.ts";

export type Service = "resource-manager" | "graph" | "entra";

/** A refusal by a service. `code` is the service's own, e.g. RoleAssignmentExists, or "" when it gave none. */
export class ServiceFault extends CliFault {
  readonly service: Service;
  readonly status: number;
  readonly code: string;

  constructor(kind: FaultKind, refusal: { service: Service; status: number; code: string; message: string }) {
    super(kind, refusal.message);
    this.service = refusal.service;
    this.status = refusal.status;
    this.code = refusal.code;
  }
}

/** Reads a refusal. Only Resource Manager's 404 means exit code 3 by itself, as in az; see `notFoundWhenShown` for Graph's. */
export function readServiceFault(service: Service, answer: HttpAnswer): ServiceFault {
  const { code, message } = readers[service](parseRecord(answer.body)) ?? unreadable(answer);
  const kind = service === "resource-manager" && answer.status === 404 ? "not-found" : "failure";
  return new ServiceFault(kind, { service, status: answer.status, code, message });
}

/** az's `show` commands: whatever the service, a 404 is exit code 3. */
export async function notFoundWhenShown<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof ServiceFault && error.status === 404) throw new ServiceFault("not-found", error);
    throw error;
  }
}

type Refusal = { readonly code: string; readonly message: string };

const readers: Readonly<Record<Service, (body: Record<string, unknown> | undefined) => Refusal | undefined>> = {
  "resource-manager": (body) => {
    const error = isObject(body?.error) ? body.error : undefined;
    if (error === undefined) return undefined;
    return { code: asText(error.code), message: describeODataError(error) };
  },
  graph: (body) => {
    const error = isObject(body?.error) ? body.error : undefined;
    if (error === undefined) return undefined;
    return { code: asText(error.code), message: asText(error.message) };
  },
  entra: (body) => {
    if (typeof body?.error !== "string") return undefined;
    const description = asText(body.error_description) || body.error;
    return { code: /AADSTS\d+/.exec(description)?.[0] ?? body.error, message: description };
  },
};

function unreadable({ status, body }: HttpAnswer): Refusal {
  const shown = body.length > MAX_SHOWN_CHARACTERS ? `${body.slice(0, MAX_SHOWN_CHARACTERS)}...` : body;
  return {
    code: "",
    message: `Operation returned an invalid status '${readReason(status)}'${shown === "" ? "" : `\nContent: ${shown}`}`,
  };
}

/** Not imported: an import of node:http looks at all it has, and so loads Node's whole fetch, which takes 20 ms. */
function readReason(status: number): string {
  return process.getBuiltinModule("node:http").STATUS_CODES[status] ?? String(status);
}

/** More of an answer that is not JSON (a proxy's page, say) tells nobody anything. */
const MAX_SHOWN_CHARACTERS = 2000;

function describeODataError(error: Record<string, unknown>): string {
  const code = asText(error.code);
  const message = asText(error.message);
  const lines = [`(${code}) ${message}`, `Code: ${code}`, `Message: ${message}`];
  if (error.target) lines.push(`Target: ${asText(error.target)}`);
  const details = Array.isArray(error.details) ? error.details.filter(isObject) : [];
  if (details.length > 0) {
    const told = details.map((detail) =>
      describeODataError(detail)
        .split("\n")
        .map((line) => `\t${line}`)
        .join("\n"),
    );
    lines.push(`Exception Details:${told.join("")}`);
  }
  return lines.join("\n");
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value);
}
