/** A bare plain-HTTP client for the identity endpoints. Owns: requests, and the sessions they are sent to. May use: node:http; nothing of packages/. */
import { request } from "node:http";
import type { Answer, PlaneClient } from "./plane-client.ts";

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

/** Makes a managed identity in a resource group that is there, and a session for it of the instance metadata service's form. @returns its endpoint. */
export async function startMachineSession(client: PlaneClient, group: string, identity: string): Promise<string> {
  const groupId = `/subscriptions/${client.status.subscriptionId}/resourceGroups/${group}`;
  const resourceId = `${groupId}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${identity}`;
  await client.must("arm", "PUT", `${resourceId}?api-version=2023-01-31`, { location: "westeurope" });
  const { status, text } = await client.send("localhost", "POST", "/postern/identitySessions", {
    headers: { authorization: `Bearer ${await client.operatorToken("arm")}`, "content-type": "application/json" },
    body: JSON.stringify({ resourceId, form: "Imds" }),
  });
  if (status !== 201) throw new Error(`no identity session: ${status} ${text}`);
  return (JSON.parse(text) as { endpoint: string }).endpoint;
}
