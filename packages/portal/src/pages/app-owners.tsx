/** The owners of one application. */
import { useState } from "react";
import { type Principal, principalOf } from "../api/access.ts";
import { type Application, type DirectoryObject, graph, graphAll } from "../api/graph.ts";
import { useAction, useLoad } from "../api/use-load.ts";
import { IconButton } from "../components/button.tsx";
import { CommandBar } from "../components/command-bar.tsx";
import { type Column, DetailsList } from "../components/details-list.tsx";
import { EmptyState, ErrorMessage } from "../components/message.tsx";
import { PrincipalName } from "../components/principal-name.tsx";
import { notify } from "../shell/notifications.tsx";
import { access } from "../texts/access.ts";
import { apps, owners as text } from "../texts/app-registrations.ts";
import { common } from "../texts/common.ts";
import { type MemberKind, SelectMembers } from "./access/select-members.tsx";
import { AppFrame, useApplication } from "./app-frame.tsx";
import type { PageProps } from "./routes.ts";

export default function AppOwners({ params }: PageProps) {
  const id = params.id!;
  const application = useApplication(id);
  return (
    <AppFrame id={id} application={application} section={apps.sections.owners}>
      {(app) => <OwnerList app={app} />}
    </AppFrame>
  );
}

/** Groups cannot own applications. */
const ownerKinds: readonly MemberKind[] = ["users", "servicePrincipals"];

function OwnerList({ app }: { readonly app: Application }) {
  const owners = useLoad(
    async () => (await graphAll<DirectoryObject>(`/applications/${app.id}/owners`)).map((one) => principalOf(one)),
    [app.id],
  );
  const [isAdding, setAdding] = useState(false);
  const action = useAction();
  const add = async (members: readonly Principal[]) => {
    setAdding(false);
    const addAll = async () => {
      for (const { id } of members) {
        const reference = { "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${id}` };
        await graph("POST", `/applications/${app.id}/owners/$ref`, reference);
      }
    };
    if (await action.run(addAll)) notify(text.added);
    owners.reload();
  };
  const remove = async ({ id, displayName }: Principal) => {
    if (await action.run(() => graph("DELETE", `/applications/${app.id}/owners/${id}/$ref`)))
      notify(text.removed, displayName);
    owners.reload();
  };
  return (
    <>
      <CommandBar
        label={common.commands}
        commands={[
          { key: "add", text: text.add, icon: "add", onClick: () => setAdding(true) },
          { key: "refresh", text: common.refresh, icon: "refresh", onClick: owners.reload },
        ]}
      />
      <p className="soft">{text.intro}</p>
      {action.error === undefined ? undefined : <ErrorMessage error={action.error} />}
      <DetailsList
        label={apps.sections.owners}
        rows={owners.data ?? []}
        columns={columnsOf((owner) => void remove(owner))}
        keyOf={({ id }) => id}
        isLoading={owners.isLoading}
        error={owners.error}
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
          kinds={ownerKinds}
          onClose={() => setAdding(false)}
          onSelect={(members) => void add(members)}
        />
      ) : undefined}
    </>
  );
}

function columnsOf(onRemove: (owner: Principal) => void): readonly Column<Principal>[] {
  return [
    {
      key: "name",
      title: text.name,
      width: "2fr",
      render: (owner) => <PrincipalName principal={owner} id={owner.id} />,
    },
    {
      key: "type",
      title: text.kind,
      width: "120px",
      render: ({ type }) => access.principalTypes[type] ?? type,
    },
    {
      key: "actions",
      title: common.remove,
      isTitleHidden: true,
      width: "56px",
      render: (owner) => (
        <IconButton
          name={`${common.remove} ${owner.displayName.slice(0, 120)}`}
          icon="delete"
          onClick={() => onRemove(owner)}
        />
      ),
    },
  ];
}
