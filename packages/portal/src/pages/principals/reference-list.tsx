/** Objects that belong to another: members, owners, groups; added from a dialog, taken out one by one. */
import { useState } from "react";
import { type Principal, principalOf } from "../../api/access.ts";
import { listReferences } from "../../api/directory.ts";
import { useAction, useLoad } from "../../api/use-load.ts";
import { IconButton } from "../../components/button.tsx";
import { CommandBar } from "../../components/command-bar.tsx";
import { type Column, DetailsList } from "../../components/details-list.tsx";
import { EmptyState, ErrorMessage } from "../../components/message.tsx";
import { PrincipalName } from "../../components/principal-name.tsx";
import { shortName } from "../../components/short-name.ts";
import { Link } from "../../router/link.tsx";
import { notify } from "../../shell/notifications.tsx";
import { access } from "../../texts/access.ts";
import { common } from "../../texts/common.ts";
import { directory } from "../../texts/directory.ts";
import { type MemberKind, SelectMembers } from "../access/select-members.tsx";
import { principalPath } from "./principal-path.ts";

export type ReferenceTexts = {
  readonly add: string;
  readonly panel: string;
  readonly intro: string;
  readonly emptyTitle: string;
  readonly emptyText: string;
  readonly added: string;
  readonly removed: string;
};

export function ReferenceList(props: {
  readonly label: string;
  readonly text: ReferenceTexts;
  /** The Graph list. */
  readonly list: string;
  readonly kinds: readonly MemberKind[];
  readonly onAdd: (id: string) => Promise<void>;
  readonly onRemove: (id: string) => Promise<void>;
}) {
  const { label, text, list } = props;
  const loaded = useLoad(async () => (await listReferences(list)).map((one) => principalOf(one)), [list]);
  const [isAdding, setAdding] = useState(false);
  const action = useAction();
  const add = async (members: readonly Principal[]) => {
    setAdding(false);
    const addAll = async () => {
      for (const { id } of members) await props.onAdd(id);
    };
    if (await action.run(addAll)) notify(text.added);
    loaded.reload();
  };
  const remove = async ({ id, displayName }: Principal) => {
    if (await action.run(() => props.onRemove(id))) notify(text.removed, displayName);
    loaded.reload();
  };
  return (
    <>
      <CommandBar
        label={common.commands}
        commands={[
          { key: "add", text: text.add, icon: "add", onClick: () => setAdding(true) },
          { key: "refresh", text: common.refresh, icon: "refresh", onClick: loaded.reload },
        ]}
      />
      <p className="soft">{text.intro}</p>
      {action.error === undefined ? undefined : <ErrorMessage error={action.error} />}
      <DetailsList
        label={label}
        rows={loaded.data ?? []}
        columns={columnsOf((one) => void remove(one))}
        keyOf={({ id }) => id}
        isLoading={loaded.isLoading}
        error={loaded.error}
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
          kinds={props.kinds}
          onClose={() => setAdding(false)}
          onSelect={(members) => void add(members)}
        />
      ) : undefined}
    </>
  );
}

function columnsOf(onRemove: (one: Principal) => void): readonly Column<Principal>[] {
  return [
    {
      key: "name",
      title: directory.displayName,
      width: "2fr",
      render: (one) => {
        const name = <PrincipalName principal={one} id={one.id} />;
        const path = principalPath(one.type, one.id);
        return path === undefined ? name : <Link to={path}>{name}</Link>;
      },
    },
    {
      key: "type",
      title: directory.type,
      width: "110px",
      render: ({ type }) => access.principalTypes[type] ?? type,
    },
    {
      key: "actions",
      title: common.remove,
      isTitleHidden: true,
      width: "56px",
      render: (one) => (
        <IconButton
          name={`${common.remove} ${shortName(one.displayName)}`}
          icon="delete"
          onClick={() => onRemove(one)}
        />
      ),
    },
  ];
}
