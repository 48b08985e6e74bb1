/** `postern restore`: makes a state folder of a backup, after looking at every file of it. May use: state/, node:fs. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { chmod, copyFile, mkdir, readdir, readFile, rename } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { type Context, defineCommand } from "../../command/command.ts";
import { failure, usageFault } from "../../faults.ts";
import { isObject } from "../../output/ordered.ts";
import { statePathsOf } from "../../state/paths.ts";
import { parseRecord } from "../../state/private-file.ts";
import { findRunning } from "../../state/status.ts";
import { confirm, yes } from "../options.ts";

const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

interface BackupFile {
  readonly path: string;
  readonly sha256: string;
}

export const command = defineCommand({
  positionals: [{ name: "FOLDER", summary: "A backup, as `postern backup` made it." }],
  options: { yes },
  examples: [
    {
      summary: "Into the usual state folder, which is moved aside first",
      line: "postern restore /mnt/backup/postern-monday --yes",
    },
    { summary: "Beside it, to look at", line: "postern restore /mnt/backup/postern-monday --state ./monday" },
  ],
  run: async (context, args, { positionals }) => {
    const folder = resolve(positionals[0]!);
    const paths = statePathsOf(context);
    if (await findRunning(paths)) throw failure(`A cloud runs on ${paths.stateDir}.`, "Stop it first: postern down");
    const files = await readManifest(folder);
    context.notes.progress(`Looking at ${files.length} files ...`);
    for (const file of files) await verify(folder, file);
    const aside = await moveAside(context, paths.stateDir, args.yes);
    for (const { path } of files) {
      const to = join(paths.stateDir, path);
      await mkdir(dirname(to), { recursive: true, mode: OWNER_ONLY_FOLDER });
      await copyFile(join(folder, path), to);
      await chmod(to, OWNER_ONLY_FILE);
    }
    if (aside !== undefined) context.notes.line(`What was there is in ${aside}`);
    return { data: { stateDir: paths.stateDir, fileCount: files.length, movedAside: aside ?? null } };
  },
});

async function readManifest(folder: string): Promise<readonly BackupFile[]> {
  const text = await readFile(join(folder, "backup.json"), "utf8").catch(() => undefined);
  if (text === undefined) throw usageFault(`${folder} is no backup: it has no backup.json.`);
  const { version, files } = parseRecord(text) ?? {};
  if (version !== 1 || !Array.isArray(files)) throw failure(`${folder} is a backup of another Postern, or damaged.`);
  return files.map((file) => {
    const { path, sha256 } = isObject(file) ? file : {};
    // A path that leads out of the folder would write anywhere.
    const isInside = typeof path === "string" && resolve(folder, path).startsWith(folder + sep);
    if (!isInside || typeof sha256 !== "string") throw failure(`${folder} is damaged: its list of files is.`);
    return { path, sha256 };
  });
}

async function verify(folder: string, { path, sha256 }: BackupFile): Promise<void> {
  const hash = createHash("sha256");
  try {
    for await (const part of createReadStream(join(folder, path))) hash.update(part as Buffer);
  } catch {
    throw failure(`${path} is missing from the backup. Nothing was restored.`);
  }
  if (hash.digest("hex") !== sha256) throw failure(`${path} is damaged in the backup. Nothing was restored.`);
}

/** Nothing is ever written over. @returns where the folder that was there is now. */
async function moveAside(context: Context, stateDir: string, isConfirmed: boolean): Promise<string | undefined> {
  if (!existsSync(stateDir) || (await readdir(stateDir)).length === 0) return undefined;
  context.notes.warn(`${stateDir} is in use: it will be moved aside.`);
  await confirm(context, isConfirmed);
  const aside = `${stateDir}.before-${new Date().toISOString().replace(/[:.]/g, "-")}`;
  await rename(stateDir, aside);
  return aside;
}
