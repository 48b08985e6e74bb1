/**
 * `@postern/credential`: tokens for Azure SDK clients, in place of @azure/identity. No dependencies: Web Crypto and fetch; what only
 * Node.js, Deno and Bun have is behind `#host`, which other runtimes get a refusing twin of.
 * Spec: the behaviour of @azure/identity as documented at https://learn.microsoft.com/javascript/api/@azure/identity.
 */
export { AzureAuthorityHosts } from "./authority.ts";
export { AzureCliCredential, type AzureCliCredentialOptions } from "./azure-cli-credential.ts";
export {
  AzureDeveloperCliCredential,
  type AzureDeveloperCliCredentialOptions,
} from "./azure-developer-cli-credential.ts";
export { AzurePipelinesCredential, type AzurePipelinesCredentialOptions } from "./azure-pipelines-credential.ts";
export { AzurePowerShellCredential, type AzurePowerShellCredentialOptions } from "./azure-powershell-credential.ts";
export { type GetBearerTokenProviderOptions, getBearerTokenProvider } from "./bearer-token-provider.ts";
export { ChainedTokenCredential, type ChainStep } from "./chained-token-credential.ts";
export { ClientAssertionCredential, type ClientAssertionCredentialOptions } from "./client-assertion-credential.ts";
export {
  ClientCertificateCredential,
  type ClientCertificateCredentialOptions,
  type ClientCertificateCredentialPEMConfiguration,
  type ClientCertificatePEMCertificate,
  type ClientCertificatePEMCertificatePath,
} from "./client-certificate-credential.ts";
export { ClientSecretCredential, type ClientSecretCredentialOptions } from "./client-secret-credential.ts";
export {
  DefaultAzureCredential,
  type DefaultAzureCredentialClientIdOptions,
  type DefaultAzureCredentialOptions,
  type DefaultAzureCredentialResourceIdOptions,
  explainChain,
  getDefaultAzureCredential,
} from "./default-azure-credential.ts";
export {
  DeviceCodeCredential,
  type DeviceCodeCredentialOptions,
  type DeviceCodeInfo,
  type DeviceCodePromptCallback,
} from "./device-code-credential.ts";
export { EnvironmentCredential, type EnvironmentCredentialOptions } from "./environment-credential.ts";
export { CredentialError, type CredentialErrorCode, type ErrorResponse } from "./errors.ts";
export {
  AggregateAuthenticationError,
  AggregateAuthenticationErrorName,
  AuthenticationError,
  AuthenticationErrorName,
  AuthenticationRequiredError,
  CredentialUnavailableError,
  CredentialUnavailableErrorName,
} from "./identity-errors.ts";
export {
  InteractiveBrowserCredential,
  type InteractiveBrowserCredentialNodeOptions,
} from "./interactive-browser-credential.ts";
export {
  ManagedIdentityCredential,
  type ManagedIdentityCredentialClientIdOptions,
  type ManagedIdentityCredentialObjectIdOptions,
  type ManagedIdentityCredentialOptions,
  type ManagedIdentityCredentialResourceIdOptions,
} from "./managed-identity-credential.ts";
export {
  OnBehalfOfCredential,
  type OnBehalfOfCredentialAssertionOptions,
  type OnBehalfOfCredentialCertificateOptions,
  type OnBehalfOfCredentialOptions,
  type OnBehalfOfCredentialSecretOptions,
} from "./on-behalf-of-credential.ts";
export { type IdentityPlugin, type TokenCachePersistenceOptions, useIdentityPlugin } from "./persistence.ts";
export {
  type AuthenticationRecord,
  deserializeAuthenticationRecord,
  type InteractiveCredentialOptions,
  serializeAuthenticationRecord,
} from "./person-credential.ts";
export type {
  AbortSignalLike,
  AccessToken,
  GetTokenOptions,
  RetryOptions,
  TokenCredential,
  TokenCredentialOptions,
} from "./token-credential.ts";
export { UsernamePasswordCredential } from "./username-password-credential.ts";
export { WorkloadIdentityCredential, type WorkloadIdentityCredentialOptions } from "./workload-identity-credential.ts";
