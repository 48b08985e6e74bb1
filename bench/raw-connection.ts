/**
 * A connection without an HTTP client, for load: on a small machine the client shares the cores with the server, and what it spends is missing
 * there. One request at a time; answers must have a Content-Length.
 */
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** Bytes of one read. */
const readBytes = 65_536;

export type Place = { readonly port: number; readonly isTls: boolean; readonly serverName?: string };

/** Connects, and calls `receive` with what comes: bytes of one buffer that is used again, which spares the client's share of the machine a stream. */
export function openConnection(
  { port, isTls, serverName = "localhost" }: Place,
  receive: (bytes: Buffer) => void,
): Promise<Socket> {
  const onread = {
    buffer: Buffer.alloc(readBytes),
    callback: (sizeBytes: number, buffer: Uint8Array) => {
      receive((buffer as Buffer).subarray(0, sizeBytes));
      return true;
    },
  };
  const target = { host: "127.0.0.1", port, onread };
  return new Promise((resolve, reject) => {
    const socket: Socket = isTls
      ? connectTls({ ...target, servername: serverName, rejectUnauthorized: false }, () => resolve(socket))
      : connect(target, () => resolve(socket));
    socket.setNoDelay(true);
    socket.once("error", reject);
  });
}

const endOfHead = Buffer.from("\r\n\r\n");

/** @returns the bytes of an answer that begins so, header and body; undefined while it is not known. */
export function sizeOfAnswer(bytes: Buffer): number | undefined {
  const end = bytes.indexOf(endOfHead);
  if (end < 0) return undefined;
  const length = /\r\ncontent-length: *(\d+)/i.exec(bytes.toString("latin1", 0, end))?.[1];
  if (length === undefined) throw new Error("an answer without a Content-Length");
  return end + endOfHead.length + Number(length);
}
