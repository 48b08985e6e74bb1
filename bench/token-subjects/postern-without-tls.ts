/** Postern's own token endpoint behind plain HTTP, which it never has outside this measurement: what TLS costs. Says `ready PORT`. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { startCloud } from "../../packages/server/src/compose.ts";
import { createPlainLog } from "../../packages/server/src/observe/log.ts";

const [, , stateDir = "", reuseSeconds] = process.argv;
const cloud = await startCloud({
  stateDir,
  port: 0,
  listenHost: "127.0.0.1",
  isOffline: true,
  canTunnelForOthers: false,
  upstreamProxy: undefined,
  noProxy: undefined,
  systemCaFiles: [],
  tokenReuseSeconds: Number(reuseSeconds),
  log: createPlainLog(() => {}),
});
const entra = cloud.surfaces.find(({ name }) => name === "entra")!;
const server = createServer((request, response) => {
  const [path = "", query = ""] = (request.url ?? "").split(/\?(.*)/s);
  const requestId = "00000000-0000-4000-8000-000000000001";
  const exchange = { request, response, requestId, surface: "entra", account: "", prefix: "", path, query } as const;
  void entra.handle({ ...exchange, origin: cloud.status.baseUrl });
});
server.listen(0, "127.0.0.1", () => console.log(`ready ${(server.address() as AddressInfo).port}`));
process.on("SIGTERM", () => void cloud.stop().then(() => process.exit(0)));
