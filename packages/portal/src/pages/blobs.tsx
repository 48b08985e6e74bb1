/** The blobs of one container: folders by the slashes in names, upload, download, properties, delete; all by the person's own rights. */
import { useState } from "react";
import { type BlobRow, deleteBlob, downloadBlob, listBlobs } from "../api/blobs.ts";
import { useAction, usePages } from "../api/use-load.ts";
import { Button, IconButton } from "../components/button.tsx";
import { type Column, DetailsList } from "../components/details-list.tsx";
import { ConfirmDialog } from "../components/dialog.tsx";
import { Icon } from "../components/icon.tsx";
import { EmptyState, ErrorMessage } from "../components/message.tsx";
import { formatSize } from "../components/size.ts";
import { formatTime } from "../components/time.ts";
import { Link } from "../router/link.tsx";
import { useQueryValue } from "../router/location.ts";
import { notify } from "../shell/notifications.tsx";
import { blobs as text } from "../texts/blobs.ts";
import { common } from "../texts/common.ts";
import { BlobPanel } from "./blobs/blob-panel.tsx";
import { FolderPath } from "./blobs/folder-path.tsx";
import { saveFile } from "./blobs/save-file.ts";
import { UploadPanel } from "./blobs/upload-panel.tsx";
import { PlaceFrame } from "./place-frame.tsx";
import { type Place, placeOf } from "./places.ts";
import type { PageProps } from "./routes.ts";

export default function Blobs({ params }: PageProps) {
  const place = placeOf(params);
  const account = params.account!;
  const container = place.name;
  const [prefix] = useQueryValue("prefix");
  const [shown, setShown] = useQueryValue("blob");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [opened, setOpened] = useState<"upload" | "delete">();
  // Files that were dropped onto the list: the panel begins with them.
  const [dropped, setDropped] = useState<readonly File[]>([]);
  const list = usePages<BlobRow>(
    (marker) => listBlobs(account, container, prefix, marker),
    [account, container, prefix],
  );
  const download = useAction();
  const save = async (name: string) => {
    const fetched = await download.run(async () => saveFile(await downloadBlob(account, container, name), name));
    if (fetched) notify(text.downloaded, name);
  };
  const selected = list.items.filter(({ kind, name }) => kind === "blob" && chosen.has(name)).map(({ name }) => name);
  const upload = (files: readonly File[]) => {
    setDropped(files);
    setOpened("upload");
  };
  return (
    <PlaceFrame
      place={place}
      commands={[
        { key: "upload", text: text.upload, icon: "upload", onClick: () => upload([]) },
        { key: "refresh", text: common.refresh, icon: "refresh", onClick: list.reload },
        {
          key: "delete",
          text: common.delete,
          icon: "delete",
          isDisabled: selected.length === 0,
          onClick: () => setOpened("delete"),
        },
      ]}
    >
      <FolderPath base={place.base} container={container} prefix={prefix} />
      {download.error === undefined ? undefined : <ErrorMessage error={download.error} />}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the button "Upload" does the same by keyboard */}
      <div
        className="drop-place"
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          upload([...event.dataTransfer.files]);
        }}
      >
        <DetailsList
          label={text.root}
          rows={list.items}
          columns={columnsOf(place, prefix, { onOpen: setShown, onDownload: (name) => void save(name) })}
          keyOf={({ name }) => name}
          selection={{ keys: chosen, onChange: setChosen, labelOf: (name) => text.selectBlob(shorten(name, prefix)) }}
          isLoading={list.isLoading}
          error={list.error}
          onMore={list.more}
          empty={<Nothing place={place} onUpload={() => upload([])} />}
        />
      </div>
      {opened === "upload" ? (
        <UploadPanel
          account={account}
          container={container}
          prefix={prefix}
          initial={dropped}
          onUploaded={list.reload}
          onClose={() => setOpened(undefined)}
        />
      ) : undefined}
      {opened === "delete" ? (
        <DeleteBlobs
          names={selected}
          onDelete={(name) => deleteBlob(account, container, name)}
          onClose={(isDone) => {
            setOpened(undefined);
            if (isDone) setChosen(new Set());
            list.reload();
          }}
        />
      ) : undefined}
      {shown === "" ? undefined : (
        <BlobPanel
          account={account}
          container={container}
          name={shown}
          onClose={() => setShown("")}
          onDownload={() => void save(shown)}
        />
      )}
    </PlaceFrame>
  );
}

function Nothing({ place, onUpload }: { readonly place: Place; readonly onUpload: () => void }) {
  return (
    <EmptyState
      icon="storage"
      title={text.empty}
      action={
        <>
          <Button appearance="primary" icon="upload" onClick={onUpload}>
            {text.upload}
          </Button>
          <Link to={`${place.base}/access-control?tab=assignments`}>{text.whoMay}</Link>
        </>
      }
    >
      {text.emptyText}
    </EmptyState>
  );
}

/** Longest name that a button repeats, in characters. */
const maxLabelChars = 120;

function shorten(name: string, prefix: string): string {
  return name.slice(prefix.length).slice(0, maxLabelChars);
}

function columnsOf(
  place: Place,
  prefix: string,
  actions: { readonly onOpen: (name: string) => void; readonly onDownload: (name: string) => void },
): readonly Column<BlobRow>[] {
  return [
    {
      key: "name",
      title: text.name,
      width: "2.5fr",
      render: ({ kind, name }) => {
        const query = new URLSearchParams(kind === "folder" ? { prefix: name } : { prefix, blob: name });
        return (
          <Link to={`${place.base}?${query}`} className="link blob-name">
            <Icon name={kind === "folder" ? "group" : "file"} />
            <bdi>{kind === "folder" ? name.slice(prefix.length, -1) : name.slice(prefix.length)}</bdi>
          </Link>
        );
      },
    },
    {
      key: "modified",
      title: text.lastModified,
      width: "180px",
      isMinor: true,
      render: ({ lastModified }) => formatTime(lastModified),
    },
    {
      key: "type",
      title: text.type,
      width: "1fr",
      isMinor: true,
      render: ({ kind, contentType }) => (kind === "folder" ? text.folder : <bdi>{contentType}</bdi>),
    },
    {
      key: "size",
      title: text.size,
      width: "96px",
      render: ({ kind, sizeBytes }) => (kind === "folder" ? "-" : formatSize(sizeBytes)),
    },
    {
      key: "download",
      title: text.download,
      isTitleHidden: true,
      width: "56px",
      render: ({ kind, name }) =>
        kind === "folder" ? undefined : (
          <IconButton
            name={text.downloadOf(shorten(name, prefix))}
            icon="download"
            onClick={() => actions.onDownload(name)}
          />
        ),
    },
  ];
}

function DeleteBlobs(props: {
  readonly names: readonly string[];
  readonly onDelete: (name: string) => Promise<void>;
  readonly onClose: (isDone: boolean) => void;
}) {
  const { names } = props;
  const action = useAction();
  const confirm = async () => {
    const deleteAll = async () => {
      for (const name of names) await props.onDelete(name);
    };
    if (!(await action.run(deleteAll))) return;
    notify(text.deleted(names.length));
    props.onClose(true);
  };
  return (
    <ConfirmDialog
      title={text.deleteTitle(names.length)}
      action={common.delete}
      isBusy={action.isBusy}
      error={action.error}
      onConfirm={() => void confirm()}
      onClose={() => props.onClose(false)}
    >
      <p>{text.deleteText(names.length)}</p>
      <ul className="operations">
        {names.slice(0, maxNamesShown).map((name) => (
          <li key={name}>
            <bdi>{name}</bdi>
          </li>
        ))}
      </ul>
    </ConfirmDialog>
  );
}

/** Names read out before deleting. */
const maxNamesShown = 20;
