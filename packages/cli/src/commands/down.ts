/** `postern down`: stops the cloud. May use: server-process.ts, state/. */
import { defineCommand } from "../command/command.ts";
import { stopServer } from "../server-process.ts";
import { statePathsOf } from "../state/paths.ts";
import { findRunning } from "../state/status.ts";

export const command = defineCommand({
  options: {},
  examples: [{ summary: "Stop the cloud; what it holds stays", line: "postern down" }],
  run: async (context) => {
    const paths = statePathsOf(context);
    const status = await findRunning(paths);
    if (status === undefined) {
      context.notes.line(`No cloud is running on ${paths.stateDir}.`);
      return {};
    }
    await stopServer(paths, status);
    context.notes.line(`Stopped the cloud on ${paths.stateDir}.`);
    return {};
  },
});
