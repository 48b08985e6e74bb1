/** Options the `role` commands share. May use: command/. */
import type { Option } from "../../command/command.ts";

export const scope = {
  kind: "text",
  flags: ["--scope"],
  summary: "Scope the role applies at, e.g. /subscriptions/SUBSCRIPTION/resourceGroups/GROUP.",
} as const satisfies Option;

export const customRoleOnly = {
  kind: "switch",
  flags: ["--custom-role-only"],
  summary: "Custom roles only.",
} as const satisfies Option;

export const role = {
  kind: "text",
  flags: ["--role"],
  summary: "Role name or ID.",
} as const satisfies Option;

export const assignee = {
  kind: "text",
  flags: ["--assignee"],
  summary:
    "A user, group or service principal: object ID, user sign-in name, or service principal name (an appId is one).",
} as const satisfies Option;

export const assigneeObjectId = {
  kind: "text",
  flags: ["--assignee-object-id"],
  summary: "The assignee's object ID, which spares asking Microsoft Graph.",
} as const satisfies Option;

export const includeInherited = {
  kind: "flag",
  flags: ["--include-inherited"],
  summary: "Include assignments applied on parent scopes.",
} as const satisfies Option;
