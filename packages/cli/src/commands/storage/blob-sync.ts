/**
 * `postern storage blob sync`: makes the blobs of a container, or of a folder in it, those of a folder here. az has azcopy do this, which has to be
 * installed; the rules are azcopy's: a file goes when its blob is missing or older, and blobs without a file are deleted unless told otherwise.
 * @see https://learn.microsoft.com/cli/azure/storage/blob#az-storage-blob-sync
 */
import { existsSync } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { AccountAccess } from "../../blob/account-access.ts";
import { guessContentType } from "../../blob/content-types.ts";
import { listAll } from "../../blob/lists.ts";
import { matchesGlob } from "../../blob/name-globs.ts";
import { shapeListedBlob } from "../../blob/shapes.ts";
import { uploadBlob } from "../../blob/transfers.ts";
import { type Context, defineCommand } from "../../command/command.ts";
import { failure, usageFault } from "../../faults.ts";
import type { Json } from "../../http/service-client.ts";
import { confirm } from "../options.ts";
import { listFiles, normalise } from "./blob-batches.ts";
import { containerName, dataOptions, openAccount, progressOf } from "./data-options.ts";

export const command = defineCommand({
  options: {
    source: { kind: "text", flags: ["--source", "-s"], summary: "The folder, or one file.", required: true },
    container: { ...containerName, flags: ["--container", "-c"] },
    destination: {
      kind: "text",
      flags: ["--destination", "-d"],
      summary: "What blobs' names begin with; of a file, the blob.",
    },
    deleteDestination: {
      kind: "text",
      flags: ["--delete-destination"],
      choices: ["true", "false", "prompt"],
      summary: "Whether blobs that have no file are deleted. Default: true, as in az.",
    },
    includePattern: {
      kind: "text",
      flags: ["--include-pattern"],
      summary: "Only files of such names: *.html;*.css. What is left out is not deleted either.",
    },
    excludePattern: { kind: "text", flags: ["--exclude-pattern"], summary: "No files of such names: *.tmp;*.log." },
    excludePath: { kind: "text", flags: ["--exclude-path"], summary: "Nothing below these folders: drafts;old/2024." },
    dryrun: { kind: "flag", flags: ["--dryrun"], summary: "Say what would be done; do nothing." },
    ...dataOptions,
  },
  examples: [
    {
      summary: "A site, as it is in the folder",
      line: "postern storage blob sync --source site --container box --account-name notesdev --auth-mode login",
    },
    {
      summary: "What would be done",
      line: "postern storage blob sync -s site -c box --dryrun --account-name notesdev --auth-mode login",
    },
  ],
  run: async (context, args) => {
    if (!existsSync(args.source)) throw failure(`[Errno 2] No such file or directory: '${args.source}'`);
    const access = await openAccount(context, args);
    const isWanted = makeFilter(args);
    const plan = (await stat(args.source)).isDirectory()
      ? await planFolder(access, await realpath(args.source), args.container, args.destination ?? "", isWanted)
      : await planFile(access, args.source, args.container, args.destination);
    const doomed = args.deleteDestination === "false" ? [] : plan.extra;
    const shown = {
      uploaded: plan.uploads.map(({ blob }) => blob),
      deleted: doomed,
      unchangedCount: plan.unchangedCount,
    };
    if (args.dryrun) return { data: shown };
    if (args.deleteDestination === "prompt" && doomed.length > 0) {
      context.notes.warn(`${doomed.length} blobs have no file in ${args.source} and will be deleted.`);
      await confirm(context, false);
    }
    await upload(context, access, args.container, plan.uploads);
    for (const blob of doomed) (await access.send({ method: "DELETE", path: [args.container, blob] })).resume();
    return { data: shown };
  },
});

interface Upload {
  readonly file: string;
  readonly blob: string;
}

interface Plan {
  readonly uploads: readonly Upload[];
  /** Blobs that no file is the source of. */
  readonly extra: readonly string[];
  readonly unchangedCount: number;
}

async function planFolder(
  access: AccountAccess,
  folder: string,
  container: string,
  place: string,
  isWanted: (path: string) => boolean,
): Promise<Plan> {
  const prefix = normalise(undefined, place);
  const begin = prefix === "" ? "" : `${prefix}/`;
  const blobs = await listTimes(access, container, begin);
  const uploads: Upload[] = [];
  const sources = new Set<string>();
  for (const path of (await listFiles(folder)).filter(isWanted)) {
    const [file, blob] = [join(folder, path), begin + path];
    sources.add(blob);
    if ((await stat(file)).mtimeMs > (blobs.get(blob) ?? Number.NEGATIVE_INFINITY)) uploads.push({ file, blob });
  }
  const extra = [...blobs.keys()].filter((blob) => !sources.has(blob) && isWanted(blob.slice(begin.length)));
  return { uploads, extra, unchangedCount: sources.size - uploads.length };
}

/** One file is one blob, whatever stands beside it. */
async function planFile(
  access: AccountAccess,
  file: string,
  container: string,
  destination: string | undefined,
): Promise<Plan> {
  const blob = normalise(undefined, destination ?? basename(file));
  if (blob === "") throw usageFault(`--destination ${destination} is no blob's name.`);
  const known = (await listTimes(access, container, blob)).get(blob);
  const isNewer = (await stat(file)).mtimeMs > (known ?? Number.NEGATIVE_INFINITY);
  return { uploads: isNewer ? [{ file, blob }] : [], extra: [], unchangedCount: isNewer ? 0 : 1 };
}

/** When each blob was last changed, in milliseconds. */
async function listTimes(access: AccountAccess, container: string, prefix: string): Promise<Map<string, number>> {
  const { items } = await listAll(access, { container, prefix: prefix === "" ? undefined : prefix });
  const blobs = items.filter(({ name }) => name === "Blob").map((item) => shapeListedBlob(item, container));
  return new Map(
    blobs.map(({ name, properties }) => [String(name), Date.parse(String((properties as Json).lastModified))]),
  );
}

async function upload(
  context: Context,
  access: AccountAccess,
  container: string,
  uploads: readonly Upload[],
): Promise<void> {
  for (const [index, { file, blob }] of uploads.entries()) {
    await uploadBlob(access, {
      container,
      blob,
      source: { file },
      contentType: guessContentType(file),
      canOverwrite: true,
      headers: {},
      onProgress: progressOf(context, `${index + 1}/${uploads.length}: "${blob}"`),
    });
  }
}

/** Patterns are of a file's own name, paths of the folders it stands in: azcopy's rules. */
function makeFilter(args: {
  readonly includePattern: string | undefined;
  readonly excludePattern: string | undefined;
  readonly excludePath: string | undefined;
}): (path: string) => boolean {
  const split = (text: string | undefined) => (text ?? "").split(";").filter((part) => part !== "");
  const [included, excluded] = [split(args.includePattern), split(args.excludePattern)];
  const folders = split(args.excludePath).map((path) => normalise(undefined, path));
  return (path) => {
    const name = path.split("/").at(-1)!;
    if (included.length > 0 && !included.some((pattern) => matchesGlob(name, pattern))) return false;
    if (excluded.some((pattern) => matchesGlob(name, pattern))) return false;
    return !folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
  };
}
