/** `postern secrets list`: secrets and certificates of all apps, those that end first, first. May use: own-plane.ts, session.ts. */
import { defineCommand } from "../../command/command.ts";
import { usageFault } from "../../faults.ts";
import type { Json } from "../../http/service-client.ts";
import { openOwnPlane } from "../../own-plane.ts";
import { openSession } from "../../session.ts";

/** The server's bound, ten years. */
const MAX_DAYS = 3653;

export const command = defineCommand({
  options: {
    expiringWithin: {
      kind: "integer",
      flags: ["--expiring-within"],
      valueName: "DAYS",
      summary: "Only those that end within so many days, or have ended.",
    },
  },
  examples: [
    { summary: "What has to be renewed this month", line: "postern secrets list --expiring-within 30 --output table" },
    {
      summary: "Old secrets of an app that nothing uses any more",
      line: "postern secrets list --query \"[?appDisplayName=='my-app'].{key:keyId, lastUsed:lastUsedDateTime}\"",
    },
  ],
  run: async (context, { expiringWithin }) => {
    if (expiringWithin !== undefined && (expiringWithin < 0 || expiringWithin > MAX_DAYS)) {
      throw usageFault(`--expiring-within takes 0 to ${MAX_DAYS} days.`);
    }
    const query = expiringWithin === undefined ? "" : `?expiringWithinDays=${expiringWithin}`;
    const client = openOwnPlane(await openSession(context), "graph");
    return { data: await client.list(`/postern/credentials${query}`), toRows };
  },
});

function toRows(credentials: readonly Json[]) {
  return credentials.map((one) => ({
    App: one.appDisplayName,
    Name: one.displayName,
    Kind: one.kind,
    KeyId: one.keyId,
    Hint: one.hint,
    Ends: String(one.endDateTime).slice(0, 10),
    DaysLeft: one.daysLeft,
    LastUsed: one.lastUsedDateTime ?? "never",
  }));
}
