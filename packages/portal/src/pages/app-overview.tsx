/** One application: its ids to copy, its state, and what to do next. */
import { useState } from "react";
import { type Application, findServicePrincipal, graph } from "../api/graph.ts";
import { useAction, useLoad } from "../api/use-load.ts";
import { Button } from "../components/button.tsx";
import type { Command } from "../components/command-bar.tsx";
import { CopyButton, CopyField } from "../components/copy-field.tsx";
import { Panel } from "../components/dialog.tsx";
import { ErrorMessage } from "../components/message.tsx";
import { Properties, Property } from "../components/properties.tsx";
import { Link } from "../router/link.tsx";
import { navigate } from "../router/location.ts";
import { DeleteDialog } from "../shell/delete-dialog.tsx";
import { notify } from "../shell/notifications.tsx";
import { usePerson } from "../shell/person.ts";
import { apps } from "../texts/app-registrations.ts";
import { common } from "../texts/common.ts";
import { AppFrame, useApplication } from "./app-frame.tsx";
import type { PageProps } from "./routes.ts";

const { overview: text } = apps;

export default function AppOverview({ params }: PageProps) {
  const id = params.id!;
  const application = useApplication(id);
  const [opened, setOpened] = useState<"delete" | "endpoints">();
  const commands: Command[] = [
    { key: "delete", text: common.delete, icon: "delete", onClick: () => setOpened("delete") },
    { key: "endpoints", text: apps.endpoints, icon: "link", onClick: () => setOpened("endpoints") },
    { key: "refresh", text: common.refresh, icon: "refresh", onClick: application.reload },
  ];
  return (
    <AppFrame id={id} application={application} commands={commands}>
      {(app) => (
        <>
          <Essentials app={app} />
          <NextStep app={app} />
          {opened === "delete" ? (
            <DeleteDialog
              title={apps.remove.title}
              question={apps.remove.text(app.displayName)}
              remove={() => graph("DELETE", `/applications/${app.id}`)}
              done={apps.remove.done}
              name={app.displayName}
              onDone={() => navigate("/portal/app-registrations")}
              onClose={() => setOpened(undefined)}
            />
          ) : undefined}
          {opened === "endpoints" ? <EndpointsPanel onClose={() => setOpened(undefined)} /> : undefined}
        </>
      )}
    </AppFrame>
  );
}

function Essentials({ app }: { readonly app: Application }) {
  const { tenantId } = usePerson();
  const { keyCredentials: keys, passwordCredentials: secrets } = app;
  const uris = [...app.web.redirectUris, ...app.spa.redirectUris, ...app.publicClient.redirectUris];
  const hasNone = keys.length + secrets.length === 0;
  return (
    <section className="stack" aria-label={text.essentials}>
      <h2 className="title2">{text.essentials}</h2>
      <Properties>
        <Property label={apps.displayName}>
          <bdi className="wrap">{app.displayName}</bdi>
        </Property>
        <CopyField label={apps.clientId} value={app.appId} />
        <CopyField label={apps.objectId} value={app.id} />
        <CopyField label={apps.tenantId} value={tenantId} />
        <Property label={text.accountTypes}>{text.accounts[app.signInAudience] ?? app.signInAudience}</Property>
        <Property label={text.clientCredentials}>
          <Link to={`/portal/app-registrations/${app.id}/credentials`}>
            {hasNone ? text.addCredential : text.credentialCount(keys.length, secrets.length)}
          </Link>
        </Property>
        <Property label={text.redirectUris}>
          {uris.length === 0 ? text.noRedirectUris : uris.map((uri) => <code key={uri}>{uri}</code>)}
        </Property>
        <Property label={text.applicationIdUri}>
          {app.identifierUris.length === 0 ? common.none : <code>{app.identifierUris[0]}</code>}
        </Property>
        <ManagedApplication app={app} />
      </Properties>
    </section>
  );
}

function ManagedApplication({ app }: { readonly app: Application }) {
  const principal = useLoad(() => findServicePrincipal(app.appId), [app.appId]);
  const action = useAction();
  const create = async () => {
    const isDone = await action.run(() => graph("POST", "/servicePrincipals", { appId: app.appId }));
    if (!isDone) return;
    notify(text.principalCreated, app.displayName);
    principal.reload();
  };
  const isMissing = !principal.isLoading && principal.error === undefined && principal.data === undefined;
  return (
    <Property label={text.managedApplication}>
      {action.error === undefined ? undefined : <ErrorMessage error={action.error} />}
      {principal.data === undefined ? undefined : (
        <Link to={`/portal/enterprise-applications/${principal.data.id}`}>
          <bdi className="wrap">{principal.data.displayName}</bdi>
        </Link>
      )}
      {isMissing ? (
        <>
          {text.noPrincipal}
          <Button appearance="outline" isDisabled={action.isBusy} onClick={() => void create()}>
            {text.createPrincipal}
          </Button>
        </>
      ) : undefined}
    </Property>
  );
}

function NextStep({ app }: { readonly app: Application }) {
  const { tenantId } = usePerson();
  const lines = `AZURE_CLIENT_ID=${app.appId}\nAZURE_TENANT_ID=${tenantId}\nAZURE_CLIENT_SECRET=`;
  return (
    <section className="stack">
      <h2 className="title2">{text.nextTitle}</h2>
      <p className="soft">{text.nextText}</p>
      <div className="code-block">
        <pre>{lines}</pre>
        <CopyButton value={lines} label={text.envLabel} />
      </div>
    </section>
  );
}

function EndpointsPanel({ onClose }: { readonly onClose: () => void }) {
  const { tenantId } = usePerson();
  const { origin } = location;
  const names = apps.endpointNames;
  const endpoints = [
    [names.authorize, `${origin}/${tenantId}/oauth2/v2.0/authorize`],
    [names.token, `${origin}/${tenantId}/oauth2/v2.0/token`],
    [names.metadata, `${origin}/${tenantId}/v2.0/.well-known/openid-configuration`],
    [names.graph, `${origin}/v1.0`],
    [names.arm, origin],
  ] as const;
  return (
    <Panel title={apps.endpoints} onClose={onClose}>
      {endpoints.map(([label, value]) => (
        <div key={label} className="stack-tight">
          <strong>{label}</strong>
          <span className="secret">
            <code className="wrap">{value}</code>
            <CopyButton value={value} label={label} />
          </span>
        </div>
      ))}
    </Panel>
  );
}
