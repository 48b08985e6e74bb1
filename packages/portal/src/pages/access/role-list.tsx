/** Roles in a list: to look at, or to pick one of. */
import { useState } from "react";
import { filterRoles, listRoles } from "../../api/access.ts";
import type { RoleDefinition } from "../../api/arm.ts";
import { useLoad } from "../../api/use-load.ts";
import { Button } from "../../components/button.tsx";
import { type Column, DetailsList, type Selection } from "../../components/details-list.tsx";
import { SearchField, SelectField } from "../../components/form.tsx";
import { EmptyState } from "../../components/message.tsx";
import { access as text } from "../../texts/access.ts";
import { RolePanel } from "./role-panel.tsx";

const { wizard } = text;

type RoleKind = "all" | "BuiltInRole" | "CustomRole";

const kinds: readonly { readonly value: RoleKind; readonly text: string }[] = [
  { value: "all", text: wizard.roleTypes.all },
  { value: "BuiltInRole", text: wizard.roleTypes.builtIn },
  { value: "CustomRole", text: wizard.roleTypes.custom },
];

export function RoleList(props: {
  readonly scope: string;
  /** With it, one role is picked. */
  readonly picked?: { readonly role: RoleDefinition | undefined; readonly onPick: (role: RoleDefinition) => void };
  /** Asks for the list anew when it is another. */
  readonly round?: number;
  readonly onDelete?: (role: RoleDefinition) => void;
}) {
  const { scope, picked, round = 0, onDelete } = props;
  const roles = useLoad(() => listRoles(scope), [scope, round]);
  const [words, setWords] = useState("");
  const [kind, setKind] = useState<RoleKind>("all");
  const [viewed, setViewed] = useState<RoleDefinition>();
  const all = roles.data ?? [];
  const rows = filterRoles(all, words).filter(({ properties }) => kind === "all" || properties.type === kind);
  const selection: Selection | undefined = picked && {
    keys: new Set(picked.role === undefined ? [] : [picked.role.id]),
    isSingle: true,
    onChange: (keys) => {
      const role = all.find(({ id }) => keys.has(id));
      if (role !== undefined) picked.onPick(role);
    },
    labelOf: (key) => wizard.selectRole(all.find(({ id }) => id === key)?.properties.roleName ?? ""),
  };
  return (
    <>
      <div className="tools aligned">
        <SearchField label={wizard.filterRoles} value={words} onChange={setWords} />
        <SelectField label={wizard.roleType} value={kind} options={kinds} onChange={setKind} />
      </div>
      <DetailsList
        label={text.tabs.roles}
        rows={rows}
        columns={columnsOf(setViewed, onDelete)}
        keyOf={({ id }) => id}
        {...(selection === undefined ? {} : { selection })}
        {...(picked === undefined ? {} : { onRowClick: picked.onPick })}
        isLoading={roles.isLoading}
        error={roles.error}
        empty={<EmptyState icon="search" title={text.noMatch} />}
      />
      {viewed === undefined ? undefined : <RolePanel role={viewed} onClose={() => setViewed(undefined)} />}
    </>
  );
}

function columnsOf(
  onView: (role: RoleDefinition) => void,
  onDelete: ((role: RoleDefinition) => void) | undefined,
): readonly Column<RoleDefinition>[] {
  return [
    { key: "name", title: text.name, width: "1.4fr", render: ({ properties }) => <bdi>{properties.roleName}</bdi> },
    {
      key: "description",
      title: wizard.description,
      width: "2fr",
      isMinor: true,
      render: ({ properties: { description } }) => (
        <bdi className="soft" title={description ?? undefined}>
          {description}
        </bdi>
      ),
    },
    {
      key: "type",
      title: wizard.roleType,
      width: "110px",
      isMinor: true,
      render: ({ properties }) => properties.type,
    },
    {
      key: "details",
      title: wizard.details,
      width: onDelete === undefined ? "90px" : "190px",
      render: (role) => (
        <>
          <Button
            appearance="transparent"
            label={wizard.viewRole(role.properties.roleName)}
            onClick={() => onView(role)}
          >
            {wizard.view}
          </Button>
          {onDelete !== undefined && role.properties.type === "CustomRole" ? (
            <Button appearance="transparent" label={text.roles.delete} onClick={() => onDelete(role)}>
              {text.roles.delete.split(" ")[0]}
            </Button>
          ) : undefined}
        </>
      ),
    },
  ];
}
