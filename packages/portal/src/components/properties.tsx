/** Names and values, in one or two columns as the width allows. */
import type { ReactNode } from "react";

export function Properties({ children }: { readonly children: ReactNode }) {
  return <dl className="properties">{children}</dl>;
}

export function Property({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="property">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
