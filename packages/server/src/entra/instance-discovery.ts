/**
 * Instance discovery: MSAL asks which hosts are Entra, and which of them are the same cloud, before it trusts an authority.
 * @see https://learn.microsoft.com/entra/msal/dotnet/advanced/instance-discovery (what clients do with it)
 */
import type { Reply } from "../wire/exchange.ts";
import { refuse } from "./fault.ts";
import { need } from "./form.ts";
import { cachedForADay } from "./render.ts";
import type { Visit } from "./visit.ts";

type Instance = {
  readonly preferred_network: string;
  readonly preferred_cache: string;
  readonly aliases: readonly string[];
};

/** The world's clouds, as recorded answers list them. */
const instances: readonly Instance[] = [
  {
    preferred_network: "login.microsoftonline.com",
    preferred_cache: "login.windows.net",
    aliases: ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"],
  },
  {
    preferred_network: "login.partner.microsoftonline.cn",
    preferred_cache: "login.partner.microsoftonline.cn",
    aliases: ["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
  },
  {
    preferred_network: "login.microsoftonline.de",
    preferred_cache: "login.microsoftonline.de",
    aliases: ["login.microsoftonline.de"],
  },
  {
    preferred_network: "login.microsoftonline.us",
    preferred_cache: "login.microsoftonline.us",
    aliases: ["login.microsoftonline.us", "login.usgovcloudapi.net"],
  },
  {
    preferred_network: "login-us.microsoftonline.com",
    preferred_cache: "login-us.microsoftonline.com",
    aliases: ["login-us.microsoftonline.com"],
  },
];

/** @throws EntraRefusal `instance-unknown` for an authority that is neither Entra's nor this server as the client came by it. */
export function answerInstanceDiscovery(visit: Visit): Reply {
  const endpoint = parseEndpoint(need(visit.query, "authorization_endpoint"));
  const own = visit.ownOrigins.map((origin) => origin.slice("https://".length));
  const known = own.includes(endpoint.host) ? [...instances, ownInstance(visit, own)] : instances;
  if (!known.some(({ aliases }) => aliases.includes(endpoint.host))) refuse({ kind: "instance-unknown" });
  const version = endpoint.isV2 ? "/v2.0" : "";
  return {
    status: 200,
    headers: cachedForADay,
    body: {
      tenant_discovery_endpoint: `https://${endpoint.host}/${endpoint.tenant}${version}/.well-known/openid-configuration`,
      "api-version": visit.query.get("api-version") ?? "1.0",
      metadata: known,
    },
  };
}

function ownInstance(visit: Visit, aliases: readonly string[]): Instance {
  const name = visit.exchange.origin.slice("https://".length);
  return { preferred_network: name, preferred_cache: name, aliases };
}

/** Reads `https://{host}/{tenant}/oauth2[/v2.0]/authorize`. */
function parseEndpoint(text: string): { readonly host: string; readonly tenant: string; readonly isV2: boolean } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const tenant = url?.pathname.split("/")[1];
  if (url?.protocol !== "https:" || url.username !== "" || url.password !== "" || !tenant) {
    return refuse({ kind: "instance-unknown" });
  }
  return { host: url.host, tenant, isV2: /\/v2\.0\//i.test(url.pathname) };
}
