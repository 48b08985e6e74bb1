/** One group: its members, its owners, the groups it is in, and its roles. */
import { useState } from "react";
import { addReference, type Group, getGroup, removeReference } from "../api/directory.ts";
import { graph } from "../api/graph.ts";
import { useAction } from "../api/use-load.ts";
import type { Command } from "../components/command-bar.tsx";
import { CopyField } from "../components/copy-field.tsx";
import { Properties, Property } from "../components/properties.tsx";
import { formatTime } from "../components/time.ts";
import { navigate } from "../router/location.ts";
import { DeleteDialog } from "../shell/delete-dialog.tsx";
import { notify } from "../shell/notifications.tsx";
import { common } from "../texts/common.ts";
import { directory, groups as text } from "../texts/directory.ts";
import { GroupPanel } from "./groups/group-panel.tsx";
import { HeldAccess } from "./principals/held-access.tsx";
import { PrincipalFrame, type PrincipalKind, usePrincipal } from "./principals/principal-frame.tsx";
import { ReferenceList } from "./principals/reference-list.tsx";
import type { PageProps } from "./routes.ts";

const kind: PrincipalKind = {
  kind: text.kind,
  icon: "people",
  crumbs: [{ text: text.title, to: "/portal/groups" }],
  sections: [
    { key: "members", text: text.sections.members, icon: "people" },
    { key: "owners", text: text.sections.owners, icon: "person" },
    { key: "memberships", text: text.sections.memberOf, icon: "link" },
    { key: "access", text: directory.sections.access, icon: "shield" },
  ],
};

export default function GroupPage({ params }: PageProps) {
  const id = params.id!;
  const section = params.section ?? "";
  const base = `/portal/groups/${encodeURIComponent(id)}`;
  const group = usePrincipal(
    base,
    () => getGroup(id),
    ({ displayName }) => displayName,
  );
  const [asked, setAsked] = useState<"edit" | "delete">();
  const commands: readonly Command[] = [
    { key: "edit", text: text.edit, icon: "edit", onClick: () => setAsked("edit") },
    { key: "delete", text: common.delete, icon: "delete", onClick: () => setAsked("delete") },
    { key: "refresh", text: common.refresh, icon: "refresh", onClick: group.reload },
  ];
  const close = () => setAsked(undefined);
  return (
    <PrincipalFrame kind={kind} base={base} section={section} loaded={group} {...(section === "" ? { commands } : {})}>
      {(data) => (
        <>
          <GroupSection group={data} section={section} />
          {asked === "edit" ? <EditGroup group={data} onClose={close} onDone={group.reload} /> : undefined}
          {asked === "delete" ? (
            <DeleteDialog
              title={text.deleteTitle}
              question={text.deleteText(data.displayName)}
              remove={() => graph("DELETE", `/groups/${data.id}`)}
              done={directory.deleted}
              name={data.displayName}
              onDone={() => navigate("/portal/groups")}
              onClose={close}
            />
          ) : undefined}
        </>
      )}
    </PrincipalFrame>
  );
}

function GroupSection({ group, section }: { readonly group: Group; readonly section: string }) {
  const base = `/groups/${group.id}`;
  switch (section) {
    case "members":
      return (
        <ReferenceList
          key={section}
          label={text.sections.members}
          text={text.members}
          list={`${base}/members`}
          kinds={["users", "groups", "servicePrincipals"]}
          onAdd={(id) => addReference(`${base}/members`, id)}
          onRemove={(id) => removeReference(`${base}/members`, id)}
        />
      );
    case "owners":
      return (
        <ReferenceList
          key={section}
          label={text.sections.owners}
          text={text.owners}
          list={`${base}/owners`}
          kinds={["users", "servicePrincipals"]}
          onAdd={(id) => addReference(`${base}/owners`, id)}
          onRemove={(id) => removeReference(`${base}/owners`, id)}
        />
      );
    case "memberships":
      return (
        <ReferenceList
          key={section}
          label={text.sections.memberOf}
          text={text.memberOf}
          list={`${base}/memberOf`}
          kinds={["groups"]}
          onAdd={(id) => addReference(`/groups/${id}/members`, group.id)}
          onRemove={(id) => removeReference(`/groups/${id}/members`, group.id)}
        />
      );
    case "access":
      return <HeldAccess principalId={group.id} />;
    default:
      return <Essentials group={group} />;
  }
}

function Essentials({ group }: { readonly group: Group }) {
  return (
    <section className="stack" aria-label={directory.essentials}>
      <h2 className="title2">{directory.essentials}</h2>
      <Properties>
        <Property label={directory.displayName}>
          <bdi className="wrap">{group.displayName}</bdi>
        </Property>
        <CopyField label={directory.objectId} value={group.id} />
        <Property label={text.description}>
          <bdi className="wrap">{group.description ?? "-"}</bdi>
        </Property>
        <Property label={directory.createdOn}>{formatTime(group.createdDateTime)}</Property>
      </Properties>
    </section>
  );
}

type DialogProps = { readonly group: Group; readonly onClose: () => void };

function EditGroup({ group, onClose, onDone }: DialogProps & { readonly onDone: () => void }) {
  const action = useAction();
  const save = async (displayName: string, description: string) => {
    const body = { displayName, description: description === "" ? null : description };
    if (!(await action.run(() => graph("PATCH", `/groups/${group.id}`, body)))) return;
    notify(text.editDone, displayName);
    onDone();
    onClose();
  };
  return (
    <GroupPanel
      title={text.edit}
      submit={common.save}
      initial={{ name: group.displayName, description: group.description ?? "" }}
      action={action}
      onClose={onClose}
      onSubmit={(name, description) => void save(name, description)}
    />
  );
}
