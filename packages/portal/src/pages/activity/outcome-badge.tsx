/** How something came out, in colour and in words. */
import { insight } from "../../texts/insight.ts";

export type ShownOutcome = keyof typeof insight.outcomes;

const colors = {
  allowed: "success",
  denied: "danger",
  failed: "danger",
  "let-through": "warning",
  "passed-over": "informative",
} as const satisfies Record<ShownOutcome, string>;

export function OutcomeBadge({ outcome }: { readonly outcome: ShownOutcome }) {
  return (
    <fluent-badge appearance="tint" color={colors[outcome]}>
      {insight.outcomes[outcome]}
    </fluent-badge>
  );
}
