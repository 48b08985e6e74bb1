/** Drills, met by unmodified clients: their own retries get them through, and what cannot be got through is seen as Azure's. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Cloud, repository, startCloud } from "./cloud.ts";
import { assertRefused, assertSucceeded } from "./execution.ts";
import { nodes } from "./installed.ts";
import { scriptLines } from "./notes-app.ts";
import { createWalkthrough } from "./seed.ts";

const app = [nodes[0]!.node, join(repository, "examples/typescript-app/app.ts")];

interface Listed {
  readonly value: readonly { name: string; requestCount: number; faultCount: number }[];
}

describe("drills", () => {
  let cloud: Cloud;
  let account: string;
  before(async () => {
    cloud = await startCloud();
    ({ account } = await createWalkthrough(cloud, "drilled"));
  });
  after(() => cloud?.stop());

  it("the SDK's retries get an app through a Blob storage that is busy and late", async () => {
    const busy = ["drill", "start", "-n", "busy", "--on", "blob", "--fault", "throttled", "--retry-after", "0"];
    assertSucceeded(await cloud.postern(...busy, "--percent", "30", "--assignee", "drilled", "--seed", "3"));
    assertSucceeded(
      await cloud.postern("drill", "start", "-n", "late", "--on", "blob", "--fault", "slow", "--delay", "5"),
    );
    const done = assertSucceeded(await cloud.run([...app, account], { as: "drilled" }));
    assert.deepEqual(done.stdout.trimEnd().split("\n"), scriptLines(account));
    const { value } = await cloud.posternJson<Listed>("drill", "list");
    const struck = value.find(({ name }) => name === "busy")!;
    assert.ok(struck.faultCount > 0 && struck.faultCount < struck.requestCount, JSON.stringify(struck));
    for (const name of ["busy", "late"]) assertSucceeded(await cloud.postern("drill", "stop", "-n", name));
    assert.deepEqual((await cloud.posternJson<Listed>("drill", "list")).value, []);
  });

  it("a role assignment that takes a while is no grant yet, and one that is in effect stays one", async () => {
    const run = () => cloud.run([...app, account], { as: "drilled" });
    assertSucceeded(await cloud.postern("drill", "delay", "--assignments", "600", "--least", "600"));
    assertRefused(await run(), /403 AuthorizationPermissionMismatch/);
    assertSucceeded(await cloud.postern("drill", "delay", "--off"));
    assertSucceeded(await run());
  });
});
