/**
 * A storage account and the way into it: a token, its key, or a shared access signature. May use: http/, session.ts, this folder.
 * @see https://learn.microsoft.com/azure/storage/blobs/authorize-data-operations-cli
 */
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type { CloudEndpoints } from "../clouds.ts";
import type { StreamTransport } from "../http/transport.ts";
import { signWithKey } from "./shared-key.ts";
import { readStorageFault } from "./storage-fault.ts";

export type AccountCredential =
  | { readonly kind: "token"; readonly getToken: () => Promise<string> }
  | { readonly kind: "key"; readonly key: string }
  /** The query of a shared access signature, without its question mark. */
  | { readonly kind: "signature"; readonly query: string }
  | { readonly kind: "none" };

export interface BlobRequest {
  readonly method: string;
  /** Container, and blob below it; not percent-encoded. Empty for the account itself. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string | Buffer | Readable;
  /** Of a stream. */
  readonly bodySizeBytes?: number;
  /** Statuses of 400 and above that the caller reads itself. */
  readonly expected?: readonly number[];
}

/** The version of Debian 13's az; the answers' members are those it shows. */
const STORAGE_VERSION = "2022-11-02";

export interface AccountAccessParts {
  readonly account: string;
  readonly endpoints: CloudEndpoints;
  /** Where the account answers when that is not its own name. */
  readonly blobEndpoint: string | undefined;
  readonly credential: AccountCredential;
  readonly send: StreamTransport;
}

export class AccountAccess {
  readonly #parts: AccountAccessParts;
  /** What the account is called by in public, without a slash at its end. */
  readonly publicUrl: string;

  constructor(parts: AccountAccessParts) {
    this.#parts = parts;
    const { account, endpoints, blobEndpoint } = parts;
    this.publicUrl = (blobEndpoint ?? `https://${account}.blob.${endpoints.storageSuffix}`).replace(/\/+$/, "");
  }

  get account(): string {
    return this.#parts.account;
  }

  get credential(): AccountCredential {
    return this.#parts.credential;
  }

  /** The address of a container or blob, as it is shown. */
  urlOf(path: readonly string[]): string {
    return [this.publicUrl, ...path.map((part) => part.split("/").map(encodeURIComponent).join("/"))].join("/");
  }

  /** Sends a request. @returns an answer whose body the caller reads or destroys. @throws StorageFault for a refusal. */
  async send(request: BlobRequest): Promise<IncomingMessage> {
    const { credential, account, endpoints, blobEndpoint, send } = this.#parts;
    const url = new URL(this.urlOf(request.path));
    if (request.path.length === 0) url.pathname += url.pathname.endsWith("/") ? "" : "/";
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) url.searchParams.append(name, value);
    }
    const headers: Record<string, string> = {
      accept: "application/xml",
      host: url.host,
      "x-ms-version": STORAGE_VERSION,
      "x-ms-date": new Date().toUTCString(),
      "x-ms-client-request-id": crypto.randomUUID(),
    };
    for (const [name, value] of Object.entries(request.headers ?? {})) if (value !== undefined) headers[name] = value;
    const { body, bodySizeBytes, method } = request;
    const sizeBytes = bodySizeBytes ?? (body === undefined ? undefined : Buffer.byteLength(body as string | Buffer));
    if (sizeBytes !== undefined || method === "PUT") headers["content-length"] = String(sizeBytes ?? 0);
    if (credential.kind === "token") headers.authorization = `Bearer ${await credential.getToken()}`;
    if (credential.kind === "key")
      headers.authorization = signWithKey(account, credential.key, { method, url, headers });
    // Signed for the account's own name, sent to where the cloud on this machine is.
    const own = blobEndpoint === undefined && endpoints.blobBase !== undefined ? endpoints.blobBase : url.origin;
    const signature = credential.kind === "signature" ? `${url.search === "" ? "?" : "&"}${credential.query}` : "";
    const answer = await send({ method, url: own + url.pathname + url.search + signature, headers, body });
    const status = answer.statusCode ?? 0;
    if (status >= 400 && !(request.expected ?? []).includes(status)) throw await readStorageFault(answer);
    return answer;
  }
}
