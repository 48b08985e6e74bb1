/** Signs in as who is signed in to `azd`. @see https://learn.microsoft.com/azure/developer/azure-developer-cli/reference#azd-auth-token */
import { askTool, type DeveloperToolOptions, encodeClaims, toAccessToken, toolTenant } from "./developer-tools.ts";
import { checkScope } from "./scopes.ts";
import type { AccessToken, GetTokenOptions, TokenCredential } from "./token-credential.ts";

const tool = {
  title: "AzureDeveloperCliCredential",
  program: "azd",
  install: "Install the Azure Developer CLI.",
  login: "Run: azd auth login",
  isNotSignedIn: /not logged in|azd (auth )?login/,
};

export type AzureDeveloperCliCredentialOptions = DeveloperToolOptions;

export class AzureDeveloperCliCredential implements TokenCredential {
  readonly #options: AzureDeveloperCliCredentialOptions;

  constructor(options: AzureDeveloperCliCredentialOptions = {}) {
    toolTenant(tool, options, {});
    this.#options = options;
  }

  async getToken(scopes: string | string[], asked: GetTokenOptions = {}): Promise<AccessToken> {
    const all = (typeof scopes === "string" ? [scopes] : scopes).map((scope) => checkScope(tool.title, scope));
    const tenantId = toolTenant(tool, this.#options, asked);
    const args = ["auth", "token", "--output", "json", "--no-prompt", ...all.flatMap((scope) => ["--scope", scope])];
    if (tenantId) args.push("--tenant-id", tenantId);
    if (asked.claims) args.push("--claims", encodeClaims(asked.claims));
    const body = await askTool(tool, "azd", args, this.#options, asked);
    return toAccessToken(tool, body.token, Date.parse(String(body.expiresOn)));
  }
}
