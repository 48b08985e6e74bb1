/** A link to a place in the portal: a real one, so that it can be copied and opened in another tab; a plain click stays in the page. */
import type { MouseEvent, ReactNode } from "react";
import { navigate } from "./location.ts";

export function Link(props: {
  readonly to: string;
  readonly children: ReactNode;
  readonly className?: string;
  readonly isCurrent?: boolean;
  readonly onFollow?: () => void;
}) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    props.onFollow?.();
    navigate(props.to);
  };
  return (
    <a
      href={props.to}
      className={props.className ?? "link"}
      aria-current={props.isCurrent === true ? "page" : undefined}
      onClick={follow}
    >
      {props.children}
    </a>
  );
}
