/** The roles one principal holds, itself and by its groups, wherever they were assigned. */
import { portalPathOf } from "../../api/arm.ts";
import { type AccessWay, type NamedPrincipal, whatCan } from "../../api/insight.ts";
import { useLoad } from "../../api/use-load.ts";
import { type Column, DetailsList } from "../../components/details-list.tsx";
import { EmptyState } from "../../components/message.tsx";
import { Link } from "../../router/link.tsx";
import { access } from "../../texts/access.ts";
import { directory } from "../../texts/directory.ts";
import { kindOfScope } from "../places.ts";

const { access: text } = directory;

export function HeldAccess({ principalId }: { readonly principalId: string }) {
  const held = useLoad(() => whatCan(principalId), [principalId]);
  const names = new Map((held.data?.principals ?? []).map((one) => [one.id, one]));
  return (
    <>
      <div className="tools">
        <p className="soft">{text.intro}</p>
        <Link to={`/portal/access-map?principal=${encodeURIComponent(principalId)}`}>{text.map}</Link>
      </div>
      <DetailsList
        label={directory.sections.access}
        rows={held.data?.value ?? []}
        columns={columnsOf(names)}
        keyOf={({ assignmentId, via }) => `${assignmentId} ${via.join(" ")}`}
        isLoading={held.isLoading}
        error={held.error}
        empty={
          <EmptyState
            icon="shield"
            title={text.emptyTitle}
            action={<Link to="/portal/resource-groups">{text.toGroups}</Link>}
          >
            {text.emptyText}
          </EmptyState>
        }
      />
    </>
  );
}

function columnsOf(names: ReadonlyMap<string, NamedPrincipal>): readonly Column<AccessWay>[] {
  return [
    { key: "role", title: text.role, width: "1.5fr", render: ({ roleName }) => roleName ?? access.unknownRole },
    { key: "scope", title: text.scope, width: "2fr", render: ({ scope }) => <ScopeLink scope={scope} /> },
    {
      key: "via",
      title: text.through,
      width: "1fr",
      isMinor: true,
      render: ({ via }) =>
        via.length === 0 ? text.directly : <bdi>{via.map((id) => names.get(id)?.displayName ?? id).join(" › ")}</bdi>,
    },
  ];
}

/** A scope by what it is and its last name, leading to its access control. */
export function ScopeLink({ scope }: { readonly scope: string }) {
  const name = scope.split("/").at(-1) || "/";
  const words = (
    <span title={scope}>
      {kindOfScope(scope)} <code>{name}</code>
    </span>
  );
  const place = accessPathOf(scope);
  return place === undefined ? words : <Link to={`${place}?tab=assignments`}>{words}</Link>;
}

/** Where the portal shows the access control of a scope; undefined when it has no page of it. */
function accessPathOf(scope: string): string | undefined {
  const container = /^(.*\/storageAccounts\/[^/]+)\/blobServices\/default\/containers\/([^/]+)$/i.exec(scope);
  const base =
    container === null ? scope : `${portalPathOf(container[1]!)}/containers/${encodeURIComponent(container[2]!)}`;
  if (container !== null) return `${base}/access-control`;
  const isPlace =
    /^\/subscriptions\/[^/]+(?:\/resourceGroups\/[^/]+(?:\/providers\/Microsoft\.Storage\/storageAccounts\/[^/]+)?)?$/i;
  return isPlace.test(scope) ? `${portalPathOf(scope)}/access-control` : undefined;
}

/** The wizard that assigns a role, with role and member filled in. @returns undefined when the portal has no page of the scope. */
export function assignPathOf(scope: string, roleDefinitionId: string, principalId: string): string | undefined {
  const place = accessPathOf(scope);
  const role = roleDefinitionId.split("/").at(-1)!.toLowerCase();
  return place && `${place}/add-role-assignment?${new URLSearchParams({ role, member: principalId })}`;
}
