/** Refusals as Debian 12's clients and Node show them. */
import { azClient, nodeClient, pythonClient, shareCloud, testAzWithoutRights, testRefusals } from "./errors-suite.ts";
import { az245, nodes, python311 } from "./installed.ts";

shareCloud();
for (const client of [azClient(az245), pythonClient(python311), ...nodes.map(nodeClient)]) testRefusals(client);
testAzWithoutRights(az245);
