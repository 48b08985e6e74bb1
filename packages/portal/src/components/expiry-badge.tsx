/** Whether a credential still serves, in colour and in words. */
import { apps } from "../texts/app-registrations.ts";
import type { Expiry } from "./time.ts";

const colors = { current: "success", soon: "warning", expired: "danger" } as const;

export function ExpiryBadge({ expiry }: { readonly expiry: Expiry | undefined }) {
  if (expiry === undefined) return <span>{apps.state.none}</span>;
  return (
    <fluent-badge appearance="tint" color={colors[expiry]}>
      {apps.state[expiry]}
    </fluent-badge>
  );
}
