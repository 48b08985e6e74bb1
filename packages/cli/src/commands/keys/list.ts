/** `postern keys list`: the keys tokens are signed with. May use: own-plane.ts, session.ts. */
import { defineCommand } from "../../command/command.ts";
import { openOwnPlane } from "../../own-plane.ts";
import { openSession } from "../../session.ts";
import { describeKeys, toKeyRows } from "./wording.ts";

export const command = defineCommand({
  options: {},
  examples: [
    { summary: "Which key signs, and until when the old one verifies", line: "postern keys list" },
    { summary: "For scripts", line: "postern keys list --output json" },
  ],
  run: async (context) => {
    const client = openOwnPlane(await openSession(context), "resource-manager");
    const keys = await client.list("/postern/keys");
    return { data: keys, toRows: toKeyRows, text: describeKeys(keys) };
  },
});
