/** Options of the `identity` commands, in az's words. May use: command/. */
import type { Option } from "../../command/command.ts";
import { resourceGroup } from "../options.ts";

/** What an identity's id names. */
export const identityType = "Microsoft.ManagedIdentity/userAssignedIdentities";

export const identityName = {
  kind: "text",
  flags: ["--name", "-n"],
  summary: "The name of the identity resource.",
  required: true,
} as const satisfies Option;

export const identityGroup = { ...resourceGroup, required: true } as const satisfies Option;
