/** `postern storage blob upload-batch`, `download-batch` and `delete-batch`. @see https://learn.microsoft.com/cli/azure/storage/blob#az-storage-blob-upload-batch */
import { existsSync } from "node:fs";
import { mkdir, readdir, realpath, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { AccountAccess } from "../../blob/account-access.ts";
import { guessContentType } from "../../blob/content-types.ts";
import { listAll } from "../../blob/lists.ts";
import { matchesGlob, prefixOfGlob } from "../../blob/name-globs.ts";
import { shapeListedBlob, toPythonTime } from "../../blob/shapes.ts";
import { StorageFault } from "../../blob/storage-fault.ts";
import { downloadToFile, uploadBlob } from "../../blob/transfers.ts";
import { type Context, defineCommand, type Option } from "../../command/command.ts";
import { failure, usageFault } from "../../faults.ts";
import type { Json } from "../../http/service-client.ts";
import { dataOptions, metadata, metadataHeaders, openAccount, progressOf } from "./data-options.ts";

const sample = "--account-name notesdev --auth-mode login";
const pattern = {
  kind: "text",
  flags: ["--pattern"],
  summary: "Only names like it: * ? [seq] [!seq].",
} as const satisfies Option;
const dryrun = {
  kind: "flag",
  flags: ["--dryrun"],
  summary: "Say what would be done; do nothing.",
} as const satisfies Option;
const noProgress = { kind: "flag", flags: ["--no-progress"], summary: "Show no progress." } as const satisfies Option;

export const uploadBatch = defineCommand({
  options: {
    source: { kind: "text", flags: ["--source", "-s"], summary: "The folder.", required: true },
    destination: { kind: "text", flags: ["--destination", "-d"], summary: "The container.", required: true },
    destinationPath: { kind: "text", flags: ["--destination-path"], summary: "What blobs' names begin with." },
    overwrite: { kind: "switch", flags: ["--overwrite"], summary: "Whether blobs that are there may be replaced." },
    contentType: { kind: "text", flags: ["--content-type", "-t"], summary: "Default: told by each file's name." },
    pattern,
    metadata,
    dryrun,
    noProgress,
    ...dataOptions,
  },
  examples: [
    { summary: "Upload a folder", line: `postern storage blob upload-batch --source site --destination box ${sample}` },
  ],
  run: async (context, args) => {
    if (!existsSync(args.source) || !(await stat(args.source)).isDirectory()) {
      throw usageFault("incorrect usage: source must be an existing directory");
    }
    const folder = await realpath(args.source);
    const files = (await listFiles(folder)).filter(
      (file) => args.pattern === undefined || matchesGlob(file, args.pattern),
    );
    const access = await openAccount(context, args);
    const results: Json[] = [];
    for (const [index, file] of files.entries()) {
      const blob = normalise(args.destinationPath, file);
      const type = args.contentType ?? guessContentType(file) ?? null;
      const shown = { Blob: access.urlOf([args.destination, blob]), Type: type };
      if (args.dryrun) {
        results.push({ ...shown, "Last Modified": null, eTag: null });
        continue;
      }
      const onProgress = args.noProgress ? () => {} : progressOf(context, `${index + 1}/${files.length}: "${blob}"`);
      try {
        const headers = await uploadBlob(access, {
          container: args.destination,
          blob,
          source: { file: join(folder, file) },
          contentType: type ?? undefined,
          canOverwrite: args.overwrite === true,
          headers: metadataHeaders(args.metadata),
          onProgress,
        });
        results.push({
          ...shown,
          "Last Modified": toPythonTime(headers["last-modified"] ?? null),
          eTag: headers.etag ?? null,
        });
      } catch (error) {
        if (!(error instanceof StorageFault) || error.status !== 409) throw error;
        const hint = "If you want to overwrite the existing one, please add --overwrite in your command.";
        context.notes.error(`${error.message}\n${hint}`);
      }
    }
    warnOfFailures(context, files.length - results.length, files.length, "files not uploaded");
    return { data: results };
  },
});

/** Every file of a folder and those below it, by its path in the folder, in order. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  const depth = (path: string) => path.split(sep).length;
  return paths.sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1)).map((path) => path.split(sep).join("/"));
}

/** A blob's name has no empty, `.` or `..` steps, and no slash at its ends. */
export function normalise(folder: string | undefined, name: string): string {
  const steps: string[] = [];
  for (const part of `${folder ?? ""}/${name}`.split("/")) {
    if (part === "..") steps.pop();
    else if (part !== "" && part !== ".") steps.push(part);
  }
  return steps.join("/");
}

function warnOfFailures({ notes }: Context, failed: number, all: number, what: string): void {
  if (failed > 0) notes.warn(`${failed} of ${all} ${what} due to "Failed Precondition"`);
}

async function findBlobs(access: AccountAccess, container: string, glob: string | undefined): Promise<string[]> {
  const prefix = glob === undefined ? undefined : prefixOfGlob(glob);
  const { items } = await listAll(access, { container, prefix });
  const names = items
    .filter(({ name }) => name === "Blob")
    .map((item) => String(shapeListedBlob(item, container).name));
  return names.filter((name) => glob === undefined || matchesGlob(name, glob));
}

export const downloadBatch = defineCommand({
  options: {
    source: { kind: "text", flags: ["--source", "-s"], summary: "The container.", required: true },
    destination: { kind: "text", flags: ["--destination", "-d"], summary: "The folder.", required: true },
    overwrite: { kind: "switch", flags: ["--overwrite"], summary: "Whether files that are there may be replaced." },
    pattern,
    dryrun,
    noProgress,
    ...dataOptions,
  },
  examples: [
    {
      summary: "Download a container",
      line: `postern storage blob download-batch --source box --destination folder ${sample}`,
    },
  ],
  run: async (context, args) => {
    if (!existsSync(args.destination) || !(await stat(args.destination)).isDirectory()) {
      throw failure("incorrect usage: destination must be an existing directory");
    }
    const access = await openAccount(context, args);
    const names = await findBlobs(access, args.source, args.pattern);
    if (args.dryrun) {
      sayPlan(context, `download action: from ${args.source} to ${args.destination}`, args.pattern, args.source, names);
      return { data: [] };
    }
    const folder = resolve(args.destination);
    const taken = new Set<string>();
    for (const [index, name] of names.entries()) {
      const path = normalise(undefined, name);
      if (taken.has(path)) {
        throw failure(
          `Multiple blobs with download path: \`${path}\`. As a solution, use the \`--pattern\` parameter to select for a subset of blobs ` +
            "to download OR utilize the `storage blob download` command instead to download individual blobs.",
        );
      }
      taken.add(path);
      const file = join(folder, path);
      // A blob's name is its writer's choice; it never leads out of the folder.
      if (!file.startsWith(folder + sep)) throw failure(`The blob '${name}' has no place in ${args.destination}.`);
      if (existsSync(file) && args.overwrite !== true) {
        throw failure(
          `${path} already exists in ${args.destination}. Please rename existing file or choose another destination folder. `,
        );
      }
      await mkdir(dirname(file), { recursive: true });
      const onProgress = args.noProgress ? () => {} : progressOf(context, `${index + 1}/${names.length}: "${name}"`);
      await downloadToFile(access, { container: args.source, blob: name, onProgress }, file);
    }
    return { data: names };
  },
});

export const deleteBatch = defineCommand({
  options: {
    source: { kind: "text", flags: ["--source", "-s"], summary: "The container.", required: true },
    pattern,
    dryrun,
    ...dataOptions,
  },
  examples: [
    {
      summary: "Delete a folder's blobs",
      line: `postern storage blob delete-batch --source box --pattern "2025/*" ${sample}`,
    },
  ],
  run: async (context, args) => {
    const access = await openAccount(context, args);
    const names = await findBlobs(access, args.source, args.pattern);
    if (args.dryrun) {
      sayPlan(context, `delete action: from ${args.source}`, args.pattern, args.source, names);
      return { data: [] };
    }
    let failed = 0;
    for (const name of names) {
      try {
        (await access.send({ method: "DELETE", path: [args.source, name] })).resume();
      } catch (error) {
        if (!(error instanceof StorageFault)) throw error;
        context.notes.debug(error.message);
        failed += 1;
      }
    }
    warnOfFailures(context, failed, names.length, "blobs not deleted");
    return {};
  },
});

function sayPlan(
  { notes }: Context,
  action: string,
  glob: string | undefined,
  container: string,
  names: readonly string[],
): void {
  notes.warn(action);
  notes.warn(`    pattern ${glob ?? "None"}`);
  notes.warn(`  container ${container}`);
  notes.warn(`      total ${names.length}`);
  notes.warn(" operations");
  for (const name of names) notes.warn(`  - ${name}`);
}
