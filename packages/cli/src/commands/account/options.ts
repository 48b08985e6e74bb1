/** How `account` commands name a subscription: it is the thing itself here, and `-n` does too. May use: command/. */
import type { Option } from "../../command/command.ts";

export const subscriptionOption = {
  kind: "text",
  flags: ["--subscription", "-s", "--name", "-n"],
  summary: "Name or ID of the subscription.",
} as const satisfies Option;
