/** The role assignments that count at a place, grouped by role; those made above it are marked with where. */
import { useState } from "react";
import {
  deleteAssignment,
  listAssignments,
  listRoles,
  namePrincipals,
  type Principal,
  roleGuidOf,
} from "../../api/access.ts";
import { partsOfId, portalPathOf, type RoleAssignment, type RoleDefinition } from "../../api/arm.ts";
import { useAction, useLoad } from "../../api/use-load.ts";
import { Button } from "../../components/button.tsx";
import { CommandBar } from "../../components/command-bar.tsx";
import { type Column, DetailsList } from "../../components/details-list.tsx";
import { ConfirmDialog, Dialog } from "../../components/dialog.tsx";
import { SearchField } from "../../components/form.tsx";
import { EmptyState } from "../../components/message.tsx";
import { PrincipalName } from "../../components/principal-name.tsx";
import { Link } from "../../router/link.tsx";
import { notify } from "../../shell/notifications.tsx";
import { access as text } from "../../texts/access.ts";
import { common } from "../../texts/common.ts";
import { kindOfScope, type Place } from "../places.ts";

/** One row: an assignment with its names, or the head of a role's group. */
type Row =
  | { readonly kind: "group"; readonly key: string; readonly roleName: string; readonly count: number }
  | {
      readonly kind: "assignment";
      readonly key: string;
      readonly assignment: RoleAssignment;
      readonly roleName: string;
      readonly principal: Principal | undefined;
      readonly isInherited: boolean;
    };

type AssignmentRow = Extract<Row, { kind: "assignment" }>;

async function loadRows(scope: string): Promise<readonly AssignmentRow[]> {
  const [assignments, roles] = await Promise.all([listAssignments(scope), listRoles(scope)]);
  const names = new Map(roles.map((role): [string, RoleDefinition] => [role.name.toLowerCase(), role]));
  const principals = await namePrincipals(assignments.map(({ properties }) => properties.principalId)).catch(
    () => new Map<string, Principal>(),
  );
  return assignments.map((assignment) => {
    const { roleDefinitionId, principalId, scope: at } = assignment.properties;
    return {
      kind: "assignment",
      key: assignment.id,
      assignment,
      roleName: names.get(roleGuidOf(roleDefinitionId))?.properties.roleName ?? text.unknownRole,
      principal: principals.get(principalId),
      isInherited: at.toLowerCase() !== scope.toLowerCase(),
    };
  });
}

/** Rows that hold the words, each role's under a head of its own, by name. */
export function groupRows(rows: readonly AssignmentRow[], words: string): readonly Row[] {
  const wanted = words.trim().toLowerCase();
  const kept = rows.filter(({ roleName, principal, assignment }) =>
    [roleName, principal?.displayName ?? "", principal?.detail ?? "", assignment.properties.principalId].some((one) =>
      one.toLowerCase().includes(wanted),
    ),
  );
  const byRole = Map.groupBy(kept, ({ roleName }) => roleName);
  const roles = [...byRole.keys()].sort((a, b) => a.localeCompare(b, "en"));
  return roles.flatMap((roleName): Row[] => {
    const group = byRole.get(roleName)!;
    return [{ kind: "group", key: `role ${roleName}`, roleName, count: group.length }, ...group];
  });
}

export function RoleAssignments({ place }: { readonly place: Place }) {
  const loaded = useLoad(() => loadRows(place.scope), [place.scope]);
  const [words, setWords] = useState("");
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [shownCondition, setShownCondition] = useState<string>();
  const [isRemoving, setRemoving] = useState(false);
  const all = loaded.data ?? [];
  const rows = groupRows(all, words);
  const removable = all.filter(({ key, isInherited }) => selected.has(key) && !isInherited);
  const labelOf = (key: string) => `${text.selectAssignment}: ${nameOf(all.find((row) => row.key === key))}`;
  return (
    <>
      <CommandBar
        label={text.tabs.assignments}
        commands={[
          {
            key: "remove",
            text: common.remove,
            icon: "delete",
            isDisabled: removable.length === 0,
            onClick: () => setRemoving(true),
          },
          { key: "refresh", text: common.refresh, icon: "refresh", onClick: loaded.reload },
        ]}
      />
      <div className="tools">
        <SearchField label={text.filterAssignments} value={words} onChange={setWords} />
        <span className="soft">{text.assignmentCount(all.length)}</span>
      </div>
      <DetailsList
        label={text.tabs.assignments}
        rows={rows}
        columns={columnsOf(setShownCondition)}
        keyOf={({ key }) => key}
        groupOf={(row) => (row.kind === "group" ? `${row.roleName} (${row.count})` : undefined)}
        selection={{ keys: selected, onChange: setSelected, labelOf }}
        isLoading={loaded.isLoading}
        error={loaded.error}
        empty={
          words === "" ? (
            <EmptyState icon="shield" title={text.emptyAssignments}>
              {text.emptyAssignmentsText}
            </EmptyState>
          ) : (
            <EmptyState icon="search" title={text.noMatch} />
          )
        }
      />
      {shownCondition === undefined ? undefined : (
        <Dialog title={text.condition} onClose={() => setShownCondition(undefined)}>
          <pre className="code-input wrap-text">{shownCondition}</pre>
        </Dialog>
      )}
      {isRemoving ? (
        <RemoveDialog
          rows={removable}
          hasInherited={removable.length < selected.size}
          onClose={() => setRemoving(false)}
          onRemoved={() => {
            setRemoving(false);
            setSelected(new Set());
            loaded.reload();
          }}
        />
      ) : undefined}
    </>
  );
}

function nameOf(row: AssignmentRow | undefined): string {
  return row === undefined
    ? ""
    : `${row.principal?.displayName ?? row.assignment.properties.principalId}, ${row.roleName}`;
}

function columnsOf(onShowCondition: (condition: string) => void): readonly Column<Row>[] {
  const column = (
    key: string,
    title: string,
    width: string,
    render: (row: AssignmentRow) => React.ReactNode,
    isMinor = false,
  ): Column<Row> => ({
    key,
    title,
    width,
    isMinor,
    render: (row) => (row.kind === "assignment" ? render(row) : undefined),
  });
  return [
    column("name", text.name, "2fr", ({ principal, assignment }) => (
      <PrincipalName principal={principal} id={assignment.properties.principalId} />
    )),
    column(
      "type",
      text.type,
      "90px",
      ({ assignment }) =>
        text.principalTypes[assignment.properties.principalType] ?? assignment.properties.principalType,
      true,
    ),
    column("role", text.role, "1.6fr", ({ roleName }) => roleName),
    column("scope", text.scope, "1.4fr", (row) => <ScopeCell row={row} />, true),
    column(
      "condition",
      text.condition,
      "100px",
      ({ assignment: { properties } }) =>
        properties.condition ? (
          <Button appearance="transparent" onClick={() => onShowCondition(properties.condition!)}>
            {text.viewCondition}
          </Button>
        ) : (
          text.none
        ),
      true,
    ),
  ];
}

function ScopeCell({ row: { isInherited, assignment } }: { readonly row: AssignmentRow }) {
  if (!isInherited) return <>{text.thisResource}</>;
  const { scope } = assignment.properties;
  const place = portalPathOf(scope);
  const words = text.inherited(kindOfScope(scope));
  return place === "/portal" || partsOfId(scope).subscriptionId === "" ? (
    <span title={scope}>{words}</span>
  ) : (
    <Link to={`${place}/access-control`}>{words}</Link>
  );
}

function RemoveDialog(props: {
  readonly rows: readonly AssignmentRow[];
  readonly hasInherited: boolean;
  readonly onClose: () => void;
  readonly onRemoved: () => void;
}) {
  const { rows, hasInherited, onClose, onRemoved } = props;
  const action = useAction();
  const confirm = async () => {
    const removeAll = async () => {
      for (const { assignment } of rows) await deleteAssignment(assignment.id);
    };
    if (!(await action.run(removeAll))) return;
    notify(text.removed);
    onRemoved();
  };
  return (
    <ConfirmDialog
      title={text.removeTitle}
      action={common.remove}
      isBusy={action.isBusy}
      error={action.error}
      onConfirm={() => void confirm()}
      onClose={onClose}
    >
      <p>{text.removeText(rows.length)}</p>
      {hasInherited ? <p className="soft">{text.removeInherited}</p> : undefined}
    </ConfirmDialog>
  );
}
