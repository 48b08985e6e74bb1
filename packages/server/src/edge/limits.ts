/** The edge's bounds. Each says its unit in its name and its source in a comment; tests pass smaller ones. */

export type EdgeLimits = { readonly [Name in keyof typeof edgeLimits]: number };

export const edgeLimits = {
  /**
   * Request line and headers together. A blob name is 1,024 characters, up to 9 bytes each when percent-encoded, beside
   * 8 KiB of metadata headers and a token of several KiB: Node's 16 KiB would refuse requests that Azure takes.
   * @see https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
   */
  maxHeaderSizeBytes: 64 * 1024,
  /** From the first byte of a request to the end of its headers. Our choice; bodies have no such bound (long uploads). */
  headersTimeoutMs: 30_000,
  /** How often the bound above is looked at. Our choice. */
  headersCheckIntervalMs: 5_000,
  /** From accept to the first byte, which tells TLS from plain. Our choice: clients that open a connection use it. */
  firstByteTimeoutMs: 30_000,
  /** From the first TLS byte to the end of the handshake. Our choice. */
  handshakeTimeoutMs: 15_000,
  /**
   * The rest of a body whose request was answered already, refused for one. Our choice: bodies have no bound in time, and a stranger who drips
   * one after a refusal would keep the connection for ever.
   */
  answeredBodyTimeoutMs: 10_000,
  /**
   * A request under way, or its answer, with no byte either way: large uploads have no bound in time, and who holds one without sending would keep
   * the connection for ever. Our choice: above the 4 minutes after which Azure's load balancers drop a flow.
   */
  silenceTimeoutMs: 300_000,
  /** An idle kept-alive connection. Our choice: longer than the pools of the SDKs keep theirs, so that they close first. */
  keepAliveTimeoutMs: 120_000,
  /** Connections at once, over all kinds. Our choice: ten thousand idle ones and room, under the usual hard limits of open files. */
  maxConnections: 12_288,
  /** Time for a connection of ours to another host, or to the upstream proxy, to come up. Our choice. */
  connectTimeoutMs: 20_000,
  /** A tunnel with no byte either way. Our choice: above the 4 minutes after which Azure's load balancers drop a flow. */
  tunnelIdleTimeoutMs: 600_000,
  /** How long running requests may go on after close() began. Our choice, below the 10 s that `docker stop` waits. */
  drainTimeoutMs: 8_000,
  /** How often the leaf certificate's remaining life is looked at: daily. */
  renewalCheckIntervalMs: 24 * 60 * 60 * 1000,
} as const;
