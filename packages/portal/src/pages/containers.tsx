/** The containers of one storage account, by the person's own rights on its data. */
import { useState } from "react";
import { type Container, deleteContainer, listContainers } from "../api/blobs.ts";
import { useAction, usePages } from "../api/use-load.ts";
import { Button, IconButton } from "../components/button.tsx";
import { type Column, DetailsList } from "../components/details-list.tsx";
import { ConfirmDialog } from "../components/dialog.tsx";
import { SearchField } from "../components/form.tsx";
import { Icon } from "../components/icon.tsx";
import { EmptyState } from "../components/message.tsx";
import { formatTime } from "../components/time.ts";
import { Link } from "../router/link.tsx";
import { notify } from "../shell/notifications.tsx";
import { blobs as text } from "../texts/blobs.ts";
import { common } from "../texts/common.ts";
import { NewContainer } from "./containers/new-container.tsx";
import { PlaceFrame } from "./place-frame.tsx";
import { placeOf } from "./places.ts";
import type { PageProps } from "./routes.ts";

export default function Containers({ params }: PageProps) {
  const place = placeOf(params);
  const account = place.name;
  const base = `${place.base}/containers`;
  const list = usePages<Container>((marker) => listContainers(account, marker), [account]);
  const [words, setWords] = useState("");
  const [isCreating, setCreating] = useState(false);
  const [doomed, setDoomed] = useState<Container>();
  const action = useAction();
  const rows = list.items.filter(({ name }) => name.includes(words.trim().toLowerCase()));
  const remove = async ({ name }: Container) => {
    if (!(await action.run(() => deleteContainer(account, name)))) return;
    notify(text.containerDeleted, name);
    setDoomed(undefined);
    list.reload();
  };
  return (
    <PlaceFrame
      place={place}
      section={text.containers}
      commands={[
        { key: "create", text: text.newContainer, icon: "add", onClick: () => setCreating(true) },
        { key: "refresh", text: common.refresh, icon: "refresh", onClick: list.reload },
      ]}
    >
      <div className="tools">
        <SearchField label={text.filter} value={words} onChange={setWords} />
      </div>
      <DetailsList
        label={text.containers}
        rows={rows}
        columns={columnsOf(base, setDoomed)}
        keyOf={({ name }) => name}
        isLoading={list.isLoading}
        error={list.error}
        onMore={list.more}
        empty={<Nothing isFiltered={words !== ""} onCreate={() => setCreating(true)} />}
      />
      {isCreating ? (
        <NewContainer
          account={account}
          accountScope={place.scope}
          onClose={() => setCreating(false)}
          onCreated={() => {
            setCreating(false);
            list.reload();
          }}
        />
      ) : undefined}
      {doomed === undefined ? undefined : (
        <ConfirmDialog
          title={text.deleteContainer}
          action={common.delete}
          isBusy={action.isBusy}
          error={action.error}
          onConfirm={() => void remove(doomed)}
          onClose={() => {
            setDoomed(undefined);
            action.clear();
          }}
        >
          <p>{text.deleteContainerText(doomed.name)}</p>
        </ConfirmDialog>
      )}
    </PlaceFrame>
  );
}

function Nothing({ isFiltered, onCreate }: { readonly isFiltered: boolean; readonly onCreate: () => void }) {
  if (isFiltered) return <EmptyState icon="search" title={text.noMatch} />;
  return (
    <EmptyState
      icon="group"
      title={text.emptyContainers}
      action={
        <Button appearance="primary" icon="add" onClick={onCreate}>
          {text.create.title}
        </Button>
      }
    >
      {text.emptyContainersText}
    </EmptyState>
  );
}

function columnsOf(base: string, onDelete: (container: Container) => void): readonly Column<Container>[] {
  return [
    { key: "name", title: text.name, width: "2fr", render: ({ name }) => <Link to={`${base}/${name}`}>{name}</Link> },
    {
      key: "modified",
      title: text.lastModified,
      width: "190px",
      isMinor: true,
      render: ({ lastModified }) => formatTime(lastModified),
    },
    {
      key: "access",
      title: text.publicAccess,
      width: "190px",
      isMinor: true,
      render: ({ publicAccess }) => text.shortLevels[publicAccess],
    },
    { key: "lease", title: text.lease, width: "120px", isMinor: true, render: ({ leaseState }) => leaseState },
    {
      key: "iam",
      title: text.accessControl,
      width: "56px",
      isTitleHidden: true,
      render: ({ name }) => (
        <Link to={`${base}/${name}/access-control`} className="icon-button">
          <span className="hidden">{text.accessOf(name)}</span>
          <Icon name="shield" />
        </Link>
      ),
    },
    {
      key: "delete",
      title: common.delete,
      width: "56px",
      isTitleHidden: true,
      render: (row) => <IconButton name={text.deleteOf(row.name)} icon="delete" onClick={() => onDelete(row)} />,
    },
  ];
}
