/** Messages in the page: what went wrong with Azure's code and text, what to mind, what is not there yet. */
import type { ReactNode } from "react";
import { ApiError } from "../api/http.ts";
import { Link } from "../router/link.tsx";
import { common } from "../texts/common.ts";
import { Icon, type IconName } from "./icon.tsx";

export type MessageKind = "info" | "success" | "warning" | "error";

const icons = { info: "info", success: "check", warning: "warning", error: "warning" } as const satisfies Record<
  MessageKind,
  IconName
>;

export function MessageBar({ kind, children }: { readonly kind: MessageKind; readonly children: ReactNode }) {
  return (
    <div className={`message ${kind}`} role={kind === "error" ? "alert" : "status"}>
      <Icon name={icons[kind]} />
      <div>{children}</div>
    </div>
  );
}

/** An error as the plane sent it, and by which request it can be asked about. */
export function ErrorMessage({ error }: { readonly error: unknown }) {
  const isOfPlane = error instanceof ApiError;
  return (
    <MessageBar kind="error">
      <strong className="code">{isOfPlane ? error.code : common.unexpectedError}</strong>
      <span className="wrap">{error instanceof Error ? error.message : String(error)}</span>
      {isOfPlane && error.requestId !== "" ? (
        <span className="soft">
          {common.requestId} <code>{error.requestId}</code>
        </span>
      ) : undefined}
      {isOfPlane && error.explainedBy !== "" ? (
        <Link to={`/portal/explain?request=${encodeURIComponent(error.explainedBy)}`}>{common.whichRole}</Link>
      ) : undefined}
    </MessageBar>
  );
}

/** What stands where a list is empty: what it would hold, and what to do. */
export function EmptyState(props: {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div className="empty">
      <Icon name={props.icon} className="icon large" />
      <h2>{props.title}</h2>
      {props.children === undefined ? undefined : <p>{props.children}</p>}
      {props.action}
    </div>
  );
}

export function Loading({ text = common.loading }: { readonly text?: string }) {
  return (
    <div className="loading" role="status">
      <fluent-spinner size="small" role="presentation" />
      <span>{text}</span>
    </div>
  );
}
