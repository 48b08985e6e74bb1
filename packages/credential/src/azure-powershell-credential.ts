/** Signs in as who is signed in to Azure PowerShell. @see https://learn.microsoft.com/powershell/module/az.accounts/get-azaccesstoken */
import {
  askTool,
  type DeveloperToolOptions,
  encodeClaims,
  refuseClaims,
  toAccessToken,
  toolTenant,
} from "./developer-tools.ts";
import { CredentialError } from "./errors.ts";
import type { Json } from "./json.ts";
import { checkScope, toResource } from "./scopes.ts";
import type { AccessToken, GetTokenOptions, TokenCredential } from "./token-credential.ts";

const tool = {
  title: "AzurePowerShellCredential",
  program: "pwsh",
  install: "Install PowerShell and the Az module.",
  login: "Run: Connect-AzAccount",
  isNotSignedIn: /Run Connect-AzAccount to login/,
};

/**
 * Prints {Token, ExpiresOn in seconds}. The values come by the environment, never as text of the script. Az 5 gives the token as a secure
 * string; Windows PowerShell 5 turns that into text only by way of a network credential.
 */
const script = `$ErrorActionPreference = 'Stop'
Import-Module Az.Accounts -MinimumVersion 2.2.0
$ask = @{ ResourceUrl = $env:POSTERN_RESOURCE }
if ($env:POSTERN_TENANT) { $ask.TenantId = $env:POSTERN_TENANT }
$got = Get-AzAccessToken @ask -WarningAction SilentlyContinue
$t = $got.Token
if ($t -is [securestring]) { $t = [System.Net.NetworkCredential]::new('', $t).Password }
@{ Token = $t; ExpiresOn = $got.ExpiresOn.ToUnixTimeSeconds() } | ConvertTo-Json -Compress`;

export type AzurePowerShellCredentialOptions = DeveloperToolOptions;

export class AzurePowerShellCredential implements TokenCredential {
  readonly #options: AzurePowerShellCredentialOptions;

  constructor(options: AzurePowerShellCredentialOptions = {}) {
    toolTenant(tool, options, {});
    this.#options = options;
  }

  async getToken(scopes: string | string[], asked: GetTokenOptions = {}): Promise<AccessToken> {
    const scope = checkScope(tool.title, typeof scopes === "string" ? scopes : (scopes[0] ?? ""));
    if (asked.claims?.trim()) {
      const tenant = asked.tenantId ? ` -Tenant ${asked.tenantId}` : "";
      throw refuseClaims(tool, `Connect-AzAccount -ClaimsChallenge ${encodeClaims(asked.claims)}${tenant}`);
    }
    const tenantId = toolTenant(tool, this.#options, asked) ?? "";
    const env = { POSTERN_RESOURCE: toResource(tool.title, scope), POSTERN_TENANT: tenantId };
    const args = ["-NoProfile", "-NonInteractive", "-Command", script];
    // Windows has an older PowerShell of its own; elsewhere there is only pwsh, and asking for it costs nothing.
    let body: Json;
    try {
      body = await askTool(tool, "pwsh", args, this.#options, asked, { env });
    } catch (error) {
      if (!(error instanceof CredentialError)) throw error;
      if (!isWindows() || !error.meaning.endsWith("not installed here.")) throw error;
      body = await askTool(tool, "powershell", args, this.#options, asked, { env });
    }
    return toAccessToken(tool, body.Token, Number(body.ExpiresOn) * 1000);
  }
}

function isWindows(): boolean {
  return typeof process !== "undefined" && process.platform === "win32";
}
