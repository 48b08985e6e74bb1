/** A list of the directory: all, and those deleted, which can be restored. */
import { type ReactNode, useState } from "react";
import { graphPage, searchClause } from "../../api/graph.ts";
import { usePages, useRested } from "../../api/use-load.ts";
import { Blade } from "../../components/blade.tsx";
import type { Command } from "../../components/command-bar.tsx";
import { type Column, DetailsList } from "../../components/details-list.tsx";
import { SearchField } from "../../components/form.tsx";
import type { IconName } from "../../components/icon.tsx";
import { EmptyState } from "../../components/message.tsx";
import { Tabs } from "../../components/tabs.tsx";
import { useQueryValue } from "../../router/location.ts";
import { common } from "../../texts/common.ts";
import { directory as text } from "../../texts/directory.ts";
import { type DeletedRow, DeletedRows } from "./deleted-rows.tsx";

export type DirectoryRow = DeletedRow;

/** Rows asked for at once: a screenful several times over, and quickly read. */
const rowsAtOnce = 200;

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
          <DeletedRows label={text.tabs.deleted} list={list} />
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
