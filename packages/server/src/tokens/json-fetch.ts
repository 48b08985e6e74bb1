/**
 * Fetches a small JSON document over https: no redirects, no cookies, no proxy, bounded in size and time, the certificate always checked.
 * Spec: RFC 9110.
 */
import { Agent, request } from "node:https";
import { getCACertificates } from "node:tls";

/** Largest document read, in bytes: the largest key set known is under a tenth of it. Our choice. */
export const maxDocumentBytes = 262_144;
/** From the first byte sent to the last received, in milliseconds; our choice. */
export const fetchTimeoutMs = 5_000;

/** Makes the fetcher. @param extraCertificates trusted beside Node's own and those of NODE_EXTRA_CA_CERTS, PEM. */
export function createJsonFetch(
  extraCertificates: readonly string[],
): (url: URL, headers?: Readonly<Record<string, string>>) => Promise<unknown> {
  // Made with the first request: reading a machine's certificates takes longer than the rest of a start.
  let agent: Agent | undefined;
  return async (url, headers = {}) => {
    // An agent of its own is what keeps Node from sending the request through a proxy of the environment.
    agent ??= new Agent({ maxSockets: 8, ca: [...getCACertificates("default"), ...extraCertificates] });
    return JSON.parse(await fetchText(url, agent, headers)) as unknown;
  };
}

function fetchText(url: URL, agent: Agent, others: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    if (url.protocol !== "https:") {
      reject(new Error("only https is fetched"));
      return;
    }
    const headers = { ...others, accept: "application/json", "user-agent": "Postern" };
    const signal = AbortSignal.timeout(fetchTimeoutMs);
    const outgoing = request(url, { agent, headers, signal }, (response) => {
      if (response.statusCode !== 200) {
        response.destroy();
        reject(new Error(`answered ${response.statusCode}`));
        return;
      }
      const chunks: Buffer[] = [];
      let sizeBytes = 0;
      response.on("data", (chunk: Buffer) => {
        sizeBytes += chunk.length;
        if (sizeBytes > maxDocumentBytes) response.destroy(new Error("the document is too large"));
        else chunks.push(chunk);
      });
      response.on("error", reject);
      response.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}
