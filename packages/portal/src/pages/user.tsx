/** One user: who it is, whether it may sign in, its groups and its roles. */
import { useState } from "react";
import { addReference, getUser, removeReference, type User } from "../api/directory.ts";
import type { Loaded } from "../api/use-load.ts";
import type { Command } from "../components/command-bar.tsx";
import { CopyField } from "../components/copy-field.tsx";
import { Properties, Property } from "../components/properties.tsx";
import { formatTime } from "../components/time.ts";
import { common } from "../texts/common.ts";
import { directory, users as text } from "../texts/directory.ts";
import { HeldAccess } from "./principals/held-access.tsx";
import { PrincipalFrame, type PrincipalKind, usePrincipal } from "./principals/principal-frame.tsx";
import { ReferenceList } from "./principals/reference-list.tsx";
import type { PageProps } from "./routes.ts";
import { AccountBadge } from "./users/account-badge.tsx";
import { type UserAction, UserDialog } from "./users/user-dialog.tsx";

const kind: PrincipalKind = {
  kind: text.kind,
  icon: "person",
  crumbs: [{ text: text.title, to: "/portal/users" }],
  sections: [
    { key: "groups", text: text.sections.groups, icon: "people" },
    { key: "access", text: directory.sections.access, icon: "shield" },
  ],
};

export default function UserPage({ params }: PageProps) {
  const id = params.id!;
  const section = params.section ?? "";
  const base = `/portal/users/${encodeURIComponent(id)}`;
  const user = usePrincipal(
    base,
    () => getUser(id),
    ({ displayName }) => displayName,
  );
  const [asked, setAsked] = useState<UserAction>();
  return (
    <PrincipalFrame
      kind={kind}
      base={base}
      section={section}
      loaded={user}
      {...(section === "" ? { commands: commandsOf(user, setAsked) } : {})}
    >
      {(data) => (
        <>
          {section === "" ? <Essentials user={data} /> : undefined}
          {section === "groups" ? <Groups id={data.id} /> : undefined}
          {section === "access" ? <HeldAccess principalId={data.id} /> : undefined}
          {asked === undefined ? undefined : (
            <UserDialog user={data} action={asked} onClose={() => setAsked(undefined)} onDone={user.reload} />
          )}
        </>
      )}
    </PrincipalFrame>
  );
}

function commandsOf({ data, reload }: Loaded<User>, ask: (action: UserAction) => void): readonly Command[] {
  const toggle = data?.accountEnabled === false ? "unblock" : "block";
  return [
    { key: "reset", text: text.reset.action, icon: "key", onClick: () => ask("reset") },
    {
      key: toggle,
      text: text[toggle],
      icon: toggle === "block" ? "close" : "check",
      isDisabled: data === undefined,
      onClick: () => ask(toggle),
    },
    { key: "revoke", text: text.revoke, icon: "signOut", onClick: () => ask("revoke") },
    { key: "delete", text: common.delete, icon: "delete", onClick: () => ask("delete") },
    { key: "refresh", text: common.refresh, icon: "refresh", onClick: reload },
  ];
}

function Essentials({ user }: { readonly user: User }) {
  return (
    <section className="stack" aria-label={directory.essentials}>
      <h2 className="title2">{directory.essentials}</h2>
      <Properties>
        <Property label={directory.displayName}>
          <bdi className="wrap">{user.displayName}</bdi>
        </Property>
        <CopyField label={text.userName} value={user.userPrincipalName} />
        <CopyField label={directory.objectId} value={user.id} />
        <Property label={text.account}>
          <AccountBadge isEnabled={user.accountEnabled} />
        </Property>
        <Property label={text.job}>
          <bdi className="wrap">{user.jobTitle ?? "-"}</bdi>
        </Property>
        <Property label={text.department}>
          <bdi className="wrap">{user.department ?? "-"}</bdi>
        </Property>
        <Property label={directory.createdOn}>{formatTime(user.createdDateTime)}</Property>
      </Properties>
    </section>
  );
}

function Groups({ id }: { readonly id: string }) {
  return (
    <ReferenceList
      label={text.sections.groups}
      text={text.groups}
      list={`/users/${id}/memberOf`}
      kinds={["groups"]}
      onAdd={(group) => addReference(`/groups/${group}/members`, id)}
      onRemove={(group) => removeReference(`/groups/${group}/members`, id)}
    />
  );
}
