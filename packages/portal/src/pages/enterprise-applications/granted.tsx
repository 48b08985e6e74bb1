/** What an enterprise application was granted on other APIs. */
import { type GrantedPermission, listGranted } from "../../api/enterprise.ts";
import { useAction, useLoad } from "../../api/use-load.ts";
import { IconButton } from "../../components/button.tsx";
import { type Column, DetailsList } from "../../components/details-list.tsx";
import { EmptyState, ErrorMessage } from "../../components/message.tsx";
import { notify } from "../../shell/notifications.tsx";
import { enterprise } from "../../texts/directory.ts";

const { permissions: text } = enterprise;

export function Granted({ id }: { readonly id: string }) {
  const granted = useLoad(() => listGranted(id), [id]);
  const action = useAction();
  const revoke = async (permission: GrantedPermission) => {
    if (await action.run(permission.revoke)) notify(text.revoked, permission.value);
    granted.reload();
  };
  return (
    <>
      <p className="soft">{text.intro}</p>
      {action.error === undefined ? undefined : <ErrorMessage error={action.error} />}
      <DetailsList
        label={enterprise.sections.permissions}
        rows={granted.data ?? []}
        columns={columnsOf((permission) => void revoke(permission))}
        keyOf={({ key }) => key}
        isLoading={granted.isLoading}
        error={granted.error}
        empty={
          <EmptyState icon="shield" title={text.emptyTitle}>
            {text.emptyText}
          </EmptyState>
        }
      />
    </>
  );
}

function columnsOf(onRevoke: (permission: GrantedPermission) => void): readonly Column<GrantedPermission>[] {
  return [
    { key: "api", title: text.api, width: "1fr", isMinor: true, render: ({ apiName }) => <bdi>{apiName}</bdi> },
    { key: "permission", title: text.permission, width: "1.5fr", render: ({ value }) => <bdi>{value}</bdi> },
    { key: "kind", title: text.kind, width: "120px", isMinor: true, render: ({ kind }) => text[kind] },
    { key: "for", title: text.grantedFor, width: "120px", render: ({ grantedFor }) => text[grantedFor] },
    {
      key: "actions",
      title: text.revoke,
      isTitleHidden: true,
      width: "56px",
      render: (row) => <IconButton name={`${text.revoke} ${row.value}`} icon="delete" onClick={() => onRevoke(row)} />,
    },
  ];
}
