/**
 * Which real clients this machine has. Each answer is a `skip` for node:test: false when the client is there, else why not.
 * May use: node's own modules only.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { repository } from "./cloud.ts";

export type Skip = false | string;

/** Put first on PATH, this folder makes `az`, `python3` and `gunicorn` those of Debian 13. */
const trixieBin = join(repository, "test/debian/trixie-bin");

const HOW = { base: "test/debian/install.sh base", trixie: "test/debian/install.sh trixie" };

function succeeds(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function missing(what: string, how: string): string {
  return `${what} is not installed here; ${how} installs it`;
}

const hasTrixie = succeeds(join(repository, "test/debian/trixie-run.sh"), "true");
const skipTrixie: Skip = hasTrixie ? false : missing("the Debian 13 folder (az 2.74, Python SDK 1.23)", HOW.trixie);

/** One az: `path` is what is put before PATH so that `az` means it. */
export interface AzInstallation {
  readonly name: string;
  readonly path: string;
  readonly skip: Skip;
}

export const az245: AzInstallation = {
  name: "az 2.45 (Debian 12)",
  path: "/usr/bin",
  skip: isExecutable("/usr/bin/az") ? false : missing("az 2.45", HOW.base),
};

export const az274: AzInstallation = { name: "az 2.74 (Debian 13)", path: trixieBin, skip: skipTrixie };

/** One Python with the Azure SDK, and the gunicorn that goes with it. */
export interface PythonInstallation {
  readonly name: string;
  readonly python: string;
  readonly gunicorn: string;
  readonly skip: Skip;
}

export const python311: PythonInstallation = {
  name: "Python 3.11, azure-identity 1.13 (Debian 12)",
  python: "/usr/bin/python3",
  gunicorn: "/usr/bin/gunicorn",
  skip:
    succeeds("/usr/bin/python3", "-c", "import azure.identity, azure.storage.blob") && isExecutable("/usr/bin/gunicorn")
      ? false
      : missing("Debian's Azure SDK for Python", HOW.base),
};

export const python313: PythonInstallation = {
  name: "Python 3.13, azure-identity 1.23 (Debian 13)",
  python: join(trixieBin, "python3"),
  gunicorn: join(trixieBin, "gunicorn"),
  skip: skipTrixie,
};

export const rcloneSkip: Skip = isExecutable("/usr/bin/rclone") ? false : missing("rclone", HOW.base);

/** One Node: the one that runs the tests, and the machine's own when that is another. */
export interface NodeInstallation {
  readonly name: string;
  readonly node: string;
  readonly skip: Skip;
}

function findOuterNode(): string | undefined {
  const own = realpathSync(process.execPath);
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "" && !folder.includes("node_modules"))
    .map((folder) => join(folder, "node"))
    .find((path) => isExecutable(path) && realpathSync(path) !== own);
}

function readVersion(node: string): string {
  return spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim();
}

const outerNode = findOuterNode();

export const nodes: readonly NodeInstallation[] = [
  { name: `Node ${process.version}`, node: process.execPath, skip: false },
  outerNode === undefined
    ? { name: "another Node", node: "", skip: "PATH has no Node but the one that runs the tests" }
    : { name: `the machine's own Node ${readVersion(outerNode)}`, node: outerNode, skip: false },
];
