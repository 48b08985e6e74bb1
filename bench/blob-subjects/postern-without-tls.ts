/** Postern's own blob surface behind plain HTTP, which it never has outside this measurement: what TLS costs. Says `ready PORT`. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { quietOptions } from "../../packages/server/src/cloud-fixture.ts";
import { startCloud } from "../../packages/server/src/compose.ts";

const [, , stateDir = "", account = ""] = process.argv;
const cloud = await startCloud(quietOptions(stateDir));
const blob = cloud.surfaces.find(({ name }) => name === "blob")!;
const server = createServer((request, response) => {
  const [path = "", query = ""] = (request.url ?? "").split(/\?(.*)/s);
  const requestId = "00000000-0000-4000-8000-000000000001";
  const exchange = { request, response, requestId, surface: "blob", account, prefix: "", path, query } as const;
  void blob.handle({ ...exchange, origin: cloud.status.baseUrl });
});
server.listen(0, "127.0.0.1", () => console.log(`ready ${(server.address() as AddressInfo).port}`));
process.on("SIGTERM", () => void cloud.stop().then(() => process.exit(0)));
