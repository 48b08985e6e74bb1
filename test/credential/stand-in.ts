/** A stand-in for sign-in and identity endpoints: answers from a script, and remembers what it was asked. May use: node:http. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { TestContext } from "node:test";

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly form: Readonly<Record<string, string>>;
}
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object | string;
}
/** undefined: never answers. */
export type Script = (asked: Asked, index: number) => Answer | undefined | Promise<Answer | undefined>;

/** @returns the stand-in's address and the requests so far; it ends with the test. */
export async function standIn(context: TestContext, script: Script): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request.setEncoding("utf8")) body += part;
    const url = new URL(`http://localhost${request.url}`);
    const form = Object.fromEntries(new URLSearchParams(body));
    const one = { method: request.method ?? "", url, headers: request.headers, body, form };
    asked.push(one);
    const answer = await script(one, asked.length - 1);
    if (answer === undefined) return;
    const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body ?? {});
    response.writeHead(answer.status ?? 200, { "content-type": "application/json", ...answer.headers }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`, asked };
}

/** Sets variables for one test, and takes away every other that a credential reads. */
export function setVariables(context: TestContext, variables: Readonly<Record<string, string>>): void {
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) {
    if (/^(AZURE_|IDENTITY_|MSI_|IMDS_|SYSTEM_OIDC)/.test(name)) delete process.env[name];
  }
  Object.assign(process.env, variables);
  context.after(() => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  });
}

/** What Entra ID answers to a refused request. */
export function entraError(code: number, error: string, description: string, status = 400): Answer {
  return {
    status,
    body: {
      error,
      error_description: `AADSTS${code}: ${description} Trace ID: 1 Correlation ID: 2 Timestamp: 2026-01-01 00:00:00Z`,
      error_codes: [code],
      trace_id: "1",
      correlation_id: "2",
    },
  };
}

export const granted = (access_token: string, expires_in = 3599, more = {}): Answer => ({
  body: { token_type: "Bearer", access_token, expires_in, ...more },
});

/** @returns what was thrown. */
export async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("nothing was thrown");
}
