/** Soft mode for as long as something runs. May use: insight-client.ts. */
import type { InsightClient } from "./insight-client.ts";

/**
 * Lets one principal through everywhere while something runs, and not a moment longer: if this process is killed, the time given ends it.
 * @param seconds at most what the server allows, 8 hours.
 */
export async function withSoftMode<Result>(
  client: InsightClient,
  principalId: string,
  seconds: number,
  work: () => Promise<Result>,
): Promise<Result> {
  const path = `softModes/${crypto.randomUUID()}`;
  await client.put(path, { scope: "/", principalId, seconds, description: "postern learn" });
  try {
    return await work();
  } finally {
    await client.delete(path);
  }
}
