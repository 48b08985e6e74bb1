/** What was deleted of a kind: restored, or deleted for good. */
import { useState } from "react";
import { graph } from "../../api/graph.ts";
import { type LoadedPages, useAction } from "../../api/use-load.ts";
import { IconButton } from "../../components/button.tsx";
import { type Column, DetailsList } from "../../components/details-list.tsx";
import { EmptyState, ErrorMessage } from "../../components/message.tsx";
import { shortName } from "../../components/short-name.ts";
import { formatDate } from "../../components/time.ts";
import { DeleteDialog } from "../../shell/delete-dialog.tsx";
import { notify } from "../../shell/notifications.tsx";
import { common } from "../../texts/common.ts";
import { directory as text } from "../../texts/directory.ts";

export type DeletedRow = {
  readonly id: string;
  readonly displayName: string;
  readonly deletedDateTime?: string | null;
};

export function restoreObject({ id }: DeletedRow): Promise<void> {
  return graph("POST", `/directory/deletedItems/${id}/restore`);
}

export function DeletedRows<Row extends DeletedRow>(props: {
  readonly label: string;
  readonly list: LoadedPages<Row>;
  /** Behind the name. */
  readonly columns?: readonly Column<Row>[];
  readonly emptyText?: string;
  readonly restore?: (row: Row) => Promise<void>;
}) {
  const { list, restore = restoreObject } = props;
  const [doomed, setDoomed] = useState<Row>();
  const action = useAction();
  const bringBack = async (row: Row) => {
    if (!(await action.run(() => restore(row)))) return;
    notify(text.restored, row.displayName);
    list.reload();
  };
  return (
    <>
      {action.error === undefined ? undefined : <ErrorMessage error={action.error} />}
      <DetailsList
        label={props.label}
        rows={list.items}
        columns={columnsOf(props.columns ?? [], (row) => void bringBack(row), setDoomed)}
        keyOf={({ id }) => id}
        isLoading={list.isLoading}
        error={list.error}
        onMore={list.more}
        empty={
          <EmptyState icon="delete" title={text.emptyDeleted}>
            {props.emptyText ?? text.emptyDeletedText}
          </EmptyState>
        }
      />
      {doomed === undefined ? undefined : (
        <DeleteDialog
          title={text.forever}
          action={text.forever}
          question={text.foreverText(doomed.displayName)}
          remove={() => graph("DELETE", `/directory/deletedItems/${doomed.id}`)}
          done={text.foreverDone}
          name={doomed.displayName}
          onDone={list.reload}
          onClose={() => setDoomed(undefined)}
        />
      )}
    </>
  );
}

function columnsOf<Row extends DeletedRow>(
  own: readonly Column<Row>[],
  onRestore: (row: Row) => void,
  onDelete: (row: Row) => void,
): readonly Column<Row>[] {
  return [
    { key: "name", title: text.displayName, width: "2fr", render: ({ displayName }) => <bdi>{displayName}</bdi> },
    ...own,
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
            name={`${text.restore} ${shortName(row.displayName)}`}
            icon="restore"
            onClick={() => onRestore(row)}
          />
          <IconButton
            name={`${text.forever} ${shortName(row.displayName)}`}
            icon="delete"
            onClick={() => onDelete(row)}
          />
        </>
      ),
    },
  ];
}
