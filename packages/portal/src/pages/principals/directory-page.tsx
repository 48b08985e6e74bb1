/** A list of the directory: all, and those deleted, which can be restored. */
import { type ReactNode, useState } from "react";
import { graph, graphPage, searchClause } from "../../api/graph.ts";
import { type LoadedPages, useAction, usePages, useRested } from "../../api/use-load.ts";
import { Blade } from "../../components/blade.tsx";
import { IconButton } from "../../components/button.tsx";
import type { Command } from "../../components/command-bar.tsx";
import { type Column, DetailsList } from "../../components/details-list.tsx";
import { ConfirmDialog } from "../../components/dialog.tsx";
import { SearchField } from "../../components/form.tsx";
import type { IconName } from "../../components/icon.tsx";
import { EmptyState, ErrorMessage } from "../../components/message.tsx";
import { Tabs } from "../../components/tabs.tsx";
import { formatDate } from "../../components/time.ts";
import { useQueryValue } from "../../router/location.ts";
import { notify } from "../../shell/notifications.tsx";
import { common } from "../../texts/common.ts";
import { directory as text } from "../../texts/directory.ts";

export type DirectoryRow = {
  readonly id: string;
  readonly displayName: string;
  readonly deletedDateTime?: string | null;
};

/** Rows asked for at once: a screenful several times over, and quickly read. */
const rowsAtOnce = 200;
/** Longest name that a button repeats, in characters. */
const maxLabelChars = 120;

export type DirectoryPageProps<Row> = {
  readonly title: string;
  readonly icon: IconName;
  /** The collection, with its `$select` and what else narrows it. */
  readonly source: string;
  /** The collection's type below `/directory/deletedItems`. */
  readonly deletedType: "user" | "group" | "servicePrincipal";
  readonly filterLabel: string;
  readonly columns: readonly Column<Row>[];
  readonly commands: readonly Command[];
  /** What stands there when nothing is. */
  readonly empty: ReactNode;
  /** Beside the search. */
  readonly tools?: ReactNode;
  /** Panels; given what asks for the list anew. */
  readonly children?: (reload: () => void) => ReactNode;
};

export function DirectoryPage<Row extends DirectoryRow>(props: DirectoryPageProps<Row>) {
  const [tabValue, setTab] = useQueryValue("tab");
  const isDeleted = tabValue === "deleted";
  const [words, setWords] = useState("");
  const rested = useRested(words.trim());
  const source = isDeleted
    ? `/directory/deletedItems/microsoft.graph.${props.deletedType}?$select=id,displayName,deletedDateTime`
    : `${props.source}&$orderby=displayName`;
  const search = rested === "" ? "" : `&${searchClause(rested)}`;
  const first = `${source}&$top=${rowsAtOnce}&$count=true${search}`;
  const list = usePages<Row>((next) => graphPage(next ?? first), [first]);
  const commands: Command[] = [
    ...props.commands,
    { key: "refresh", text: common.refresh, icon: "refresh", onClick: list.reload },
  ];
  return (
    <Blade title={props.title} icon={props.icon} commands={commands}>
      <Tabs
        label={props.title}
        tabs={[
          { key: "all", text: text.tabs.all },
          { key: "deleted", text: text.tabs.deleted },
        ]}
        current={isDeleted ? "deleted" : "all"}
        onChange={(key) => setTab(key === "all" ? "" : key)}
      >
        <div className="tools">
          <SearchField label={props.filterLabel} value={words} onChange={setWords} />
          {isDeleted ? undefined : props.tools}
        </div>
        {isDeleted ? (
          <DeletedRows list={list} />
        ) : (
          <DetailsList
            label={props.title}
            rows={list.items}
            columns={props.columns}
            keyOf={({ id }) => id}
            isLoading={list.isLoading}
            error={list.error}
            onMore={list.more}
            total={list.total}
            empty={rested === "" ? props.empty : <EmptyState icon="search" title={text.emptyFiltered} />}
          />
        )}
      </Tabs>
      {props.children?.(list.reload)}
    </Blade>
  );
}

function DeletedRows({ list }: { readonly list: LoadedPages<DirectoryRow> }) {
  const [doomed, setDoomed] = useState<DirectoryRow>();
  const action = useAction();
  const change = async (method: string, { id, displayName }: DirectoryRow, below: string, done: string) => {
    if (!(await action.run(() => graph(method, `/directory/deletedItems/${id}${below}`)))) return;
    setDoomed(undefined);
    notify(done, displayName);
    list.reload();
  };
  const columns: readonly Column<DirectoryRow>[] = [
    { key: "name", title: text.displayName, width: "2fr", render: ({ displayName }) => <bdi>{displayName}</bdi> },
    {
      key: "deleted",
      title: text.deletedOn,
      width: "110px",
      isMinor: true,
      render: ({ deletedDateTime }) => formatDate(deletedDateTime),
    },
    {
      key: "actions",
      title: common.commands,
      isTitleHidden: true,
      width: "88px",
      render: (row) => (
        <>
          <IconButton
            name={`${text.restore} ${row.displayName.slice(0, maxLabelChars)}`}
            icon="restore"
            onClick={() => void change("POST", row, "/restore", text.restored)}
          />
          <IconButton
            name={`${text.forever} ${row.displayName.slice(0, maxLabelChars)}`}
            icon="delete"
            onClick={() => setDoomed(row)}
          />
        </>
      ),
    },
  ];
  return (
    <>
      {action.error === undefined || doomed !== undefined ? undefined : <ErrorMessage error={action.error} />}
      <DetailsList
        label={text.tabs.deleted}
        rows={list.items}
        columns={columns}
        keyOf={({ id }) => id}
        isLoading={list.isLoading}
        error={list.error}
        onMore={list.more}
        empty={
          <EmptyState icon="delete" title={text.emptyDeleted}>
            {text.emptyDeletedText}
          </EmptyState>
        }
      />
      {doomed === undefined ? undefined : (
        <ConfirmDialog
          title={text.forever}
          action={text.forever}
          isBusy={action.isBusy}
          error={action.error}
          onConfirm={() => void change("DELETE", doomed, "", text.foreverDone)}
          onClose={() => {
            setDoomed(undefined);
            action.clear();
          }}
        >
          <p>
            <bdi>{text.foreverText(doomed.displayName)}</bdi>
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}
