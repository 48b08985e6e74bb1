/**
 * `postern explain` and `postern learn`, seen from outside: an unmodified app is refused, the refusal is explained, its roles are learned
 * and proved by running it again with just those.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Cloud, repository, startCloud } from "./cloud.ts";
import { assertRefused, assertSucceeded } from "./execution.ts";
import { nodes, python311 } from "./installed.ts";
import { scriptLines } from "./notes-app.ts";
import { BLOB_CONTRIBUTOR, createApp, createPlace } from "./seed.ts";

const pythonApp = [python311.python, join(repository, "examples/python-app/app.py")];
const nodeApp = [nodes[0]!.node, join(repository, "examples/typescript-app/app.ts")];

interface Learned {
  readonly assignments: readonly { roleName: string; scope: string; operationsBeyond: number }[];
  readonly isProved: boolean;
  readonly proof: { readonly isPassed: boolean; readonly deniedCount: number };
}

interface Explained {
  readonly decision: { readonly isAllowed: boolean; readonly reason: string };
  readonly mending: readonly { roleName: string; scopes: readonly string[] }[];
}

/** What stands after the program's own lines. */
function readAnswer<T>(stdout: string): T {
  return JSON.parse(stdout.slice(stdout.indexOf("\n{\n") + 1)) as T;
}

describe("learning an app's roles", () => {
  let cloud: Cloud;
  before(async () => {
    cloud = await startCloud();
  });
  after(() => cloud?.stop());

  const accountScope = (group: string, account: string) =>
    `/subscriptions/${cloud.status.subscriptionId}/resourceGroups/${group}/providers/Microsoft.Storage/storageAccounts/${account}`;

  it("finds Storage Blob Data Contributor at the account for the Python app, and proves it", {
    skip: python311.skip,
  }, async () => {
    const { group, account } = await createPlace(cloud, "learn-python", "learnpython");
    const { appId } = await createApp(cloud, "python-learner");
    assertRefused(
      await cloud.run([...pythonApp, account], { as: "python-learner" }),
      /403 AuthorizationPermissionMismatch/,
    );

    const told = assertSucceeded(await cloud.postern("explain", "--last"));
    assert.match(told.stdout, /^Denied\. python-learner/m);
    const scope = accountScope(group, account);
    const line = `az role assignment create --assignee ${appId} --role '${BLOB_CONTRIBUTOR}' --scope ${scope}`;
    assert.ok(told.stdout.includes(line), told.stdout);

    const learn = ["learn", "--as", "python-learner", "--output", "json", "--", ...pythonApp, account];
    const outcome = assertSucceeded(await cloud.postern(...learn));
    assert.ok(outcome.stdout.startsWith(`${scriptLines(account).join("\n")}\n`));
    const learned = readAnswer<Learned>(outcome.stdout);
    assert.deepEqual(
      learned.assignments.map(({ roleName, scope: at }) => [roleName, at]),
      [[BLOB_CONTRIBUTOR, scope]],
    );
    assert.equal(learned.isProved, true);
    assert.deepEqual([learned.proof.isPassed, learned.proof.deniedCount], [true, 0]);

    // Nothing of it is left: the app is refused again, and no role was given to it.
    assertRefused(
      await cloud.run([...pythonApp, account], { as: "python-learner" }),
      /403 AuthorizationPermissionMismatch/,
    );
    assert.deepEqual(await cloud.posternJson("role", "assignment", "list", "--all", "--assignee", appId), []);
    const apps = await cloud.posternJson<{ displayName: string }[]>("ad", "app", "list", "--all");
    assert.ok(!apps.some(({ displayName }) => displayName.startsWith("postern-learn")));

    // The role learned, given by the printed words, is enough for the app itself.
    assertSucceeded(
      await cloud.postern(
        ...["role", "assignment", "create", "--assignee", appId],
        "--role",
        BLOB_CONTRIBUTOR,
        "--scope",
        scope,
      ),
    );
    assertSucceeded(await cloud.run([...pythonApp, account], { as: "python-learner" }));
  });

  it("learns the TypeScript app as an app of its own, and says what was not used", async () => {
    const { group, account } = await createPlace(cloud, "learn-node", "learnnode");
    const outcome = assertSucceeded(await cloud.postern("learn", "--", ...nodeApp, account));
    assert.ok(outcome.stdout.includes(`  ${BLOB_CONTRIBUTOR} at ${accountScope(group, account)}\n`), outcome.stdout);
    assert.match(outcome.stdout, /9 operations, \d of them not used$/m);
    assert.match(outcome.stdout, /^Proved: the program ran again with just these roles, and nothing was denied\.$/m);
  });

  it("does not claim a proof for a program that fails", async () => {
    const outcome = await cloud.postern("learn", "--output", "json", "--", process.execPath, "-e", "process.exit(3)");
    assert.equal(outcome.code, 3);
    assert.equal((JSON.parse(outcome.stdout) as { proof: { isPassed: unknown } }).proof.isPassed, null);
  });

  it("explains a question about an Owner and a blob as of now, and as of a time before", async () => {
    const { scope } = await createPlace(cloud, "explain-group", "explaindata");
    await createApp(cloud, "owner-app");
    const action = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";
    const ask = ["explain", "--assignee", "owner-app", "--action", action, "--scope", scope, "--output", "json"];
    const { decision, mending } = await cloud.posternJson<Explained>(...ask);
    assert.deepEqual([decision.isAllowed, decision.reason], [false, "no-assignment"]);
    assert.deepEqual([mending[0]!.roleName, mending[0]!.scopes[0]], ["Storage Blob Data Reader", scope]);
    const before = new Date().toISOString();
    assertSucceeded(
      await cloud.postern(
        "role",
        "assignment",
        "create",
        "--assignee",
        (await cloud.credentials("owner-app")).AZURE_CLIENT_ID,
        "--role",
        "Owner",
        "--scope",
        scope,
      ),
    );
    assert.equal((await cloud.posternJson<Explained>(...ask)).decision.reason, "data-action-not-granted");
    assert.equal((await cloud.posternJson<Explained>(...ask, "--at", before)).decision.reason, "no-assignment");
    const changes = await cloud.posternJson<{ access: { change: string; roleName: string }[] }>(
      "access",
      "diff",
      "--from",
      before,
    );
    assert.deepEqual(
      changes.access.map(({ change, roleName }) => [change, roleName]),
      [["gained", "Owner"]],
    );
  });
});
