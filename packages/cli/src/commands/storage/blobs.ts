/** `postern storage blob`: looking at blobs and deleting them. @see https://learn.microsoft.com/rest/api/storageservices/operations-on-blobs */
import { listAll } from "../../blob/lists.ts";
import { shapeBlob, shapeListedBlob } from "../../blob/shapes.ts";
import { textAt } from "../../blob/xml.ts";
import { defineCommand } from "../../command/command.ts";
import { blobRows } from "./blob-rows.ts";
import { blobName, containerName, dataOptions, openAccount } from "./data-options.ts";
import { listLimit, readLimit } from "./list-options.ts";

const sample = "--container-name box --account-name notesdev --auth-mode login";
/** az's letters for `--include`, and the service's words. */
const included: Readonly<Record<string, string>> = {
  c: "copy",
  d: "deleted",
  m: "metadata",
  s: "snapshots",
  t: "tags",
  v: "versions",
};

export const listBlobs = defineCommand({
  options: {
    containerName,
    prefix: { kind: "text", flags: ["--prefix"], summary: "Only names that begin so." },
    delimiter: { kind: "text", flags: ["--delimiter"], summary: "Show what has it behind the prefix as one." },
    include: {
      kind: "text",
      flags: ["--include"],
      summary:
        "What to show, too: (c)opy, (d)eleted, (m)etadata, (s)napshots, (t)ags, (v)ersions, together as letters.",
    },
    ...listLimit,
    ...dataOptions,
  },
  examples: [
    { summary: "List blobs", line: `postern storage blob list ${sample} --output table` },
    { summary: "Only those of a folder", line: `postern storage blob list ${sample} --prefix 2026/` },
  ],
  run: async (context, args) => {
    const access = await openAccount(context, args);
    const letters = [...(args.include ?? "")].map((letter) => included[letter]).filter((word) => word !== undefined);
    // az always asks for metadata.
    const include = args.include === undefined ? "metadata" : letters.join(",");
    const { items, marker } = await listAll(access, {
      container: args.containerName,
      prefix: args.prefix,
      delimiter: args.delimiter,
      include,
      ...readLimit(args),
    });
    if (marker !== undefined) for (const line of ["Next Marker:", marker]) context.notes.warn(line);
    const data = items.map((item) =>
      item.name === "BlobPrefix" ? { name: textAt(item, "Name") } : shapeListedBlob(item, args.containerName),
    );
    return { data, toRows: blobRows };
  },
});

export const showBlob = defineCommand({
  options: { containerName, name: blobName, ...dataOptions },
  examples: [{ summary: "Show a blob's properties", line: `postern storage blob show --name a.txt ${sample}` }],
  run: async (context, args) => {
    const access = await openAccount(context, args);
    const answer = await access.send({ method: "HEAD", path: [args.containerName, args.name] });
    answer.resume();
    return { data: shapeBlob(args.name, args.containerName, answer.headers), toRows: blobRows };
  },
});

export const blobExists = defineCommand({
  options: { containerName, name: blobName, ...dataOptions },
  examples: [{ summary: "Is it there?", line: `postern storage blob exists --name a.txt ${sample}` }],
  run: async (context, args) => {
    const access = await openAccount(context, args);
    const answer = await access.send({ method: "HEAD", path: [args.containerName, args.name], expected: [404] });
    answer.resume();
    return { data: { exists: answer.statusCode !== 404 } };
  },
});

export const deleteBlob = defineCommand({
  options: {
    containerName,
    name: blobName,
    deleteSnapshots: {
      kind: "text",
      flags: ["--delete-snapshots"],
      choices: ["include", "only"],
      summary: "Needed when the blob has snapshots.",
    },
    ...dataOptions,
  },
  examples: [{ summary: "Delete a blob", line: `postern storage blob delete --name a.txt ${sample}` }],
  run: async (context, args) => {
    const access = await openAccount(context, args);
    const headers = { "x-ms-delete-snapshots": args.deleteSnapshots };
    (await access.send({ method: "DELETE", path: [args.containerName, args.name], headers })).resume();
    return {};
  },
});

export const blobUrl = defineCommand({
  options: {
    containerName,
    name: blobName,
    protocol: { kind: "text", flags: ["--protocol"], choices: ["http", "https"], summary: "Default: https." },
    ...dataOptions,
  },
  examples: [{ summary: "Where is it?", line: `postern storage blob url --name a.txt ${sample} --output tsv` }],
  run: async (context, args) => {
    const access = await openAccount(context, args);
    const url = access.urlOf([args.containerName, args.name]);
    return { data: args.protocol === "http" ? url.replace(/^https:/, "http:") : url };
  },
});
