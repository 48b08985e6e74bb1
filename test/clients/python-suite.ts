/**
 * The how-to's Python code, unmodified: Debian's SDK, DefaultAzureCredential and BlobServiceClient, only the three variables
 * set; then the same in gunicorn, with the variables from the unit's EnvironmentFile. systemd itself is not run: systemd-unit.ts
 * reads the unit in its place.
 */
import assert from "node:assert/strict";
import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Cloud, cleanEnvironment, repository, startCloud } from "./cloud.ts";
import { assertRefused, assertSucceeded, startServer } from "./execution.ts";
import type { PythonInstallation } from "./installed.ts";
import { exerciseNotes, scriptLines } from "./notes-app.ts";
import { createApp, createPlace, createWalkthrough } from "./seed.ts";

export const exampleDir = join(repository, "examples/python-app");
const unitRunner = join(import.meta.dirname, "systemd-unit.ts");

/** Lays the example out as the unit's comment says a real machine has it, with this machine's paths in the unit. */
async function layOut(cloud: Cloud, { gunicorn }: PythonInstallation, app: string, account: string): Promise<string> {
  const root = join(cloud.workDir, "python-app");
  await rm(root, { recursive: true, force: true });
  await cp(exampleDir, root, { recursive: true });
  await mkdir(join(root, "py-env"));
  await symlink(gunicorn, join(root, "py-env/gunicorn"));
  const variables = assertSucceeded(await cloud.postern("env", app, "--format", "systemd")).stdout;
  await writeFile(join(root, "py-env/app-environment-variables"), variables, { mode: 0o600 });
  const unit = (await readFile(join(exampleDir, "app.service"), "utf8"))
    .replaceAll("/path/to/python-app", root)
    .replace("STORAGE_ACCOUNT=mystorage", `STORAGE_ACCOUNT=${account}\nEnvironment=BIND=127.0.0.1:0`);
  await writeFile(join(root, "app.service"), unit);
  return join(root, "app.service");
}

/** What every Python with the Azure SDK must be able to do. */
export function testPython(installation: PythonInstallation): void {
  describe(installation.name, { skip: installation.skip }, () => {
    let cloud: Cloud;
    before(async () => {
      cloud = await startCloud();
    });
    after(() => cloud?.stop());

    it("writes and reads a blob with the role, and is refused without", async () => {
      const place = await createPlace(cloud, "no-role", "noroledata");
      await createApp(cloud, "no-role-app");
      const script = [installation.python, join(exampleDir, "app.py")];
      const refused = await cloud.run([...script, place.account], { as: "no-role-app" });
      assertRefused(refused, /^refused: 403 AuthorizationPermissionMismatch$/m);

      const { account } = await createWalkthrough(cloud, "python-script");
      const done = assertSucceeded(await cloud.run([...script, account], { as: "python-script" }));
      assert.deepEqual(done.stdout.trimEnd().split("\n"), scriptLines(account));
    });

    it("serves notes from gunicorn, with the variables from the EnvironmentFile", async () => {
      const { account } = await createWalkthrough(cloud, "python-web");
      const unit = await layOut(cloud, installation, "python-web", account);
      const command = cloud.launch([process.execPath, unitRunner, unit]);
      const { url, end } = await startServer(command, /Listening at: (http:\S+)/, { env: cleanEnvironment() });
      try {
        await exerciseNotes(url);
      } finally {
        await end();
      }
    });

    it("moves a blob larger than one block, whole and by ranges", async () => {
      const { account } = await createWalkthrough(cloud, "python-large");
      const program = join(import.meta.dirname, "programs/large_blob.py");
      const done = await cloud.run([installation.python, program, account], { as: "python-large" });
      assert.match(assertSucceeded(done).stdout, /^blocks committed: 3\nread back: same\nempty blob: 0 bytes$/m);
    });
  });
}
