/**
 * `npm run quickstart`: from a fresh clone to the main job done. Installs, builds, starts a cloud of its own, and walks the four steps of
 * signing in an app that runs outside Azure; ends with what was proved. Every step is a command you could type: it is printed.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBuilt, ensureInstalled, environment, node, postern, root } from "./setup.mjs";

const started = Date.now();
const state = mkdtempSync(join(tmpdir(), "postern-quickstart-"));
const app = join(root, "examples", "typescript-app", "app.ts");
const role = "Storage Blob Data Contributor";
const isColour = process.stdout.isTTY && !process.env.NO_COLOR;
const bold = (text) => (isColour ? `\x1b[1m${text}\x1b[0m` : text);

const seconds = () => `${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s`;
const heading = (text) => console.log(`\n${bold(text)}`);
const note = (text) => console.log(`  ${text}`);

/** An argument as a person in the clone's folder would type it. */
function asTyped(arg) {
  const short = arg === node ? "node" : arg.replace(root, "");
  return /[^\w@%+=:,./-]/.test(short) ? `"${short}"` : short;
}

/** Runs `postern …` on this walk's own state folder and shows the line as a user would type it. */
function run(args, { isShown = true } = {}) {
  if (isShown) note(`${seconds()}  $ postern ${args.map(asTyped).join(" ")}`);
  return new Promise((resolve, reject) => {
    const child = spawn(node, [postern, ...args], {
      cwd: root,
      env: { ...environment, POSTERN_STATE: state },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => (stdout += chunk));
    child.stderr.on("data", (chunk) => (stderr += chunk));
    child.on("error", reject);
    child.on("exit", (code) => resolve({ code, stdout, stderr }));
  });
}

async function must(args, options) {
  const result = await run(args, options);
  if (result.code !== 0) throw new Error(`postern ${args[0]} failed:\n${result.stdout}${result.stderr}`);
  return result.stdout;
}

/** Runs the unmodified example as a registered app and checks how it ended. */
async function runApp(appName, account, isExpected) {
  const result = await run(["run", "--as", appName, "--", node, app, account]);
  const said = (result.stdout + result.stderr).trim().split("\n");
  for (const line of said) note(`           ${line}`);
  const isAllowed = result.code === 0;
  if (isAllowed !== isExpected)
    throw new Error(`the app should ${isExpected ? "have been let in" : "have been refused"}`);
  // A refusal only proves something when it is the access decision's.
  if (!isExpected && !said.some((line) => line.includes("AuthorizationPermissionMismatch")))
    throw new Error("refused for another reason than a missing role");
}

async function walk() {
  heading("Setting up");
  note(`${seconds()}  ${ensureInstalled() ? "installed the dependencies (npm ci)" : "the dependencies are there"}`);
  note(`${seconds()}  ${ensureBuilt() ? "built the packages" : "the packages are built"}`);
  const { subscriptionId } = JSON.parse(await must(["up", "--port", "0", "--detach", "--output", "json"]));

  heading("Two environments, each with a resource group and a storage account");
  const groups = {};
  for (const name of ["dev", "prod"]) {
    const group = `notes-${name}`;
    groups[name] = `/subscriptions/${subscriptionId}/resourceGroups/${group}`;
    await must(["group", "create", "--name", group, "--location", "westeurope", "--output", "none"]);
    await must([
      "storage",
      "account",
      "create",
      "--name",
      `notes${name}`,
      "--resource-group",
      group,
      "--location",
      "westeurope",
      "--output",
      "none",
    ]);
  }

  heading("1  Register the app, once for each environment");
  const apps = {};
  for (const name of ["dev", "prod"]) {
    apps[name] = JSON.parse(await must(["ad", "sp", "create-for-rbac", "--name", `notes-${name}`]));
    note(
      `           appId ${apps[name].appId}, a client secret of ${apps[name].password.length} characters, shown once`,
    );
  }

  heading("2  Assign roles (first: what happens without)");
  await runApp("notes-dev", "notesdev", false);
  for (const name of ["dev", "prod"]) {
    await must([
      "role",
      "assignment",
      "create",
      "--assignee",
      apps[name].appId,
      "--role",
      role,
      "--scope",
      groups[name],
      "--output",
      "none",
    ]);
  }

  heading("3  Give its process the three variables");
  const lines = (await must(["env", "notes-dev", "--format", "systemd"])).trim().split("\n");
  for (const line of lines) note(`           ${line.replace(/(CLIENT_SECRET=)(.*)$/, "$1(not shown here)")}`);

  heading("4  The unmodified app: DefaultAzureCredential and BlobServiceClient");
  await runApp("notes-dev", "notesdev", true);
  await runApp("notes-prod", "notesdev", false);
  await runApp("notes-prod", "notesprod", true);

  heading("Proved");
  note(
    "An unmodified program using @azure/identity and @azure/storage-blob signed in with a client secret, offline, and",
  );
  note("  - was refused (403 AuthorizationPermissionMismatch) before it had a role,");
  note(`  - created a container and wrote, read and listed a blob once it was ${role} on its resource group,`);
  note("  - and registered for prod, could not reach the dev group's storage, but could reach its own.");
  heading("Yours to keep");
  note("npx postern up --detach             a cloud that stays, in ~/.local/state/postern");
  note("npx postern run -- az group list    the real az, signed in as its operator");
}

let failure;
try {
  await walk();
} catch (cause) {
  failure = cause;
} finally {
  await run(["down"], { isShown: false }).catch(() => {});
  rmSync(state, { recursive: true, force: true });
}
if (failure !== undefined) {
  console.error(`\nquickstart stopped: ${failure.message}`);
  process.exitCode = 1;
} else console.log(`\ndone in ${seconds().trim()}`);
