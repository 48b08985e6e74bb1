/** A cloud that keeps to itself, for tests, measurements and whatever else looks at one from inside. */
import type { CloudOptions } from "./cloud-start.ts";
import { createPlainLog } from "./observe/log.ts";

/** Any free port of loopback, nobody else's hosts, nothing of this machine's, and no log. */
export function quietOptions(stateDir: string): CloudOptions {
  return {
    stateDir,
    port: 0,
    listenHost: "127.0.0.1",
    isOffline: true,
    canTunnelForOthers: false,
    upstreamProxy: undefined,
    noProxy: undefined,
    systemCaFiles: [],
    log: createPlainLog(() => {}),
  };
}
