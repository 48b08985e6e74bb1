/** `postern export`: what was proved here, for the real Azure. May use: transfer/, azure/, session.ts. */
import { listRoleDefinitions } from "../azure/roles.ts";
import { defineCommand } from "../command/command.ts";
import type { Json } from "../http/service-client.ts";
import { findSubscriptionId, openSession } from "../session.ts";
import { writeArmTemplate } from "../transfer/arm-template.ts";
import { writeAzScript } from "../transfer/az-script.ts";
import { writeBicep } from "../transfer/bicep.ts";
import { takeInventory } from "../transfer/inventory.ts";
import { writeTerraform } from "../transfer/terraform.ts";

const formats = ["arm", "az", "bicep", "inventory", "terraform"] as const;

export const command = defineCommand({
  options: {
    format: {
      kind: "text",
      flags: ["--format", "-f"],
      choices: formats,
      summary: "az: a script. arm: a template. bicep. terraform: its JSON form. inventory: what was read. Default: az.",
    },
  },
  examples: [
    { summary: "As a script that the real az runs", line: "postern export > cloud.sh" },
    { summary: "As a Terraform configuration", line: "postern export --format terraform > main.tf.json" },
    { summary: "As Bicep", line: "postern export --format bicep > main.bicep" },
  ],
  run: async (context, args) => {
    const session = await openSession(context);
    const subscriptionId = await findSubscriptionId(context, session);
    const inventory = await takeInventory(session, subscriptionId);
    const asJson = (value: unknown) => ({ data: value, text: `${JSON.stringify(value, null, 2)}\n` });
    switch ((args.format ?? "az") as (typeof formats)[number]) {
      case "az": {
        const script = writeAzScript(inventory);
        return { data: script, text: script };
      }
      case "inventory":
        return asJson(inventory);
      case "terraform":
        return asJson(writeTerraform(inventory));
      case "arm":
      case "bicep": {
        const roles = await listRoleDefinitions(session.resourceManager, `/subscriptions/${subscriptionId}`);
        const template = fillRoles(writeArmTemplate(inventory), roles);
        if (args.format === "arm") return asJson(template);
        const bicep = writeBicep(template);
        return { data: bicep, text: bicep };
      }
    }
  },
});

/** Built-in roles have the same GUID in every cloud. */
function fillRoles(template: Json, roles: readonly Json[]): Json {
  const names = new Map(roles.map(({ roleName, name }) => [String(roleName), String(name)]));
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, walk(member)]));
    }
    const role = typeof value === "string" ? /^@ROLE:(.*)@$/s.exec(value)?.[1] : undefined;
    if (role === undefined) return value;
    return `[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '${names.get(role)}')]`;
  };
  return walk(template) as Json;
}
