/** Microsoft Graph by Debian 12's az. */
import { testGraph } from "./graph-suite.ts";
import { az245 } from "./installed.ts";

testGraph(az245);
