/** What a cloud is started with, what is said of one that runs, and why one does not start. Known to compose and to what it is made of. */
import type { AdminPlace } from "./admin.ts";
import type { EdgeLimits } from "./edge/limits.ts";
import type { FrontOptions } from "./front.ts";
import type { Log } from "./observe/log.ts";
import type { ReplicaOptions } from "./replica.ts";

export type CloudOptions = {
  readonly stateDir: string;
  /** 0: any free one. */
  readonly port: number;
  readonly listenHost: string;
  /** Refuse hosts that are not ours instead of tunnelling them. */
  readonly isOffline: boolean;
  /** With a listenHost that others can reach: tunnel other hosts for them too. */
  readonly canTunnelForOthers: boolean;
  readonly upstreamProxy: string | undefined;
  readonly noProxy: string | undefined;
  readonly systemCaFiles: readonly string[];
  /** The token reuse window, in seconds; 0 for none, a default when absent. */
  readonly tokenReuseSeconds?: number | undefined;
  /** Directory and access in a database that other processes use too, in place of the folder's own file. */
  readonly database?: ReplicaOptions | undefined;
  /** Port of the development account's own door, 0 for any free one; without it there is neither door nor known key. */
  readonly developmentPort?: number | undefined;
  /** Called when nothing can be answered any more until the process is started again. */
  readonly onLost?: ((why: string) => void) | undefined;
  readonly log: Log;
  /** How requests are bounded, and whether there is an access log; left out: the defaults. */
  readonly front?: Partial<FrontOptions> | undefined;
  readonly edgeLimits?: Partial<EdgeLimits> | undefined;
  /** What the secret files of the state folder are sealed with, and what they may have been sealed with before. */
  readonly sealingKey?: Buffer | undefined;
  readonly previousSealingKey?: Buffer | undefined;
  /** The operator's own listener; none when absent. */
  readonly admin?: AdminPlace | undefined;
  /** At the end health says "not ready" until this resolves, and only then connections are refused: as long as a load balancer takes to see it. */
  readonly awaitDrain?: (() => Promise<void>) | undefined;
};

/** What `status.json` holds and `postern status` shows. */
export type CloudStatus = {
  readonly baseUrl: string;
  readonly proxyUrl: string;
  /** Path of the local door's socket, where there is one. */
  readonly localDoor?: string;
  /** `http://127.0.0.1:PORT/devstoreaccount1`, where the development account was asked for. */
  readonly developmentUrl?: string;
  readonly caBundle: string;
  readonly portalUrl: string;
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly stateDir: string;
  readonly version: string;
  readonly pid: number;
};

/** Why the cloud cannot start, in words for the person who started it. */
export class StartFault extends Error {}
