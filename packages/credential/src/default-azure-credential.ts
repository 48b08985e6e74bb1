/** The chain that suits most apps: what the environment, the machine and the developer's tools have. @see https://learn.microsoft.com/javascript/api/@azure/identity/defaultazurecredential */
import { AzureCliCredential } from "./azure-cli-credential.ts";
import { AzureDeveloperCliCredential } from "./azure-developer-cli-credential.ts";
import { AzurePowerShellCredential } from "./azure-powershell-credential.ts";
import { Chain, type ChainStep, type Link } from "./chained-token-credential.ts";
import { EnvironmentCredential } from "./environment-credential.ts";
import { CredentialError, misconfigured } from "./errors.ts";
import { ManagedIdentityCredential } from "./managed-identity-credential.ts";
import type { GetTokenOptions, TokenCredential, TokenCredentialOptions } from "./token-credential.ts";
import { readVariable } from "./variables.ts";
import { WorkloadIdentityCredential } from "./workload-identity-credential.ts";

const NAME = "DefaultAzureCredential";

export interface DefaultAzureCredentialOptions extends TokenCredentialOptions {
  tenantId?: string;
  managedIdentityClientId?: string;
  managedIdentityResourceId?: string;
  workloadIdentityClientId?: string;
  /** Of each developer's tool, in milliseconds. */
  processTimeoutInMs?: number;
  /** Variables that must be set, else the constructor throws. */
  requiredEnvVars?: string | string[];
}
export type DefaultAzureCredentialClientIdOptions = DefaultAzureCredentialOptions;
export type DefaultAzureCredentialResourceIdOptions = DefaultAzureCredentialOptions & {
  managedIdentityResourceId: string;
};

type Maker = (options: DefaultAzureCredentialOptions, isAlone: boolean) => TokenCredential;

function makeWorkloadIdentity(options: DefaultAzureCredentialOptions): TokenCredential {
  const clientId = options.workloadIdentityClientId ?? options.managedIdentityClientId;
  return new WorkloadIdentityCredential({ ...options, ...(clientId ? { clientId } : {}) });
}

function makeManagedIdentity(options: DefaultAzureCredentialOptions, isAlone: boolean): TokenCredential {
  const { managedIdentityResourceId: resourceId } = options;
  const clientId = options.managedIdentityClientId ?? readVariable("AZURE_CLIENT_ID");
  const identity = resourceId ? { resourceId } : clientId ? { clientId } : {};
  return new ManagedIdentityCredential({ ...options, ...identity }, {}, !isAlone);
}

/** In the documented order: what a service has, then what a developer has. */
const production: Readonly<Record<string, Maker>> = {
  EnvironmentCredential: (options) => new EnvironmentCredential(options),
  WorkloadIdentityCredential: makeWorkloadIdentity,
  ManagedIdentityCredential: makeManagedIdentity,
};
const development: Readonly<Record<string, Maker>> = {
  AzureCliCredential: (options) => new AzureCliCredential(options),
  AzurePowerShellCredential: (options) => new AzurePowerShellCredential(options),
  AzureDeveloperCliCredential: (options) => new AzureDeveloperCliCredential(options),
};

/** @returns the links that AZURE_TOKEN_CREDENTIALS names: `prod`, `dev`, one credential, or all when it is not set. */
function chooseMakers(): [string, Maker][] {
  const all = Object.entries({ ...production, ...development });
  const wanted = readVariable("AZURE_TOKEN_CREDENTIALS");
  switch (wanted?.toLowerCase()) {
    case undefined:
      return all;
    case "prod":
      return Object.entries(production);
    case "dev":
      return Object.entries(development);
  }
  const one = all.filter(([name]) => name.toLowerCase() === wanted?.toLowerCase());
  if (one.length === 0) {
    const names = all.map(([name]) => name).join(", ");
    throw misconfigured(
      NAME,
      `Invalid value for AZURE_TOKEN_CREDENTIALS: ${wanted}.`,
      `Valid are prod, dev, ${names}.`,
    );
  }
  return one;
}

/** A link whose constructor refused: it says so when its turn comes. */
function makeLink(name: string, make: () => TokenCredential): Link {
  try {
    return { name, credential: make() };
  } catch (error) {
    if (!(error instanceof CredentialError)) throw error;
    const credential = {
      getToken: () => Promise.reject(new CredentialError({ ...error, code: "unavailable", cause: error })),
    };
    return { name, credential };
  }
}

export class DefaultAzureCredential extends Chain {
  constructor(options: DefaultAzureCredentialOptions = {}) {
    const required = [options.requiredEnvVars ?? []].flat().filter((name) => !readVariable(name));
    if (required.length > 0) {
      throw misconfigured(NAME, `Required environment variables are not set or empty: ${required.join(", ")}.`);
    }
    const makers = chooseMakers();
    const isAlone = makers.length === 1;
    super(
      NAME,
      makers.map(([name, make]) => makeLink(name, () => make(options, isAlone))),
    );
  }
}

/**
 * Tries the default chain and says what became of each link, in order: what `getToken` would put into its error, as data.
 * @param scopes default: Resource Manager's.
 */
export function explainChain(
  scopes: string | string[] = "https://management.azure.com/.default",
  { getTokenOptions, ...options }: DefaultAzureCredentialOptions & { getTokenOptions?: GetTokenOptions } = {},
): Promise<ChainStep[]> {
  return new DefaultAzureCredential(options).explainChain(scopes, getTokenOptions);
}

/** @returns a DefaultAzureCredential. */
export function getDefaultAzureCredential(): TokenCredential {
  return new DefaultAzureCredential();
}
