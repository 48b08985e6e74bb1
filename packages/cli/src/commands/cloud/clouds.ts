/** `postern cloud`. @see https://learn.microsoft.com/cli/azure/cloud */
import { type CloudEndpoints, LOCAL_CLOUD, localCloud, publicClouds } from "../../clouds.ts";
import { type Context, defineCommand, type Option } from "../../command/command.ts";
import { failure } from "../../faults.ts";
import type { Json } from "../../http/service-client.ts";
import { createTransport } from "../../http/transport.ts";
import { isObject } from "../../output/ordered.ts";
import { type CloudChoice, findCloud, readCloudChoice, writeCloudChoice } from "../../state/cloud-choice.ts";
import { statePathsOf } from "../../state/paths.ts";
import { parseRecord } from "../../state/private-file.ts";
import { findRunning } from "../../state/status.ts";

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

function find({ clouds }: Known, wanted: string): CloudEndpoints {
  const found = clouds.find((cloud) => cloud.name.toLowerCase() === wanted.toLowerCase());
  if (found === undefined) throw failure(`The cloud '${wanted}' is not registered.`);
  return found;
}

/** The members are az's, as far as commands here use them. */
function shape(cloud: CloudEndpoints, active: string): Json {
  return {
    endpoints: {
      activeDirectory: cloud.authority,
      activeDirectoryResourceId: cloud.resourceManagerAudience,
      microsoftGraphResourceId: cloud.graphAudience,
      resourceManager: cloud.resourceManager,
    },
    isActive: cloud.name.toLowerCase() === active.toLowerCase(),
    name: cloud.name,
    profile: "latest",
    suffixes: { storageEndpoint: cloud.storageSuffix },
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
  options: { name: { ...name, required: true } },
  examples: [
    { summary: "Work on the real Azure from now on", line: "postern cloud set --name AzureCloud" },
    { summary: "And on the one on this machine again", line: "postern cloud set --name Postern" },
  ],
  run: async (context, args) => {
    const known = await readKnown(context);
    const chosen = find(known, args.name);
    await writeCloudChoice(statePathsOf(context), { ...known.choice, active: chosen.name });
    return {};
  },
});

export const registerCloud = defineCommand({
  options: {
    name: { ...name, required: true },
    resourceManager: {
      kind: "text",
      flags: ["--endpoint-resource-manager"],
      summary: "Where its Resource Manager is; the rest is asked there.",
      required: true,
    },
    authority: { kind: "text", flags: ["--endpoint-active-directory"], summary: "Where people and apps sign in." },
    graph: {
      kind: "text",
      flags: ["--endpoint-microsoft-graph-resource-id", "--endpoint-active-directory-graph-resource-id"],
      summary: "Where its Microsoft Graph is.",
    },
    storage: {
      kind: "text",
      flags: ["--suffix-storage-endpoint"],
      summary: "Behind {account}.blob. in accounts' names.",
    },
  },
  examples: [
    {
      summary: "Another Postern, on another machine",
      line: "postern cloud register --name lab --endpoint-resource-manager https://lab.example:10443",
    },
  ],
  run: async (context, args) => {
    const known = await readKnown(context);
    if (known.clouds.some((cloud) => cloud.name.toLowerCase() === args.name.toLowerCase())) {
      throw failure(`The cloud '${args.name}' is already registered.`);
    }
    const origin = args.resourceManager.replace(/\/+$/, "");
    const metadata = await askMetadata(context, origin);
    const authority = args.authority ?? textAt(metadata, "authentication", "loginEndpoint");
    const graph = args.graph ?? textAt(metadata, "microsoftGraphResourceId") ?? textAt(metadata, "graph");
    if (authority === undefined || graph === undefined) {
      throw failure(
        "The following endpoints are required for the CLI to function and were not specified on the command line, " +
          "in the cloud config or could not be autodetected.\nSpecify them on the command line or through the cloud config file:\n" +
          "--endpoint-active-directory, --endpoint-active-directory-graph-resource-id",
      );
    }
    const plain = (text: string) => text.replace(/\/+$/, "");
    const audiences = metadata.authentication;
    const [audience] = isObject(audiences) && Array.isArray(audiences.audiences) ? audiences.audiences : [];
    const cloud: CloudEndpoints = {
      name: args.name,
      authority: plain(authority),
      graph: `${plain(graph)}/v1.0`,
      resourceManager: origin,
      graphAudience: plain(graph),
      resourceManagerAudience: plain(typeof audience === "string" ? audience : origin),
      graphOrigin: new URL(graph).origin,
      resourceManagerOrigin: origin,
      storageSuffix: args.storage ?? textAt(metadata, "suffixes", "storage") ?? "core.windows.net",
      blobBase: undefined,
    };
    const registered = [...known.choice.registered, cloud];
    await writeCloudChoice(statePathsOf(context), { ...known.choice, registered });
    return {};
  },
});

/** @see https://learn.microsoft.com/azure-stack/user/azure-stack-version-profiles-azurecli2#connect-with-azure-cli */
async function askMetadata(context: Context, origin: string): Promise<Json> {
  const { notes, version, env } = context;
  const transport = createTransport({ notes, userAgent: `postern/${version}`, proxyEnvironment: env });
  const url = `${origin}/metadata/endpoints?api-version=2022-09-01`;
  const answer = await transport({ method: "GET", url, headers: {} });
  if (answer.status !== 200) {
    throw failure(`Unable to get endpoints from the cloud.\nServer returned status code ${answer.status} for ${url}`);
  }
  return parseRecord(answer.body) ?? {};
}

function textAt(value: Json, ...path: readonly string[]): string | undefined {
  const found = path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), value);
  return typeof found === "string" ? found : undefined;
}

export const unregisterCloud = defineCommand({
  options: { name: { ...name, required: true } },
  examples: [{ summary: "Forget a cloud that was registered", line: "postern cloud unregister --name lab" }],
  run: async (context, args) => {
    const { choice } = await readKnown(context);
    const isIt = (cloud: CloudEndpoints) => cloud.name.toLowerCase() === args.name.toLowerCase();
    if (!choice.registered.some(isIt)) {
      throw failure(
        findCloud(choice, args.name) === undefined
          ? `The cloud '${args.name}' is not registered.`
          : `The cloud '${args.name}' cannot be unregistered as it's not a custom cloud.`,
      );
    }
    const registered = choice.registered.filter((cloud) => !isIt(cloud));
    const isActive = choice.active?.toLowerCase() === args.name.toLowerCase();
    await writeCloudChoice(statePathsOf(context), { active: isActive ? undefined : choice.active, registered });
    return {};
  },
});
