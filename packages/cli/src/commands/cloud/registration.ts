/**
 * A cloud that somebody registers: what its Resource Manager tells of it, what the command line says over that, and where its planes are then.
 * May use: this folder, http/, state/.
 * @see https://learn.microsoft.com/azure-stack/user/azure-stack-version-profiles-azurecli2#connect-with-azure-cli
 */
import type { CloudEndpoints } from "../../clouds.ts";
import type { Context, Option } from "../../command/command.ts";
import { readJsonObject } from "../../command/json-argument.ts";
import { failure } from "../../faults.ts";
import { createTransport } from "../../http/transport.ts";
import { isObject } from "../../output/ordered.ts";
import { trustOf } from "../../session.ts";
import { statePathsOf } from "../../state/paths.ts";
import { parseRecord } from "../../state/private-file.ts";
import { type CloudDescription, describeKnown, type EndpointName, type SuffixName } from "./known-clouds.ts";

const endpoint = (name: string, summary: string) =>
  ({ kind: "text", flags: [`--endpoint-${name}`], valueName: "URL", summary }) as const satisfies Option;
const suffix = (name: string, summary: string) =>
  ({ kind: "text", flags: [`--suffix-${name}`], summary }) as const satisfies Option;

/** az's options; one a member of the description has the member's name. */
export const descriptionOptions = {
  cloudConfig: {
    kind: "text",
    flags: ["--cloud-config"],
    valueName: "JSON",
    summary: "Endpoints and suffixes as JSON, or @file, in place of the options.",
  },
  profile: { kind: "text", flags: ["--profile"], choices: ["latest"], summary: "Which API versions to use." },
  resourceManager: endpoint("resource-manager", "Where its Resource Manager is; the rest is asked there."),
  activeDirectory: endpoint("active-directory", "Where people and apps sign in."),
  activeDirectoryResourceId: endpoint("active-directory-resource-id", "What tokens for Resource Manager are for."),
  activeDirectoryGraphResourceId: endpoint(
    "active-directory-graph-resource-id",
    "What tokens for its old Graph are for.",
  ),
  activeDirectoryDataLakeResourceId: endpoint("active-directory-data-lake-resource-id", "Kept for scripts."),
  microsoftGraphResourceId: endpoint("microsoft-graph-resource-id", "Where its Microsoft Graph is."),
  management: endpoint("management", "Kept for scripts."),
  sqlManagement: endpoint("sql-management", "Kept for scripts."),
  gallery: endpoint("gallery", "Kept for scripts."),
  vmImageAliasDoc: endpoint("vm-image-alias-doc", "Kept for scripts."),
  storageEndpoint: suffix("storage-endpoint", "Behind {account}.blob. in accounts' names."),
  keyvaultDns: suffix("keyvault-dns", "Kept for scripts."),
  sqlServerHostname: suffix("sql-server-hostname", "Kept for scripts."),
  azureDatalakeStoreFileSystemEndpoint: suffix("azure-datalake-store-file-system-endpoint", "Kept for scripts."),
  azureDatalakeAnalyticsCatalogAndJobEndpoint: suffix(
    "azure-datalake-analytics-catalog-and-job-endpoint",
    "Kept for scripts.",
  ),
  acrLoginServerEndpoint: suffix("acr-login-server-endpoint", "Kept for scripts."),
} as const;

type Said = Readonly<Record<string, unknown>>;

/** The description that a command line means. @param known what is registered by the name already. @throws CliFault in az's words. */
export async function readDescription(
  context: Context,
  args: Readonly<Record<string, unknown>>,
  known: CloudDescription | undefined,
): Promise<CloudDescription> {
  const config = typeof args.cloudConfig === "string" ? readJsonObject(args.cloudConfig) : undefined;
  const said = config === undefined ? args : { ...membersOf(config.endpoints), ...membersOf(config.suffixes) };
  const origin = typeof said.resourceManager === "string" ? said.resourceManager : undefined;
  const told =
    origin === undefined ? (known ?? describeKnown("")) : describeMetadata(await askMetadata(context, origin));
  return { endpoints: overlay(told.endpoints, said), suffixes: overlay(told.suffixes, said) };
}

/** A configuration's names may be written either way. */
function membersOf(value: unknown): Said {
  const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, one]) => [camel(name), one])) : {};
}

function overlay<Name extends string>(told: Readonly<Record<Name, string | null>>, said: Said) {
  const entries = Object.entries<string | null>(told).map(([name, value]) => {
    const own = said[name];
    return [name, typeof own === "string" ? own : value] as const;
  });
  return Object.fromEntries(entries) as Record<Name, string | null>;
}

const required = [
  ["resourceManager", "--endpoint-resource-manager"],
  ["activeDirectory", "--endpoint-active-directory"],
  ["activeDirectoryResourceId", "--endpoint-active-directory-resource-id"],
  ["activeDirectoryGraphResourceId", "--endpoint-active-directory-graph-resource-id"],
] as const satisfies readonly (readonly [EndpointName, string])[];

/** @throws CliFault in az's words when a cloud that is new lacks what every command needs. */
export function requireEndpoints({ endpoints }: CloudDescription): void {
  const missing = required.filter(([name]) => endpoints[name] === null).map(([, flag]) => flag);
  if (missing.length === 0) return;
  throw failure(
    "The following endpoints are required for the CLI to function and were not specified on the command line, " +
      "in the cloud config or could not be autodetected.\nSpecify them on the command line or through the cloud config file:\n" +
      missing.join(", "),
  );
}

/** Where a registered cloud's planes are. */
export function locate(name: string, description: CloudDescription): CloudEndpoints {
  const { endpoints, suffixes } = description;
  const plain = (text: string | null) => (text ?? "").replace(/\/+$/, "");
  const graph = plain(endpoints.microsoftGraphResourceId ?? endpoints.activeDirectoryGraphResourceId);
  return {
    name,
    authority: plain(endpoints.activeDirectory),
    graph: `${graph}/v1.0`,
    resourceManager: plain(endpoints.resourceManager),
    graphAudience: graph,
    resourceManagerAudience: plain(endpoints.activeDirectoryResourceId),
    graphOrigin: URL.parse(graph)?.origin ?? graph,
    resourceManagerOrigin: plain(endpoints.resourceManager),
    storageSuffix: suffixes.storageEndpoint ?? "core.windows.net",
    blobBase: undefined,
    description,
  };
}

async function askMetadata(context: Context, endpointText: string): Promise<Said> {
  const { notes, version, env } = context;
  const origin = endpointText.replace(/\/+$/, "");
  const trust = await trustOf(statePathsOf(context), origin);
  const options = { notes, userAgent: `postern/${version}`, ...(trust ?? { proxyEnvironment: env }) };
  const url = `${origin}/metadata/endpoints?api-version=2022-09-01`;
  const answer = await createTransport(options)({ method: "GET", url, headers: {} });
  if (answer.status !== 200) {
    throw failure(`Unable to get endpoints from the cloud.\nServer returned status code ${answer.status} for ${url}`);
  }
  return parseRecord(answer.body) ?? {};
}

/** Names of the metadata's members where they are not the description's own. */
const metadataNames: Partial<Record<EndpointName, readonly string[]>> = {
  activeDirectory: ["authentication", "loginEndpoint"],
  activeDirectoryDataLakeResourceId: ["activeDirectoryDataLake"],
  activeDirectoryGraphResourceId: ["graphAudience"],
  activeDirectoryResourceId: ["authentication", "audiences", "0"],
  batchResourceId: ["batch"],
  management: ["authentication", "audiences", "0"],
  mediaResourceId: ["media"],
};
const suffixMetadataNames: Partial<Record<SuffixName, string>> = {
  acrLoginServerEndpoint: "acrLoginServer",
  azureDatalakeAnalyticsCatalogAndJobEndpoint: "azureDataLakeAnalyticsCatalogAndJob",
  azureDatalakeStoreFileSystemEndpoint: "azureDataLakeStoreFileSystem",
  keyvaultDns: "keyVaultDns",
  storageEndpoint: "storage",
  storageSyncEndpoint: "storageSyncEndpointSuffix",
  synapseAnalyticsEndpoint: "synapseAnalytics",
};
/** az writes these with a dot in front, however they are told. */
const dotted: ReadonlySet<string> = new Set([
  ...["acrLoginServerEndpoint", "attestationEndpoint", "keyvaultDns", "mariadbServerEndpoint", "mhsmDns"],
  ...["mysqlServerEndpoint", "postgresqlServerEndpoint", "sqlServerHostname", "synapseAnalyticsEndpoint"],
]);

function describeMetadata(metadata: Said): CloudDescription {
  const { endpoints, suffixes } = describeKnown("");
  const dot = (text: string | null) => (text === null || text.startsWith(".") ? text : `.${text}`);
  const readSuffix = (name: SuffixName) => {
    const value = textAt(metadata, ["suffixes", suffixMetadataNames[name] ?? name]);
    return dotted.has(name) ? dot(value) : value;
  };
  const hostname = readSuffix("sqlServerHostname");
  const databases = {
    mariadbServerEndpoint: ".mariadb",
    mysqlServerEndpoint: ".mysql",
    postgresqlServerEndpoint: ".postgres",
  };
  const told = Object.fromEntries(
    (Object.keys(suffixes) as SuffixName[]).map((name) => {
      const prefix = (databases as Partial<Record<SuffixName, string>>)[name];
      return [name, readSuffix(name) ?? (prefix === undefined || hostname === null ? null : prefix + hostname)];
    }),
  ) as CloudDescription["suffixes"];
  return {
    endpoints: Object.fromEntries(
      (Object.keys(endpoints) as EndpointName[]).map((name) => [name, textAt(metadata, metadataNames[name] ?? [name])]),
    ) as CloudDescription["endpoints"],
    suffixes: told,
  };
}

function textAt(value: Said, path: readonly string[]): string | null {
  const found = path.reduce<unknown>(
    (at, key) => (isObject(at) || Array.isArray(at) ? (at as Said)[key] : undefined),
    value,
  );
  return typeof found === "string" ? found : null;
}
