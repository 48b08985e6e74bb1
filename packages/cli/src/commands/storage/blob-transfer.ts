/** `postern storage blob upload` and `download`. @see https://learn.microsoft.com/rest/api/storageservices/put-blob */
import { existsSync } from "node:fs";
import { guessContentType } from "../../blob/content-types.ts";
import { shapeDownloaded, shapeUpload } from "../../blob/shapes.ts";
import { StorageFault } from "../../blob/storage-fault.ts";
import { downloadTo, downloadToFile, uploadBlob } from "../../blob/transfers.ts";
import { defineCommand, type Option } from "../../command/command.ts";
import { failure, usageFault } from "../../faults.ts";
import { blobRows } from "./blob-rows.ts";
import {
  blobName,
  containerName,
  dataOptions,
  metadata,
  metadataHeaders,
  openAccount,
  progressOf,
} from "./data-options.ts";

const sample = "--container-name box --account-name notesdev --auth-mode login";

const noProgress = { kind: "flag", flags: ["--no-progress"], summary: "Show no progress." } as const satisfies Option;

export const upload = defineCommand({
  options: {
    containerName,
    name: { ...blobName, required: false, summary: "The blob name. Default: the file's." },
    file: { kind: "text", flags: ["--file", "-f"], summary: "Path of the file." },
    data: { kind: "text", flags: ["--data"], summary: "Text, in place of a file." },
    overwrite: { kind: "switch", flags: ["--overwrite"], summary: "Whether a blob that is there may be replaced." },
    contentType: { kind: "text", flags: ["--content-type", "-t"], summary: "Default: told by the file's name." },
    contentEncoding: { kind: "text", flags: ["--content-encoding"], summary: "The content encoding type." },
    contentLanguage: { kind: "text", flags: ["--content-language"], summary: "The content language." },
    contentDisposition: { kind: "text", flags: ["--content-disposition"], summary: "How a browser saves it." },
    cacheControl: { kind: "text", flags: ["--content-cache-control", "--content-cache"], summary: "For caches." },
    type: { kind: "text", flags: ["--type"], choices: ["block"], summary: "The type of blob. Default: block." },
    tier: { kind: "text", flags: ["--tier"], choices: ["Archive", "Cold", "Cool", "Hot"], summary: "Access tier." },
    metadata,
    noProgress,
    ...dataOptions,
  },
  examples: [
    { summary: "Upload a file", line: `postern storage blob upload --file a.txt --name a.txt ${sample}` },
    { summary: "Upload text", line: `postern storage blob upload --data hello --name a.txt ${sample} --overwrite` },
  ],
  run: async (context, args) => {
    if ((args.file === undefined) === (args.data === undefined)) {
      throw usageFault("usage error: please specify one of --file and --data");
    }
    const blob = args.name ?? args.file?.split("/").at(-1);
    if (blob === undefined) throw usageFault("the following arguments are required: --name/-n");
    const access = await openAccount(context, args);
    const source = args.file === undefined ? { data: Buffer.from(args.data!) } : { file: args.file };
    const guessed =
      args.contentEncoding === undefined && args.file !== undefined ? guessContentType(args.file) : undefined;
    try {
      const headers = await uploadBlob(access, {
        container: args.containerName,
        blob,
        source,
        contentType: args.contentType ?? guessed,
        canOverwrite: args.overwrite === true,
        headers: {
          ...metadataHeaders(args.metadata),
          "x-ms-blob-content-encoding": args.contentEncoding,
          "x-ms-blob-content-language": args.contentLanguage,
          "x-ms-blob-content-disposition": args.contentDisposition,
          "x-ms-blob-cache-control": args.cacheControl,
          "x-ms-access-tier": args.tier,
        },
        onProgress: args.noProgress ? () => {} : progressOf(context, blob),
      });
      return { data: shapeUpload(headers) };
    } catch (error) {
      if (!(error instanceof StorageFault) || error.status !== 409) throw error;
      throw failure(
        `${error.message}\nIf you want to overwrite the existing one, please add --overwrite in your command.`,
      );
    }
  },
});

export const download = defineCommand({
  options: {
    containerName,
    name: blobName,
    file: { kind: "text", flags: ["--file", "-f"], summary: "Path of the file. Default: standard output." },
    startRange: { kind: "integer", flags: ["--start-range"], summary: "First byte to download." },
    endRange: { kind: "integer", flags: ["--end-range"], summary: "Last byte to download." },
    overwrite: {
      kind: "switch",
      flags: ["--overwrite"],
      summary: "Whether a file that is there may be replaced. Default: true.",
    },
    noProgress,
    ...dataOptions,
  },
  examples: [{ summary: "Download a blob", line: `postern storage blob download --name a.txt --file a.txt ${sample}` }],
  run: async (context, args) => {
    const access = await openAccount(context, args);
    const { startRange, endRange, file } = args;
    const request = {
      container: args.containerName,
      blob: args.name,
      range: startRange === undefined || endRange === undefined ? undefined : `bytes=${startRange}-${endRange}`,
      onProgress: args.noProgress || file === undefined ? () => {} : progressOf(context, args.name),
    };
    if (file === undefined) {
      // Standard output is closed by the process's end, not by a download's.
      const { PassThrough } = await import("node:stream");
      await downloadTo(access, request, () => {
        const out = new PassThrough();
        out.pipe(process.stdout, { end: false });
        return out;
      });
      return {};
    }
    if (args.overwrite === false && existsSync(file)) {
      throw failure(`${file} already exists. Please rename existing file or use --overwrite`);
    }
    const { headers, sizeBytes } = await downloadToFile(access, request, file);
    return { data: shapeDownloaded(args.name, args.containerName, headers, sizeBytes), toRows: blobRows };
  },
});
