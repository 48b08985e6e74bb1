/** `postern backup`: a copy of the state folder as it is at one moment, while the cloud runs. May use: own-plane.ts, session.ts, node:fs. */
import { existsSync } from "node:fs";
import { cp, rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { defineCommand } from "../../command/command.ts";
import { failure, usageFault } from "../../faults.ts";
import { openOwnPlane } from "../../own-plane.ts";
import { openSession } from "../../session.ts";

export const command = defineCommand({
  options: {
    to: {
      kind: "text",
      flags: ["--to"],
      valueName: "FOLDER",
      summary: "Where it goes; a folder that is not there yet. Default: backups/ in the state folder.",
    },
  },
  examples: [
    { summary: "Back up the cloud", line: "postern backup" },
    { summary: "To another disk", line: "postern backup --to /mnt/backup/postern-monday" },
  ],
  run: async (context, args) => {
    const to = args.to === undefined ? undefined : resolve(args.to);
    if (to !== undefined && existsSync(to)) throw usageFault(`${to} is there already: a backup makes its own folder.`);
    const session = await openSession(context);
    context.notes.progress("Copying ...");
    const made = await openOwnPlane(session, "resource-manager").json("POST", "/postern/backup");
    const { folder, fileCount, sizeBytes } = made;
    if (typeof folder !== "string") throw failure("The cloud answered without the backup's folder.");
    if (to !== undefined) await move(folder, to);
    context.notes.warn("The backup holds every key and secret of the cloud: keep it where only you may read.");
    return { data: { folder: to ?? folder, fileCount, sizeBytes } };
  },
});

/** Another disk takes a copy; the modes of files, 0600, go with it. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV")
      throw failure(`Cannot move the backup to ${to}; it is in ${from}.`);
    await cp(from, to, { recursive: true, errorOnExist: true, preserveTimestamps: true });
    await rm(from, { recursive: true });
  }
}
