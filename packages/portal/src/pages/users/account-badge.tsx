/** Whether a person may sign in, in colour and in words. */
import { users as text } from "../../texts/directory.ts";

export function AccountBadge({ isEnabled }: { readonly isEnabled: boolean }) {
  return (
    <fluent-badge appearance="tint" color={isEnabled ? "success" : "danger"}>
      {isEnabled ? text.enabled : text.blocked}
    </fluent-badge>
  );
}
