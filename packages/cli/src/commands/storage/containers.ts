/** `postern storage container`. @see https://learn.microsoft.com/rest/api/storageservices/operations-on-containers */
import { listAll } from "../../blob/lists.ts";
import { metadataOf, shapeContainer, shapeListedContainer } from "../../blob/shapes.ts";
import { StorageFault } from "../../blob/storage-fault.ts";
import { defineCommand, type Option, type Row } from "../../command/command.ts";
import type { Json } from "../../http/service-client.ts";
import { containerName, dataOptions, metadata, metadataHeaders, openAccount } from "./data-options.ts";
import { listLimit, readLimit } from "./list-options.ts";

const name = { ...containerName, flags: ["--name", "-n"] } as const satisfies Option;
const sample = "--account-name notesdev --auth-mode login";

function toRows(containers: Json | readonly Json[]): Row[] {
  return (Array.isArray(containers) ? containers : [containers]).map((container: Json) => {
    const properties = (container.properties ?? {}) as Json;
    const lease = (properties.lease ?? {}) as Json;
    return { Name: container.name, "Lease Status": lease.status, "Last Modified": properties.lastModified };
  });
}

export const createContainer = defineCommand({
  options: {
    name,
    metadata,
    publicAccess: {
      kind: "text",
      flags: ["--public-access"],
      choices: ["blob", "container", "off"],
      summary: "Whether everyone may read. Default: off.",
    },
    failOnExist: { kind: "flag", flags: ["--fail-on-exist"], summary: "Fail when the container is there already." },
    ...dataOptions,
  },
  examples: [{ summary: "Create a container", line: `postern storage container create --name box ${sample}` }],
  run: async (context, args) => {
    const access = await openAccount(context, args);
    const open = args.publicAccess === "off" ? undefined : args.publicAccess;
    try {
      const headers = { ...metadataHeaders(args.metadata), "x-ms-blob-public-access": open };
      (await access.send({ method: "PUT", path: [args.name], query: { restype: "container" }, headers })).resume();
      return { data: { created: true } };
    } catch (error) {
      const isThere = error instanceof StorageFault && error.code === "ContainerAlreadyExists";
      if (isThere && !args.failOnExist) return { data: { created: false } };
      throw error;
    }
  },
});

export const deleteContainer = defineCommand({
  options: {
    name,
    failNotExist: { kind: "flag", flags: ["--fail-not-exist"], summary: "Fail when there is no such container." },
    ...dataOptions,
  },
  examples: [
    { summary: "Delete a container with its blobs", line: `postern storage container delete --name box ${sample}` },
  ],
  run: async (context, args) => {
    const access = await openAccount(context, args);
    try {
      (await access.send({ method: "DELETE", path: [args.name], query: { restype: "container" } })).resume();
      return { data: { deleted: true } };
    } catch (error) {
      if (error instanceof StorageFault && error.status === 404 && !args.failNotExist)
        return { data: { deleted: false } };
      throw error;
    }
  },
});

export const listContainers = defineCommand({
  options: {
    prefix: { kind: "text", flags: ["--prefix"], summary: "Only names that begin so." },
    includeMetadata: { kind: "switch", flags: ["--include-metadata"], summary: "Show metadata." },
    ...listLimit,
    ...dataOptions,
  },
  examples: [{ summary: "List containers", line: `postern storage container list ${sample} --output table` }],
  run: async (context, args) => {
    const access = await openAccount(context, args);
    const { items, marker } = await listAll(access, {
      container: undefined,
      prefix: args.prefix,
      include: args.includeMetadata === true ? "metadata" : undefined,
      ...readLimit(args),
    });
    if (marker !== undefined) for (const line of ["Next Marker:", marker]) context.notes.warn(line);
    return { data: items.map(shapeListedContainer), toRows };
  },
});

export const showContainer = defineCommand({
  options: { name, ...dataOptions },
  examples: [{ summary: "Show a container", line: `postern storage container show --name box ${sample}` }],
  run: async (context, args) => {
    const access = await openAccount(context, args);
    const answer = await access.send({ method: "GET", path: [args.name], query: { restype: "container" } });
    answer.resume();
    return { data: shapeContainer(args.name, answer.headers), toRows };
  },
});

export const containerExists = defineCommand({
  options: { name, ...dataOptions },
  examples: [{ summary: "Is it there?", line: `postern storage container exists --name box ${sample}` }],
  run: async (context, args) => {
    const access = await openAccount(context, args);
    const query = { restype: "container" };
    const answer = await access.send({ method: "GET", path: [args.name], query, expected: [404] });
    answer.resume();
    return { data: { exists: answer.statusCode !== 404 } };
  },
});

export const showContainerMetadata = defineCommand({
  options: { name, ...dataOptions },
  examples: [{ summary: "Show its metadata", line: `postern storage container metadata show --name box ${sample}` }],
  run: async (context, args) => {
    const access = await openAccount(context, args);
    const answer = await access.send({ method: "GET", path: [args.name], query: { restype: "container" } });
    answer.resume();
    return { data: metadataOf(answer.headers) };
  },
});
