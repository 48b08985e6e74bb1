/**
 * Applications that sign in without a secret: az 2.45, @azure/identity, @azure/msal-node and Debian's azure-identity, unmodified.
 */
import { nodeProgram, pythonProgram, testApplications } from "./app-credentials-clients.ts";
import { az245, nodes, python311 } from "./installed.ts";

testApplications(az245, [
  ...nodes.map(({ name, node, skip }) => ({
    name,
    skip,
    command: [node, nodeProgram],
    more: ["msal", "workload", "default-workload"] as const,
  })),
  { name: python311.name, skip: python311.skip, command: [python311.python, pythonProgram], more: [] },
]);
