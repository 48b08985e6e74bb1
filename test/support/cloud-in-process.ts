/** A whole cloud inside the test's own process, for tests that walk the operation tables. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quietOptions } from "../../packages/server/src/cloud-fixture.ts";
import { type CloudOptions, type RunningCloud, startCloud } from "../../packages/server/src/compose.ts";
import { createPlainLog } from "../../packages/server/src/observe/log.ts";
import { PlaneClient, type ServerStatus } from "./plane-client.ts";

export type TestCloud = RunningCloud & {
  readonly client: PlaneClient;
  readonly log: readonly string[];
  dispose(): Promise<void>;
};

export async function startTestCloud(options: Partial<CloudOptions> = {}): Promise<TestCloud> {
  const stateDir = mkdtempSync(join(tmpdir(), "postern-test-"));
  const log: string[] = [];
  const cloud = await startCloud({
    ...quietOptions(stateDir),
    log: createPlainLog((line) => log.push(line)),
    ...options,
  });
  const status = JSON.parse(readFileSync(join(stateDir, "run", "status.json"), "utf8")) as ServerStatus;
  const client = new PlaneClient(status);
  return {
    ...cloud,
    client,
    log,
    dispose: async () => {
      client.close();
      await cloud.stop();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
