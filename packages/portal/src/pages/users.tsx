/** Users: all, making one, and those deleted. */
import { useState } from "react";
import { type User, userMembers } from "../api/directory.ts";
import { Button } from "../components/button.tsx";
import type { Column } from "../components/details-list.tsx";
import { EmptyState } from "../components/message.tsx";
import { formatDate } from "../components/time.ts";
import { Link } from "../router/link.tsx";
import { directory, users as text } from "../texts/directory.ts";
import { DirectoryPage } from "./principals/directory-page.tsx";
import { AccountBadge } from "./users/account-badge.tsx";
import { NewUser } from "./users/new-user.tsx";

export default function Users() {
  const [isCreating, setCreating] = useState(false);
  return (
    <DirectoryPage<User>
      title={text.title}
      icon="person"
      source={`/users?$select=${userMembers}`}
      deletedType="user"
      filterLabel={text.filter}
      columns={columns}
      commands={[{ key: "new", text: text.newUser, icon: "add", onClick: () => setCreating(true) }]}
      empty={
        <EmptyState
          icon="person"
          title={text.emptyTitle}
          action={
            <Button appearance="primary" icon="add" onClick={() => setCreating(true)}>
              {text.newUser}
            </Button>
          }
        >
          {text.emptyText}
        </EmptyState>
      }
    >
      {(reload) => (isCreating ? <NewUser onClose={() => setCreating(false)} onCreated={reload} /> : undefined)}
    </DirectoryPage>
  );
}

const columns: readonly Column<User>[] = [
  {
    key: "name",
    title: directory.displayName,
    width: "1.5fr",
    render: ({ id, displayName }) => (
      <Link to={`/portal/users/${id}`}>
        <bdi>{displayName}</bdi>
      </Link>
    ),
  },
  {
    key: "userName",
    title: text.userName,
    width: "2fr",
    isMinor: true,
    render: ({ userPrincipalName }) => <bdi>{userPrincipalName}</bdi>,
  },
  { key: "job", title: text.job, width: "1fr", isMinor: true, render: ({ jobTitle }) => <bdi>{jobTitle ?? "-"}</bdi> },
  {
    key: "created",
    title: directory.createdOn,
    width: "110px",
    isMinor: true,
    render: ({ createdDateTime }) => formatDate(createdDateTime),
  },
  {
    key: "account",
    title: text.account,
    width: "100px",
    render: ({ accountEnabled }) => <AccountBadge isEnabled={accountEnabled} />,
  },
];
