/** `postern cloud`. @see https://learn.microsoft.com/cli/azure/cloud */
import { type CloudEndpoints, LOCAL_CLOUD, localCloud, publicClouds } from "../../clouds.ts";
import { type Context, defineCommand, type Option } from "../../command/command.ts";
import { failure } from "../../faults.ts";
import type { Json } from "../../http/service-client.ts";
import { type CloudChoice, readCloudChoice, writeCloudChoice } from "../../state/cloud-choice.ts";
import { statePathsOf } from "../../state/paths.ts";
import { findRunning } from "../../state/status.ts";
import { type CloudDescription, describeKnown } from "./known-clouds.ts";
import { descriptionOptions, locate, readDescription, requireEndpoints } from "./registration.ts";

const name = { kind: "text", flags: ["--name", "-n"], summary: "Name of a cloud." } as const satisfies Option;

interface Known {
  readonly choice: CloudChoice;
  readonly active: string;
  readonly clouds: readonly CloudEndpoints[];
}

async function readKnown(context: Context): Promise<Known> {
  const paths = statePathsOf(context);
  const choice = await readCloudChoice(paths);
  const status = await findRunning(paths);
  const own = { ...localCloud(status?.baseUrl ?? ""), name: LOCAL_CLOUD };
  return {
    choice,
    active: context.globals.cloud ?? choice.active ?? LOCAL_CLOUD,
    clouds: [own, ...publicClouds, ...choice.registered],
  };
}

const isSame = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

function find({ clouds }: Known, wanted: string): CloudEndpoints {
  const found = clouds.find((cloud) => isSame(cloud.name, wanted));
  if (found === undefined) throw failure(`The cloud '${wanted}' is not registered.`);
  return found;
}

function shape(cloud: CloudEndpoints, active: string): Json {
  const { endpoints, suffixes } = describe(cloud);
  return { endpoints, isActive: isSame(cloud.name, active), name: cloud.name, profile: "latest", suffixes };
}

function describe(cloud: CloudEndpoints): CloudDescription {
  if (cloud.description !== undefined) return cloud.description as CloudDescription;
  const known = describeKnown(cloud.name);
  if (cloud.name !== LOCAL_CLOUD) return known;
  return {
    endpoints: {
      ...known.endpoints,
      activeDirectory: cloud.authority,
      activeDirectoryResourceId: cloud.resourceManagerAudience,
      microsoftGraphResourceId: cloud.graphAudience,
      resourceManager: cloud.resourceManager,
    },
    suffixes: { ...known.suffixes, storageEndpoint: cloud.storageSuffix },
  };
}

export const listClouds = defineCommand({
  options: {},
  examples: [{ summary: "Which clouds there are, and which is in use", line: "postern cloud list --output table" }],
  run: async (context) => {
    const known = await readKnown(context);
    return {
      data: known.clouds.map((cloud) => shape(cloud, known.active)),
      toRows: (rows: readonly Json[]) =>
        rows.map((row) => ({ IsActive: row.isActive, Name: row.name, Profile: row.profile })),
    };
  },
});

export const showCloud = defineCommand({
  options: { name },
  examples: [{ summary: "Show the cloud in use", line: "postern cloud show" }],
  run: async (context, args) => {
    const known = await readKnown(context);
    return { data: shape(find(known, args.name ?? known.active), known.active) };
  },
});

export const setCloud = defineCommand({
  options: { name: { ...name, required: true }, profile: descriptionOptions.profile },
  examples: [
    { summary: "Work on the real Azure from now on", line: "postern cloud set --name AzureCloud" },
    { summary: "And on the one on this machine again", line: "postern cloud set --name Postern" },
  ],
  run: async (context, args) => {
    const known = await readKnown(context);
    const chosen = find(known, args.name);
    if (isSame(chosen.name, known.active)) return {};
    await writeCloudChoice(statePathsOf(context), { ...known.choice, active: chosen.name });
    context.notes.warn(`Switched active cloud to '${chosen.name}'.`);
    if (chosen.name === LOCAL_CLOUD) return {};
    context.notes.warn("Use 'postern login' to log in to this cloud.");
    context.notes.warn("Use 'postern account set' to set the active subscription.");
    return {};
  },
});

export const registerCloud = defineCommand({
  options: { name: { ...name, required: true }, ...descriptionOptions },
  examples: [
    {
      summary: "Another Postern, on another machine",
      line: "postern cloud register --name lab --endpoint-resource-manager https://lab.example:10443",
    },
  ],
  run: async (context, args) => {
    const known = await readKnown(context);
    const description = await readDescription(context, args, undefined);
    if (known.clouds.some((cloud) => isSame(cloud.name, args.name))) {
      throw failure(`The cloud '${args.name}' is already registered.`);
    }
    requireEndpoints(description);
    const registered = [...known.choice.registered, locate(args.name, description)];
    await writeCloudChoice(statePathsOf(context), { ...known.choice, registered });
    return {};
  },
});

export const updateCloud = defineCommand({
  options: { name, ...descriptionOptions },
  examples: [
    {
      summary: "Its accounts' names end otherwise",
      line: "postern cloud update --name lab --suffix-storage-endpoint lab.example",
    },
  ],
  run: async (context, args) => {
    const known = await readKnown(context);
    const wanted = args.name ?? known.active;
    const old = known.clouds.find((cloud) => isSame(cloud.name, wanted));
    const description = await readDescription(context, args, old === undefined ? undefined : describe(old));
    if (old === undefined) {
      requireEndpoints(description);
      throw failure(`The cloud '${wanted}' is not registered.`);
    }
    if (!known.choice.registered.includes(old)) {
      throw failure(`The cloud '${old.name}' is as it is: only clouds that were registered can be changed.`);
    }
    const registered = known.choice.registered.map((cloud) => (cloud === old ? locate(old.name, description) : cloud));
    await writeCloudChoice(statePathsOf(context), { ...known.choice, registered });
    return {};
  },
});

export const unregisterCloud = defineCommand({
  options: { name: { ...name, required: true } },
  examples: [{ summary: "Forget a cloud that was registered", line: "postern cloud unregister --name lab" }],
  run: async (context, args) => {
    const known = await readKnown(context);
    const cloud = find(known, args.name);
    const refuse = (why: string) => failure(`The cloud '${args.name}' cannot be unregistered as it's ${why}.`);
    if (isSame(cloud.name, known.active)) throw refuse("currently active");
    if (!known.choice.registered.includes(cloud)) throw refuse("not a custom cloud");
    const registered = known.choice.registered.filter((one) => one !== cloud);
    await writeCloudChoice(statePathsOf(context), { ...known.choice, registered });
    return {};
  },
});
