/** Users, groups and apps that are assigned to an enterprise application, each with one of its roles. */
import { useState } from "react";
import type { Principal } from "../../api/access.ts";
import { type AppRoleAssignment, assignTo, defaultRoleId, listAssigned, unassign } from "../../api/enterprise.ts";
import { graph, type ServicePrincipal } from "../../api/graph.ts";
import { useAction, useLoad } from "../../api/use-load.ts";
import { IconButton } from "../../components/button.tsx";
import { CommandBar } from "../../components/command-bar.tsx";
import { type Column, DetailsList } from "../../components/details-list.tsx";
import { EmptyState, ErrorMessage } from "../../components/message.tsx";
import { shortName } from "../../components/short-name.ts";
import { formatDate } from "../../components/time.ts";
import { Link } from "../../router/link.tsx";
import { notify } from "../../shell/notifications.tsx";
import { common } from "../../texts/common.ts";
import { directory, enterprise } from "../../texts/directory.ts";
import { SelectMembers } from "../access/select-members.tsx";
import { principalPath } from "../principals/principal-path.ts";

const { assigned: text } = enterprise;

type Loaded = { readonly assignments: readonly AppRoleAssignment[]; readonly app: ServicePrincipal };

async function load(id: string): Promise<Loaded> {
  const [assignments, app] = await Promise.all([
    listAssigned(id),
    graph<ServicePrincipal>("GET", `/servicePrincipals/${id}`),
  ]);
  return { assignments, app };
}

export function Assigned({ id }: { readonly id: string }) {
  const loaded = useLoad(() => load(id), [id]);
  const [isAdding, setAdding] = useState(false);
  const [chosenRole, setRole] = useState("");
  const action = useAction();
  const roles = (loaded.data?.app.appRoles ?? []).filter(({ allowedMemberTypes }) =>
    allowedMemberTypes.includes("User"),
  );
  // An application with roles of its own has no access without one of them.
  const role = chosenRole || (roles[0]?.id ?? defaultRoleId);
  const names = new Map(roles.map((one) => [one.id, one.displayName]));
  const change = async (run: () => Promise<void>, done: string) => {
    if (await action.run(run)) notify(done);
    loaded.reload();
  };
  const add = (members: readonly Principal[]) => {
    setAdding(false);
    const assignAll = async () => {
      for (const member of members) await assignTo(id, member.id, role);
    };
    void change(assignAll, text.added);
  };
  return (
    <>
      <CommandBar
        label={common.commands}
        commands={[
          {
            key: "add",
            text: text.add,
            icon: "add",
            isDisabled: loaded.data === undefined,
            onClick: () => setAdding(true),
          },
          { key: "refresh", text: common.refresh, icon: "refresh", onClick: loaded.reload },
        ]}
      />
      <p className="soft">{text.intro}</p>
      {roles.length < 2 ? undefined : <RoleChoice roles={roles} value={role} onChange={setRole} />}
      {action.error === undefined ? undefined : <ErrorMessage error={action.error} />}
      <DetailsList
        label={enterprise.sections.assigned}
        rows={loaded.data?.assignments ?? []}
        columns={columnsOf(names, (row) => void change(() => unassign(id, row.id), text.removed))}
        keyOf={(row) => row.id}
        isLoading={loaded.isLoading}
        error={loaded.error}
        empty={
          <EmptyState icon="people" title={text.emptyTitle}>
            {text.emptyText}
          </EmptyState>
        }
      />
      {isAdding ? (
        <SelectMembers
          title={text.panel}
          initial={[]}
          kinds={["users", "groups"]}
          onClose={() => setAdding(false)}
          onSelect={add}
        />
      ) : undefined}
    </>
  );
}

function RoleChoice(props: {
  readonly roles: readonly { readonly id: string; readonly displayName: string }[];
  readonly value: string;
  readonly onChange: (id: string) => void;
}) {
  const { roles, value, onChange } = props;
  return (
    <select className="input short" aria-label={text.role} value={value} onChange={(e) => onChange(e.target.value)}>
      {roles.map(({ id, displayName }) => (
        <option key={id} value={id}>
          {displayName}
        </option>
      ))}
    </select>
  );
}

function columnsOf(
  roles: ReadonlyMap<string, string>,
  onRemove: (row: AppRoleAssignment) => void,
): readonly Column<AppRoleAssignment>[] {
  return [
    {
      key: "name",
      title: directory.displayName,
      width: "2fr",
      render: ({ principalId, principalType, principalDisplayName }) => (
        <Link to={principalPath(principalType, principalId) ?? "/portal/users"}>
          <bdi>{principalDisplayName ?? principalId}</bdi>
        </Link>
      ),
    },
    { key: "type", title: directory.type, width: "130px", isMinor: true, render: ({ principalType }) => principalType },
    {
      key: "role",
      title: text.role,
      width: "1fr",
      render: ({ appRoleId }) => <bdi>{roles.get(appRoleId) ?? text.defaultRole}</bdi>,
    },
    {
      key: "since",
      title: text.since,
      width: "110px",
      isMinor: true,
      render: ({ createdDateTime }) => formatDate(createdDateTime),
    },
    {
      key: "actions",
      title: common.remove,
      isTitleHidden: true,
      width: "56px",
      render: (row) => (
        <IconButton
          name={`${common.remove} ${shortName(row.principalDisplayName ?? row.principalId)}`}
          icon="delete"
          onClick={() => onRemove(row)}
        />
      ),
    },
  ];
}
