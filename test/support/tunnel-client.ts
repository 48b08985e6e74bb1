/** A bare HTTPS client that goes through the proxy port, as one behind HTTPS_PROXY does: CONNECT, then TLS inside. Owns: the tunnel. */
import { request } from "node:http";
import { request as requestTls } from "node:https";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { Answer, Ask, ServerStatus } from "./plane-client.ts";

function openTunnel(port: number, name: string, ca: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, method: "CONNECT", path: `${name}:443`, agent: false });
    asked.on("connect", (answer, socket) => {
      if (answer.statusCode !== 200) {
        socket.destroy();
        reject(new Error(`CONNECT ${name}: ${answer.statusCode}`));
        return;
      }
      const secure = connectTls({ socket, servername: name, ca }, () => resolve(secure));
      secure.on("error", reject);
    });
    asked.on("error", reject);
    asked.end();
  });
}

/** Sends one request to a host by its Azure name through the proxy. @param tunnelTo the name in CONNECT, when it is not the host's. */
export async function sendThroughTunnel(
  { baseUrl }: Pick<ServerStatus, "baseUrl">,
  ca: string,
  host: string,
  method: string,
  target: string,
  { headers = {}, body }: Ask = {},
  tunnelTo = host,
): Promise<Answer> {
  const socket = await openTunnel(Number(new URL(baseUrl).port), tunnelTo, ca);
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const length = String(body === undefined ? 0 : Buffer.byteLength(body));
      const sent = requestTls(
        {
          createConnection: () => socket,
          method,
          path: target,
          headers: { host, "content-length": length, ...headers },
        },
        (answer) => {
          const pieces: Buffer[] = [];
          answer.on("data", (piece: Buffer) => pieces.push(piece));
          answer.on("error", reject);
          answer.on("end", () =>
            resolve({ status: answer.statusCode!, headers: answer.headers, text: Buffer.concat(pieces).toString() }),
          );
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });
  } finally {
    socket.destroy();
  }
}
