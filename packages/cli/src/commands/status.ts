/** `postern status`: whether the cloud runs, and where. May use: state/. */
import { defineCommand } from "../command/command.ts";
import { statePathsOf } from "../state/paths.ts";
import { requireRunning, type Status } from "../state/status.ts";

export const command = defineCommand({
  options: {},
  examples: [
    { summary: "Is it running?", line: "postern status" },
    { summary: "Its address, for scripts", line: "postern status --query baseUrl --output tsv" },
  ],
  run: async (context) => {
    const status = await requireRunning(statePathsOf(context));
    return { data: status, text: describeStatus(status) };
  },
});

/** The status for people. */
export function describeStatus(status: Status): string {
  const lines = [
    ["Portal", status.portalUrl],
    ["Every plane", status.baseUrl],
    ...(status.developmentUrl === undefined ? [] : [["Development", status.developmentUrl]]),
    ["Proxy", status.proxyUrl],
    ["CA bundle", status.caBundle],
    ["Tenant", status.tenantId],
    ["Subscription", status.subscriptionId],
    ["State", status.stateDir],
    ["Process", String(status.pid)],
  ];
  return [
    `Postern ${status.version} is running.`,
    ...lines.map(([name, value]) => `  ${name!.padEnd(14)}${value}`),
    "",
  ].join("\n");
}
