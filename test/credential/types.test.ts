/** The types of @postern/credential beside Microsoft's own: checked by tsc, where an expected error that is none fails too. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AuthorizationManagementClient } from "@azure/arm-authorization";
import type { ResourceManagementClient } from "@azure/arm-resources";
import type {
  AccessToken as CoreAccessToken,
  GetTokenOptions as CoreGetTokenOptions,
  TokenCredential as CoreTokenCredential,
} from "@azure/core-auth";
import type * as theirs from "@azure/identity";
import type { BlobServiceClient } from "@azure/storage-blob";
import * as ours from "@postern/credential";

type Takes<To, From extends To> = From;
type Credential =
  | ours.AzureCliCredential
  | ours.AzureDeveloperCliCredential
  | ours.AzurePipelinesCredential
  | ours.AzurePowerShellCredential
  | ours.ChainedTokenCredential
  | ours.ClientAssertionCredential
  | ours.ClientCertificateCredential
  | ours.ClientSecretCredential
  | ours.DefaultAzureCredential
  | ours.DeviceCodeCredential
  | ours.EnvironmentCredential
  | ours.InteractiveBrowserCredential
  | ours.ManagedIdentityCredential
  | ours.OnBehalfOfCredential
  | ours.UsernamePasswordCredential
  | ours.WorkloadIdentityCredential;

/** Each line fails to compile when one side does not fit the other. */
export type Fits = [
  Takes<CoreTokenCredential, Credential>,
  Takes<ours.TokenCredential, CoreTokenCredential>,
  Takes<ours.TokenCredential, theirs.DefaultAzureCredential | theirs.ChainedTokenCredential>,
  Takes<CoreAccessToken, ours.AccessToken>,
  Takes<ours.GetTokenOptions, CoreGetTokenOptions>,
  Takes<ConstructorParameters<typeof AuthorizationManagementClient>[0], Credential>,
  Takes<ConstructorParameters<typeof ResourceManagementClient>[0], Credential>,
  Takes<ours.ClientSecretCredentialOptions["tokenCachePersistenceOptions"], theirs.TokenCachePersistenceOptions>,
  Takes<ours.AuthenticationRecord, theirs.AuthenticationRecord>,
  Takes<ours.IdentityPlugin, theirs.IdentityPlugin>,
  // @ts-expect-error a credential is no string
  Takes<ConstructorParameters<typeof BlobServiceClient>[0], Credential>,
  // @ts-expect-error a token without its end is no token
  Takes<ours.AccessToken, { token: string }>,
  // @ts-expect-error a credential that gives texts is none
  Takes<ours.TokenCredential, { getToken(): Promise<string> }>,
];

/** Arguments that @azure/identity takes too, and such as neither takes; never run. */
export function calls(token: () => Promise<string>, credential: Credential, Blobs: typeof BlobServiceClient): object[] {
  // @ts-expect-error a token is no credential
  new Blobs("https://account.blob.core.windows.net", { token: "jwt", expiresOnTimestamp: 1 });
  const certificate = { certificatePath: "cert.pem", certificatePassword: "password" };
  const behalf = { tenantId: "t", clientId: "a", userAssertionToken: "jwt" };
  // @ts-expect-error the secret is missing
  new ours.ClientSecretCredential("tenant", "app");
  // @ts-expect-error nothing proves the app
  new ours.OnBehalfOfCredential(behalf);
  // @ts-expect-error an assertion comes from a function
  new ours.ClientAssertionCredential("tenant", "app", "jwt");
  // @ts-expect-error there is no such option
  new ours.DefaultAzureCredential({ tenant: "t" });
  // @ts-expect-error two ways to name one identity
  new ours.ManagedIdentityCredential("client", { resourceId: "/r" });
  return [
    new Blobs("https://account.blob.core.windows.net", credential),
    new ours.ClientSecretCredential("tenant", "app", "secret", { authorityHost: ours.AzureAuthorityHosts.AzureChina }),
    new ours.ClientCertificateCredential("tenant", "app", certificate, { sendCertificateChain: true }),
    new ours.ClientAssertionCredential("tenant", "app", token),
    new ours.DefaultAzureCredential({ managedIdentityClientId: "c", requiredEnvVars: "AZURE_TENANT_ID" }),
    new ours.OnBehalfOfCredential({ ...behalf, clientSecret: "secret" }),
  ];
}

test("the entry exports what @azure/identity does, but for what the README lists", async () => {
  const identity = await import("@azure/identity");
  const missing = Object.keys(identity).filter((name) => !(name in ours));
  assert.deepEqual(missing.sort(), ["AuthorizationCodeCredential", "VisualStudioCodeCredential", "logger"]);
});
