/** Microsoft Graph by Debian 13's az. */
import { testGraph } from "./graph-suite.ts";
import { az274 } from "./installed.ts";

testGraph(az274);
