/** The bounds of identity sessions and of the endpoint that serves them. Each says its unit in its name and its source in a comment. */

/** A session ends this long after it was started or last renewed, so that one whose launcher was killed does not outlive it. Our choice. */
export const leaseSeconds = 3_600;
/** How often a launcher is told to renew. Our choice: several tries fit into a lease. */
export const renewAfterSeconds = 600;
/** Sessions at once. Our choice: each is a program somebody started on this machine. */
export const maxSessions = 1_024;
/** Bytes of a session's address and of its header secret; 256 bits cannot be guessed. Our choice. */
export const secretSizeBytes = 32;

/** Challenge files of one session that are open at once; the oldest goes. Our choice: a client reads its file at once. */
export const maxOpenChallenges = 16;
/** A challenge that is not answered by then is void, in seconds. Our choice. */
export const challengeLifeSeconds = 300;

/** Largest body of a request for a session, in bytes. Our choice: it holds one resource id (2,048 characters at most). */
export const maxSessionBodyBytes = 16 * 1024;
/** Longest `resource`, in characters. Our choice: an identifier URI has at most 255. */
export const maxResourceLength = 1_024;

export const listenerLimits = {
  /** Request line and headers together. Our choice, Node's own default. */
  maxHeaderSizeBytes: 16 * 1024,
  /** From the first byte to the end of the headers, and to the end of the request, in ms. Our choice: these requests have no body. */
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 10_000,
  keepAliveTimeoutMs: 30_000,
  /** Connections at once. Our choice, under the usual soft limit of open files. */
  maxConnections: 512,
} as const;
