/** `postern keys rotate`: a new key to sign tokens with. May use: own-plane.ts, session.ts. */
import { defineCommand } from "../../command/command.ts";
import { failure, usageFault } from "../../faults.ts";
import type { Json } from "../../http/service-client.ts";
import { openOwnPlane } from "../../own-plane.ts";
import { openSession } from "../../session.ts";
import { confirm, yes } from "../options.ts";
import { describeKeys, toKeyRows } from "./wording.ts";

export const command = defineCommand({
  options: {
    now: {
      kind: "flag",
      flags: ["--now"],
      summary: "Sign with the new key at once, instead of publishing it a day ahead. Tokens issued so far still hold.",
    },
    compromised: {
      kind: "flag",
      flags: ["--compromised"],
      summary: "The old key is in wrong hands: sign with a new one and refuse every token issued so far, at once.",
    },
    yes,
  },
  examples: [
    { summary: "The yearly rotation: nobody notices", line: "postern keys rotate" },
    { summary: "A key has leaked", line: "postern keys rotate --compromised --yes" },
  ],
  run: async (context, args) => {
    if (args.now && args.compromised) throw usageFault("--now and --compromised cannot be used together.");
    const session = await openSession(context);
    if (args.compromised) {
      context.notes.warn("Every token issued so far will be refused; every app and person has to get a new one.");
      await confirm(context, args.yes);
    }
    const kind = args.compromised ? "compromised" : args.now ? "now" : "scheduled";
    const answer = await openOwnPlane(session, "resource-manager").json("POST", "/postern/keys/rotate", { kind });
    if (!Array.isArray(answer.value)) throw failure("The cloud answered without a list of keys.");
    const keys = answer.value as Json[];
    return { data: keys, toRows: toKeyRows, text: describeKeys(keys) };
  },
});
