/**
 * The environment that makes an unmodified client use the cloud on this machine: a pure function. May use: no-proxy.ts.
 *
 * All of it was found by trying (docs/decisions): each client reads a CA variable of its own; HTTP_PROXY is wanted too, or a credential
 * chain waits a minute for 169.254.169.254; az gets a configuration folder of its own, so that a user's real logins never mix with it.
 */
import { cleanNoProxy } from "./no-proxy.ts";

export interface LaunchRequest {
  readonly parent: Readonly<NodeJS.ProcessEnv>;
  readonly proxyUrl: string;
  /** PEM file: the system's roots and the local CA. */
  readonly caBundle: string;
  readonly stateDir: string;
  readonly azConfigDir: string;
  /** A CommonJS file for Nodes whose fetch does not read the proxy variables. */
  readonly preloadFile: string;
  /** The app to sign in as; without one, what the parent has stays. */
  readonly credential?:
    | { readonly tenantId: string; readonly appId: string; readonly clientSecret: string }
    | undefined;
  /** What an identity session adds; with them, nothing of the parent's that would sign the program in as somebody else stays. */
  readonly identityVariables?: Readonly<Record<string, string>> | undefined;
}

const caVariables = ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] as const;
/** By which a client signs in before it asks for a managed identity, or finds another one's endpoint. */
const signInVariables: ReadonlySet<string> = new Set([
  "AZURE_TENANT_ID",
  "AZURE_CLIENT_ID",
  "AZURE_CLIENT_SECRET",
  "AZURE_CLIENT_CERTIFICATE_PATH",
  "AZURE_CLIENT_CERTIFICATE_PASSWORD",
  "AZURE_USERNAME",
  "AZURE_PASSWORD",
  "AZURE_FEDERATED_TOKEN_FILE",
  "AZURE_POD_IDENTITY_AUTHORITY_HOST",
  "IDENTITY_ENDPOINT",
  "IDENTITY_HEADER",
  "IDENTITY_SERVER_THUMBPRINT",
  "IMDS_ENDPOINT",
  "MSI_ENDPOINT",
  "MSI_SECRET",
]);
const proxyVariables = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"] as const;

/** Computes a client's environment from the parent's. */
export function launchEnvironment(request: LaunchRequest): NodeJS.ProcessEnv {
  const { proxyUrl, credential, identityVariables } = request;
  const parent = identityVariables === undefined ? request.parent : withoutSignIn(request.parent);
  const noProxy = cleanNoProxy([parent.NO_PROXY, parent.no_proxy].filter((list) => list).join(","));
  return {
    ...parent,
    ...Object.fromEntries(proxyVariables.map((name) => [name, proxyUrl])),
    // Only where it is set: a client that prefers it must not go past us, and one that never had it needs none.
    ...(parent.ALL_PROXY ? { ALL_PROXY: proxyUrl } : {}),
    ...(parent.all_proxy ? { all_proxy: proxyUrl } : {}),
    NO_PROXY: noProxy,
    no_proxy: noProxy,
    ...Object.fromEntries(caVariables.map((name) => [name, request.caBundle])),
    NODE_USE_ENV_PROXY: "1",
    NODE_OPTIONS: addPreload(parent.NODE_OPTIONS, request.preloadFile),
    POSTERN_STATE: request.stateDir,
    AZURE_CONFIG_DIR: request.azConfigDir,
    AZURE_CORE_COLLECT_TELEMETRY: "0",
    AZURE_EXTENSION_USE_DYNAMIC_INSTALL: "no",
    AZURE_CORE_LOGIN_EXPERIENCE_V2: "off",
    ...(credential && {
      AZURE_TENANT_ID: credential.tenantId,
      AZURE_CLIENT_ID: credential.appId,
      AZURE_CLIENT_SECRET: credential.clientSecret,
    }),
    ...identityVariables,
  };
}

function withoutSignIn(parent: Readonly<NodeJS.ProcessEnv>): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(parent).filter(([name]) => !signInVariables.has(name)));
}

/** `--require` is in every Node there is, where `--import` stops an old one at its start. */
function addPreload(options: string | undefined, preloadFile: string): string {
  const preload = `--require "${preloadFile.replace(/[\\"]/g, "\\$&")}"`;
  return [options, preload].filter((part) => part).join(" ");
}
