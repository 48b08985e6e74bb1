/** A bare plain-HTTP client for the identity endpoints. Owns: requests. May use: node:http; nothing of packages/. */
import { request } from "node:http";
import type { Answer } from "./plane-client.ts";

/** Sends one GET (or another method) to an address as it is written. */
export function sendPlain(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  method = "GET",
  target?: string,
): Promise<Answer> {
  const { hostname, port, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request(
      { hostname, port, method, path: target ?? `${pathname}${search}`, headers, agent: false },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({ status: answer.statusCode!, headers: answer.headers, text });
        });
      },
    );
    sent.on("error", reject);
    sent.end();
  });
}
