/** API permissions of one application: what it asks for, what is granted, and granting it for everyone. */
import { useState } from "react";
import { grantAll, loadPermissions, type Permission, setPermissions, withoutPermission } from "../api/consent.ts";
import type { Application } from "../api/graph.ts";
import { useAction, useLoad } from "../api/use-load.ts";
import { IconButton } from "../components/button.tsx";
import { CommandBar } from "../components/command-bar.tsx";
import { type Column, DetailsList } from "../components/details-list.tsx";
import { ConfirmDialog } from "../components/dialog.tsx";
import { EmptyState, ErrorMessage } from "../components/message.tsx";
import { notify } from "../shell/notifications.tsx";
import { apps, permissions as text } from "../texts/app-registrations.ts";
import { common } from "../texts/common.ts";
import { AppFrame, useApplication } from "./app-frame.tsx";
import { AddPermissions } from "./permissions/add-permissions.tsx";
import type { PageProps } from "./routes.ts";

export default function AppPermissions({ params }: PageProps) {
  const id = params.id!;
  const application = useApplication(id);
  return (
    <AppFrame id={id} application={application} section={apps.sections.permissions}>
      {(app) => <PermissionList app={app} onChange={application.reload} />}
    </AppFrame>
  );
}

type Row = { readonly kind: "api"; readonly key: string; readonly name: string } | Permission;

function PermissionList({ app, onChange }: { readonly app: Application; readonly onChange: () => void }) {
  const loaded = useLoad(() => loadPermissions(app), [app]);
  const [opened, setOpened] = useState<"add" | "grant">();
  const action = useAction();
  const list = loaded.data?.list ?? [];
  const remove = async (permission: Permission) => {
    const rest = withoutPermission(app.requiredResourceAccess, permission);
    if (!(await action.run(() => setPermissions(app, rest)))) return;
    notify(text.removed, permission.value ?? "");
    onChange();
  };
  const isGrantable = loaded.data?.principal !== undefined && list.some(({ isGranted }) => !isGranted);
  return (
    <>
      <CommandBar
        label={common.commands}
        commands={[
          { key: "add", text: text.add, icon: "add", onClick: () => setOpened("add") },
          {
            key: "grant",
            text: text.grant,
            icon: "check",
            isDisabled: !isGrantable,
            onClick: () => setOpened("grant"),
          },
          { key: "refresh", text: common.refresh, icon: "refresh", onClick: loaded.reload },
        ]}
      />
      <p className="soft">{text.intro}</p>
      {action.error === undefined ? undefined : <ErrorMessage error={action.error} />}
      <DetailsList
        label={apps.sections.permissions}
        rows={rowsOf(list)}
        columns={columnsOf((permission) => void remove(permission))}
        keyOf={({ key }) => key}
        groupOf={(row) => (row.kind === "api" ? row.name : undefined)}
        isLoading={loaded.isLoading}
        error={loaded.error}
        empty={
          <EmptyState icon="shield" title={text.emptyTitle}>
            {text.emptyText}
          </EmptyState>
        }
      />
      {opened === "add" ? (
        <AddPermissions
          app={app}
          onClose={() => setOpened(undefined)}
          onAdded={() => {
            setOpened(undefined);
            onChange();
          }}
        />
      ) : undefined}
      {opened === "grant" && loaded.data !== undefined ? (
        <GrantDialog
          app={app}
          permissions={loaded.data}
          onGranted={() => {
            setOpened(undefined);
            loaded.reload();
          }}
          onClose={() => setOpened(undefined)}
        />
      ) : undefined}
    </>
  );
}

/** Each API's permissions below its name. */
function rowsOf(list: readonly Permission[]): Row[] {
  return [...Map.groupBy(list, ({ apiName }) => apiName)].flatMap(([name, permissions]) => [
    { kind: "api", key: `api ${name}`, name },
    ...permissions,
  ]);
}

function GrantDialog(props: {
  readonly app: Application;
  readonly permissions: Parameters<typeof grantAll>[0];
  readonly onGranted: () => void;
  readonly onClose: () => void;
}) {
  const { app, permissions, onGranted, onClose } = props;
  const action = useAction();
  const grant = async () => {
    if (!(await action.run(() => grantAll(permissions)))) return;
    notify(text.grantDone, app.displayName);
    onGranted();
  };
  return (
    <ConfirmDialog
      title={text.grant}
      action={text.grant}
      isBusy={action.isBusy}
      error={action.error}
      onConfirm={() => void grant()}
      onClose={onClose}
    >
      <p>{text.grantText}</p>
    </ConfirmDialog>
  );
}

function columnsOf(onRemove: (permission: Permission) => void): readonly Column<Row>[] {
  const of = (render: (permission: Permission) => React.ReactNode) => (row: Row) =>
    row.kind === "api" ? undefined : render(row);
  return [
    { key: "name", title: text.api, width: "1.5fr", render: of(({ value, id }) => <bdi>{value ?? id}</bdi>) },
    {
      key: "type",
      title: text.type,
      width: "110px",
      isMinor: true,
      render: of(({ kind }) => (kind === "Scope" ? text.delegated : text.application)),
    },
    {
      key: "description",
      title: text.description,
      width: "2fr",
      isMinor: true,
      render: of(({ description, value }) => <bdi>{value === undefined ? text.unknown : description}</bdi>),
    },
    {
      key: "status",
      title: text.status,
      width: "130px",
      render: of(({ isGranted }) => (
        <fluent-badge appearance="tint" color={isGranted ? "success" : "warning"}>
          {isGranted ? text.granted : text.notGranted}
        </fluent-badge>
      )),
    },
    {
      key: "actions",
      title: common.remove,
      isTitleHidden: true,
      width: "56px",
      render: of((row) => (
        <IconButton name={`${common.remove} ${row.value ?? row.id}`} icon="delete" onClick={() => onRemove(row)} />
      )),
    },
  ];
}
