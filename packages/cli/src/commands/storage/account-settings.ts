/** The settings of a storage account that `create` and `update` share. May use: command/. */
import type { ArgumentsOf, Option } from "../../command/command.ts";

export const accountSettings = {
  accessTier: {
    kind: "text",
    flags: ["--access-tier"],
    choices: ["Cold", "Cool", "Hot", "Premium"],
    summary: "The access tier for billing.",
  },
  httpsOnly: { kind: "switch", flags: ["--https-only"], summary: "Allow https traffic only." },
  allowBlobPublicAccess: {
    kind: "switch",
    flags: ["--allow-blob-public-access"],
    summary: "Allow containers to be opened to everyone.",
  },
  allowSharedKeyAccess: {
    kind: "switch",
    flags: ["--allow-shared-key-access", "-k"],
    summary: "Allow requests signed with the account's key.",
  },
  minTlsVersion: {
    kind: "text",
    flags: ["--min-tls-version"],
    choices: ["TLS1_0", "TLS1_1", "TLS1_2", "TLS1_3"],
    summary: "The least TLS version for requests.",
  },
  publicNetworkAccess: {
    kind: "text",
    flags: ["--public-network-access"],
    choices: ["Disabled", "Enabled", "SecuredByPerimeter"],
    summary: "Whether the account answers the public network.",
  },
} as const satisfies Readonly<Record<string, Option>>;

/** As Resource Manager calls them; what was not given is undefined, and so not sent. */
export function settingsBody(args: ArgumentsOf<typeof accountSettings>) {
  return {
    accessTier: args.accessTier,
    supportsHttpsTrafficOnly: args.httpsOnly,
    allowBlobPublicAccess: args.allowBlobPublicAccess,
    allowSharedKeyAccess: args.allowSharedKeyAccess,
    minimumTlsVersion: args.minTlsVersion,
    publicNetworkAccess: args.publicNetworkAccess,
  };
}
