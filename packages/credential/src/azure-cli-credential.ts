/** Signs in as who is signed in to `az`. Nothing is kept: `az login` and `az account set` count at once. @see https://learn.microsoft.com/cli/azure/account#az-account-get-access-token */
import {
  askTool,
  type DeveloperToolOptions,
  encodeClaims,
  refuseClaims,
  toAccessToken,
  toolTenant,
} from "./developer-tools.ts";
import { misconfigured } from "./errors.ts";
import { checkScope, toResource } from "./scopes.ts";
import type { AccessToken, GetTokenOptions, TokenCredential } from "./token-credential.ts";

const tool = {
  title: "AzureCliCredential",
  program: "az",
  install: "Install the Azure CLI.",
  login: "Run: az login",
  isNotSignedIn: /az login(?! --scope)/,
};

export interface AzureCliCredentialOptions extends DeveloperToolOptions {
  /** The name or ID of the subscription whose account is used. */
  subscription?: string;
}

export class AzureCliCredential implements TokenCredential {
  readonly #options: AzureCliCredentialOptions;

  constructor(options: AzureCliCredentialOptions = {}) {
    if (options.subscription && !/^[0-9a-zA-Z\-._ ]+$/.test(options.subscription)) {
      throw misconfigured(tool.title, "The subscription has characters that no subscription has.");
    }
    toolTenant(tool, options, {});
    this.#options = options;
  }

  async getToken(scopes: string | string[], asked: GetTokenOptions = {}): Promise<AccessToken> {
    const scope = checkScope(tool.title, typeof scopes === "string" ? scopes : (scopes[0] ?? ""));
    if (asked.claims?.trim()) {
      const tenant = asked.tenantId ? ` --tenant ${asked.tenantId}` : "";
      throw refuseClaims(tool, `az login --claims-challenge ${encodeClaims(asked.claims)} --scope ${scope}${tenant}`);
    }
    const tenantId = toolTenant(tool, this.#options, asked);
    const { subscription } = this.#options;
    const resource = toResource(tool.title, scope);
    const args = ["account", "get-access-token", "--output", "json", "--resource", resource];
    if (tenantId) args.push("--tenant", tenantId);
    if (subscription) args.push("--subscription", subscription);
    const body = await askTool(tool, "az", args, this.#options, asked);
    // expires_on since az 2.54; before it only a local time without its zone.
    const seconds = Number.parseInt(body.expires_on, 10);
    const end = Number.isNaN(seconds) ? Date.parse(String(body.expiresOn)) : seconds * 1000;
    return toAccessToken(tool, body.accessToken, end);
  }
}
