/** One enterprise application: whether it may sign in, what it was granted, who is assigned to it, its roles. */
import { useState } from "react";
import {
  addReference,
  type EnterpriseApplication,
  getEnterpriseApplication,
  removeReference,
} from "../api/directory.ts";
import { type Application, filterText, graph, graphPage } from "../api/graph.ts";
import { useAction, useLoad } from "../api/use-load.ts";
import { CopyField } from "../components/copy-field.tsx";
import { ErrorMessage } from "../components/message.tsx";
import { Properties, Property } from "../components/properties.tsx";
import { Switch } from "../components/switch.tsx";
import { Link } from "../router/link.tsx";
import { navigate } from "../router/location.ts";
import { DeleteDialog } from "../shell/delete-dialog.tsx";
import { notify } from "../shell/notifications.tsx";
import { common } from "../texts/common.ts";
import { directory, enterprise as text } from "../texts/directory.ts";
import { Assigned } from "./enterprise-applications/assigned.tsx";
import { Granted } from "./enterprise-applications/granted.tsx";
import { HeldAccess } from "./principals/held-access.tsx";
import { PrincipalFrame, type PrincipalKind, usePrincipal } from "./principals/principal-frame.tsx";
import { ReferenceList } from "./principals/reference-list.tsx";
import type { PageProps } from "./routes.ts";

const kind: PrincipalKind = {
  kind: text.kind,
  icon: "app",
  crumbs: [{ text: text.title, to: "/portal/enterprise-applications" }],
  sections: [
    { key: "assigned", text: text.sections.assigned, icon: "people" },
    { key: "permissions", text: text.sections.permissions, icon: "shield" },
    { key: "owners", text: text.sections.owners, icon: "person" },
    { key: "access", text: directory.sections.access, icon: "shield" },
  ],
};

export default function EnterpriseApplicationPage({ params }: PageProps) {
  const id = params.id!;
  const section = params.section ?? "";
  const base = `/portal/enterprise-applications/${encodeURIComponent(id)}`;
  const app = usePrincipal(
    base,
    () => getEnterpriseApplication(id),
    ({ displayName }) => displayName,
  );
  const [isDeleting, setDeleting] = useState(false);
  const commands = [
    { key: "delete", text: common.delete, icon: "delete", onClick: () => setDeleting(true) },
    { key: "refresh", text: common.refresh, icon: "refresh", onClick: app.reload },
  ] as const;
  return (
    <PrincipalFrame kind={kind} base={base} section={section} loaded={app} {...(section === "" ? { commands } : {})}>
      {(data) => (
        <>
          <AppSection app={data} section={section} onChange={app.reload} />
          {isDeleting ? (
            <DeleteDialog
              title={text.deleteTitle}
              question={text.deleteText(data.displayName)}
              remove={() => graph("DELETE", `/servicePrincipals/${data.id}`)}
              done={directory.deleted}
              name={data.displayName}
              onDone={() => navigate("/portal/enterprise-applications")}
              onClose={() => setDeleting(false)}
            />
          ) : undefined}
        </>
      )}
    </PrincipalFrame>
  );
}

type AppProps = { readonly app: EnterpriseApplication };

function AppSection({
  app,
  section,
  onChange,
}: AppProps & { readonly section: string; readonly onChange: () => void }) {
  switch (section) {
    case "assigned":
      return <Assigned id={app.id} />;
    case "permissions":
      return <Granted id={app.id} />;
    case "owners": {
      const list = `/servicePrincipals/${app.id}/owners`;
      return (
        <ReferenceList
          label={text.sections.owners}
          text={text.owners}
          list={list}
          kinds={["users", "servicePrincipals"]}
          onAdd={(owner) => addReference(list, owner)}
          onRemove={(owner) => removeReference(list, owner)}
        />
      );
    }
    case "access":
      return <HeldAccess principalId={app.id} />;
    default:
      return (
        <>
          <Essentials app={app} />
          <Switches app={app} onChange={onChange} />
        </>
      );
  }
}

function Essentials({ app }: AppProps) {
  return (
    <section className="stack" aria-label={directory.essentials}>
      <h2 className="title2">{directory.essentials}</h2>
      <Properties>
        <Property label={directory.displayName}>
          <bdi className="wrap">{app.displayName}</bdi>
        </Property>
        <CopyField label={text.appId} value={app.appId} />
        <CopyField label={directory.objectId} value={app.id} />
        <Property label={directory.type}>
          {text.typeNames[app.servicePrincipalType] ?? app.servicePrincipalType}
        </Property>
        <Property label={text.registration}>
          <Registration appId={app.appId} />
        </Property>
      </Properties>
    </section>
  );
}

function Registration({ appId }: { readonly appId: string }) {
  const found = useLoad(
    () => graphPage<Application>(`/applications?$select=id&$filter=appId eq ${filterText(appId)}`),
    [appId],
  );
  if (found.error !== undefined) return <ErrorMessage error={found.error} />;
  if (found.data === undefined) return <span className="soft">{common.loading}</span>;
  const [registration] = found.data.items;
  if (registration === undefined) return <span>{text.noRegistration}</span>;
  return <Link to={`/portal/app-registrations/${registration.id}`}>{text.openRegistration}</Link>;
}

function Switches({ app, onChange }: AppProps & { readonly onChange: () => void }) {
  const action = useAction();
  const set = async (change: object, done: string) => {
    if (!(await action.run(() => graph("PATCH", `/servicePrincipals/${app.id}`, change)))) return;
    notify(done, app.displayName);
    onChange();
  };
  return (
    <section className="stack narrow" aria-label={text.signIn}>
      <h2 className="title2">{text.signIn}</h2>
      {action.error === undefined ? undefined : <ErrorMessage error={action.error} />}
      <Switch
        label={text.enabled}
        hint={text.enabledHint}
        isOn={app.accountEnabled}
        isDisabled={action.isBusy}
        onChange={(isOn) => void set({ accountEnabled: isOn }, isOn ? text.enabledDone : text.disabledDone)}
      />
      <Switch
        label={text.required}
        hint={text.requiredHint}
        isOn={app.appRoleAssignmentRequired}
        isDisabled={action.isBusy}
        onChange={(isOn) => void set({ appRoleAssignmentRequired: isOn }, text.requiredDone)}
      />
    </section>
  );
}
