/** The same by Debian 13's az 2.74 and azure-identity 1.23, which knows workload identities. */
import { pythonProgram, testApplications } from "./app-credentials-clients.ts";
import { az274, python313 } from "./installed.ts";

testApplications(az274, [
  {
    name: python313.name,
    skip: python313.skip,
    command: [python313.python, pythonProgram],
    more: ["workload", "default-workload"],
  },
]);
