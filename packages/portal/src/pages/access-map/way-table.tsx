/** The same as the drawing, as a list: one row for each way. */
import type { AccessChange, NamedPrincipal } from "../../api/insight.ts";
import { type Column, DetailsList } from "../../components/details-list.tsx";
import { Link } from "../../router/link.tsx";
import { access } from "../../texts/access.ts";
import { insight } from "../../texts/insight.ts";
import { ScopeLink } from "../principals/held-access.tsx";
import { principalPath } from "../principals/principal-path.ts";

const { map: text } = insight;

export function WayTable(props: {
  readonly label: string;
  readonly ways: readonly AccessChange[];
  readonly principals: readonly NamedPrincipal[];
  readonly isDifference: boolean;
}) {
  const names = new Map(props.principals.map((one) => [one.id, one]));
  const columns = columnsOf(names);
  return (
    <DetailsList
      label={props.label}
      rows={props.ways}
      columns={props.isDifference ? columns : columns.filter(({ key }) => key !== "change")}
      keyOf={(way) => `${way.change} ${way.principalId} ${way.via.join(" ")} ${way.assignmentId}`}
    />
  );
}

function columnsOf(names: ReadonlyMap<string, NamedPrincipal>): readonly Column<AccessChange>[] {
  const nameOf = (id: string) => names.get(id)?.displayName ?? id;
  return [
    {
      key: "change",
      title: text.change,
      width: "90px",
      render: ({ change }) => (
        <fluent-badge appearance="tint" color={change === "gained" ? "success" : "danger"}>
          {text[change]}
        </fluent-badge>
      ),
    },
    {
      key: "principal",
      title: text.kinds.principal,
      width: "1fr",
      render: ({ principalId }) => {
        const path = principalPath(names.get(principalId)?.type ?? null, principalId);
        const name = <bdi>{nameOf(principalId)}</bdi>;
        return path === undefined ? name : <Link to={path}>{name}</Link>;
      },
    },
    {
      key: "via",
      title: text.kinds.group,
      width: "1fr",
      isMinor: true,
      render: ({ via }) => (via.length === 0 ? text.itself : <bdi>{via.map(nameOf).join(" › ")}</bdi>),
    },
    {
      key: "role",
      title: text.kinds.role,
      width: "1fr",
      render: ({ roleName, condition }) => (
        <span>
          {roleName ?? access.unknownRole}
          {condition === null ? undefined : <span className="soft"> ({text.withCondition})</span>}
        </span>
      ),
    },
    { key: "scope", title: text.kinds.scope, width: "1fr", render: ({ scope }) => <ScopeLink scope={scope} /> },
  ];
}
