/** Refusals as Debian 13's clients show them. */
import { azClient, pythonClient, shareCloud, testAzWithoutRights, testRefusals } from "./errors-suite.ts";
import { az274, python313 } from "./installed.ts";

shareCloud();
for (const client of [azClient(az274), pythonClient(python313)]) testRefusals(client);
testAzWithoutRights(az274);
