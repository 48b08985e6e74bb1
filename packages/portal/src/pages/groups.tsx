/** Groups: all, making one, and those deleted. */
import { useState } from "react";
import type { Group } from "../api/directory.ts";
import { graph } from "../api/graph.ts";
import { useAction } from "../api/use-load.ts";
import { Button } from "../components/button.tsx";
import type { Column } from "../components/details-list.tsx";
import { EmptyState } from "../components/message.tsx";
import { formatDate } from "../components/time.ts";
import { Link } from "../router/link.tsx";
import { navigate } from "../router/location.ts";
import { notify } from "../shell/notifications.tsx";
import { common } from "../texts/common.ts";
import { directory, groups as text } from "../texts/directory.ts";
import { GroupPanel } from "./groups/group-panel.tsx";
import { DirectoryPage } from "./principals/directory-page.tsx";

export default function Groups() {
  const [isCreating, setCreating] = useState(false);
  return (
    <DirectoryPage<Group>
      title={text.title}
      icon="people"
      source="/groups?$select=id,displayName,description,createdDateTime"
      deletedType="group"
      filterLabel={text.filter}
      columns={columns}
      commands={[{ key: "new", text: text.newGroup, icon: "add", onClick: () => setCreating(true) }]}
      empty={
        <EmptyState
          icon="people"
          title={text.emptyTitle}
          action={
            <Button appearance="primary" icon="add" onClick={() => setCreating(true)}>
              {text.newGroup}
            </Button>
          }
        >
          {text.emptyText}
        </EmptyState>
      }
    >
      {() => (isCreating ? <NewGroup onClose={() => setCreating(false)} /> : undefined)}
    </DirectoryPage>
  );
}

const columns: readonly Column<Group>[] = [
  {
    key: "name",
    title: directory.displayName,
    width: "1.5fr",
    render: ({ id, displayName }) => (
      <Link to={`/portal/groups/${id}`}>
        <bdi>{displayName}</bdi>
      </Link>
    ),
  },
  {
    key: "description",
    title: text.description,
    width: "2fr",
    isMinor: true,
    render: ({ description }) => <bdi>{description ?? "-"}</bdi>,
  },
  {
    key: "created",
    title: directory.createdOn,
    width: "110px",
    render: ({ createdDateTime }) => formatDate(createdDateTime),
  },
];

/** A group has to have a nickname for mail that nobody sends it. */
function nicknameOf(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]/g, "").slice(0, 48) || `group-${crypto.randomUUID().slice(0, 8)}`;
}

function NewGroup({ onClose }: { readonly onClose: () => void }) {
  const action = useAction();
  const create = async (name: string, description: string) => {
    let made: Group | undefined;
    const body = {
      displayName: name,
      ...(description === "" ? {} : { description }),
      mailNickname: nicknameOf(name),
      mailEnabled: false,
      securityEnabled: true,
    };
    await action.run(async () => {
      made = await graph<Group>("POST", "/groups", body);
    });
    if (made === undefined) return;
    notify(text.create.done, name);
    navigate(`/portal/groups/${made.id}/members`);
  };
  return (
    <GroupPanel
      title={text.create.title}
      submit={common.create}
      action={action}
      onClose={onClose}
      onSubmit={(name, description) => void create(name, description)}
    />
  );
}
