/** The blobs of one container: folders by the slashes in names, upload, download, properties, delete; all by the person's own rights. */
import { useState } from "react";
import { type BlobRow, deleteBlob, downloadBlob, listBlobs } from "../api/blobs.ts";
import { type LoadedPages, useAction, usePages } from "../api/use-load.ts";
import { Button, IconButton } from "../components/button.tsx";
import type { Command } from "../components/command-bar.tsx";
import { type Column, DetailsList } from "../components/details-list.tsx";
import { ConfirmDialog } from "../components/dialog.tsx";
import { DropPlace } from "../components/drop-place.tsx";
import { Icon } from "../components/icon.tsx";
import { EmptyState, ErrorMessage } from "../components/message.tsx";
import { shortName } from "../components/short-name.ts";
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

/** Which panel is open. Files that were dropped onto the list are what the upload begins with. */
type Opened = { readonly kind: "upload"; readonly files: readonly File[] } | { readonly kind: "delete" };

export default function Blobs({ params }: PageProps) {
  const place = placeOf(params);
  const account = params.account!;
  const container = place.name;
  const [prefix] = useQueryValue("prefix");
  const [shown, setShown] = useQueryValue("blob");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [opened, setOpened] = useState<Opened>();
  const list = usePages<BlobRow>(
    (marker) => listBlobs(account, container, prefix, marker),
    [account, container, prefix],
  );
  const { save, error } = useSave(account, container);
  const selected = list.items.filter(({ kind, name }) => kind === "blob" && chosen.has(name)).map(({ name }) => name);
  const upload = (files: readonly File[]) => setOpened({ kind: "upload", files });
  return (
    <PlaceFrame
      place={place}
      commands={commandsOf({
        onUpload: () => upload([]),
        onRefresh: list.reload,
        onDelete: selected.length === 0 ? undefined : () => setOpened({ kind: "delete" }),
      })}
    >
      <FolderPath base={place.base} container={container} prefix={prefix} />
      {error === undefined ? undefined : <ErrorMessage error={error} />}
      <BlobList
        place={place}
        prefix={prefix}
        list={list}
        selection={{ keys: chosen, onChange: setChosen }}
        onOpen={setShown}
        onDownload={(name) => void save(name)}
        onUpload={upload}
      />
      {opened?.kind === "upload" ? (
        <UploadPanel
          account={account}
          container={container}
          prefix={prefix}
          initial={opened.files}
          onUploaded={list.reload}
          onClose={() => setOpened(undefined)}
        />
      ) : undefined}
      {opened?.kind === "delete" ? (
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

/** @param onDelete undefined where nothing is chosen. */
function commandsOf(on: {
  readonly onUpload: () => void;
  readonly onRefresh: () => void;
  readonly onDelete: (() => void) | undefined;
}): readonly Command[] {
  const { onUpload, onRefresh, onDelete = () => undefined } = on;
  return [
    { key: "upload", text: text.upload, icon: "upload", onClick: onUpload },
    { key: "refresh", text: common.refresh, icon: "refresh", onClick: onRefresh },
    { key: "delete", text: common.delete, icon: "delete", isDisabled: on.onDelete === undefined, onClick: onDelete },
  ];
}

/** Saves a blob as a file, and says so. */
function useSave(account: string, container: string) {
  const { run, error } = useAction();
  const save = async (name: string) => {
    const isSaved = await run(async () => saveFile(await downloadBlob(account, container, name), name));
    if (isSaved) notify(text.downloaded, name);
  };
  return { save, error };
}

function BlobList(props: {
  readonly place: Place;
  readonly prefix: string;
  readonly list: LoadedPages<BlobRow>;
  readonly selection: {
    readonly keys: ReadonlySet<string>;
    readonly onChange: (keys: ReadonlySet<string>) => void;
  };
  readonly onOpen: (name: string) => void;
  readonly onDownload: (name: string) => void;
  readonly onUpload: (files: readonly File[]) => void;
}) {
  const { place, prefix, list, selection, onOpen, onDownload, onUpload } = props;
  return (
    <DropPlace className="drop-place" onFiles={onUpload}>
      <DetailsList
        label={text.root}
        rows={list.items}
        columns={columnsOf(place, prefix, { onOpen, onDownload })}
        keyOf={({ name }) => name}
        selection={{ ...selection, labelOf: (name) => text.selectBlob(shorten(name, prefix)) }}
        isLoading={list.isLoading}
        error={list.error}
        onMore={list.more}
        empty={<Nothing place={place} onUpload={() => onUpload([])} />}
      />
    </DropPlace>
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

function shorten(name: string, prefix: string): string {
  return shortName(name.slice(prefix.length));
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
