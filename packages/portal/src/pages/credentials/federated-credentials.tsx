/** Federated credentials: tokens of other issuers that stand for this application. */
import { useState } from "react";
import { type Application, type FederatedCredential, graph } from "../../api/graph.ts";
import { type Loaded, useAction } from "../../api/use-load.ts";
import { Button, IconButton } from "../../components/button.tsx";
import { CommandBar } from "../../components/command-bar.tsx";
import { type Column, DetailsList } from "../../components/details-list.tsx";
import { ConfirmDialog, Panel } from "../../components/dialog.tsx";
import { Form, TextField } from "../../components/form.tsx";
import { EmptyState, ErrorMessage } from "../../components/message.tsx";
import { notify } from "../../shell/notifications.tsx";
import { credentials } from "../../texts/app-registrations.ts";
import { common } from "../../texts/common.ts";

const { federated: text } = credentials;

export function FederatedCredentials(props: {
  readonly app: Application;
  readonly credentials: Loaded<FederatedCredential[]>;
}) {
  const { app, credentials: loaded } = props;
  const [isAdding, setAdding] = useState(false);
  const [doomed, setDoomed] = useState<FederatedCredential>();
  const action = useAction();
  const remove = async ({ id, name }: FederatedCredential) => {
    const target = `/applications/${app.id}/federatedIdentityCredentials/${id}`;
    if (!(await action.run(() => graph("DELETE", target)))) return;
    notify(credentials.deleted, name);
    setDoomed(undefined);
    loaded.reload();
  };
  return (
    <>
      <CommandBar
        label={common.commands}
        commands={[{ key: "add", text: credentials.newFederated, icon: "add", onClick: () => setAdding(true) }]}
      />
      <DetailsList
        label={credentials.tabs.federated(loaded.data?.length)}
        rows={loaded.data ?? []}
        columns={columnsOf(setDoomed)}
        keyOf={({ id }) => id}
        isLoading={loaded.isLoading}
        error={loaded.error}
        empty={
          <EmptyState icon="link" title={credentials.noFederatedTitle}>
            {credentials.noFederatedText}
          </EmptyState>
        }
      />
      {isAdding ? (
        <AddPanel
          app={app}
          onClose={() => setAdding(false)}
          onAdded={() => {
            setAdding(false);
            loaded.reload();
          }}
        />
      ) : undefined}
      {doomed === undefined ? undefined : (
        <ConfirmDialog
          title={credentials.deleteFederated}
          action={common.delete}
          isBusy={action.isBusy}
          error={action.error}
          onConfirm={() => void remove(doomed)}
          onClose={() => setDoomed(undefined)}
        >
          <p>
            <bdi>{credentials.deleteText(doomed.name)}</bdi>
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}

function columnsOf(onDelete: (row: FederatedCredential) => void): readonly Column<FederatedCredential>[] {
  return [
    { key: "name", title: text.name, width: "1fr", render: ({ name }) => <bdi>{name}</bdi> },
    { key: "issuer", title: text.issuer, width: "1.5fr", isMinor: true, render: ({ issuer }) => <code>{issuer}</code> },
    { key: "subject", title: text.subject, width: "2fr", render: ({ subject }) => <code>{subject}</code> },
    {
      key: "actions",
      title: credentials.actions,
      width: "56px",
      isTitleHidden: true,
      render: (row) => <IconButton name={credentials.deleteFederated} icon="delete" onClick={() => onDelete(row)} />,
    },
  ];
}

const usualAudience = "api://AzureADTokenExchange";

function AddPanel(props: { readonly app: Application; readonly onClose: () => void; readonly onAdded: () => void }) {
  const { app, onClose, onAdded } = props;
  const [draft, setDraft] = useState({ name: "", issuer: "", subject: "", audience: usualAudience });
  const [isTried, setTried] = useState(false);
  const action = useAction();
  const set = (change: Partial<typeof draft>) => setDraft({ ...draft, ...change });
  const isMissing = [draft.name, draft.issuer, draft.subject, draft.audience].some((value) => value.trim() === "");
  const submit = async () => {
    setTried(true);
    if (isMissing) return;
    const { name, issuer, subject, audience } = draft;
    const body = { name: name.trim(), issuer: issuer.trim(), subject: subject.trim(), audiences: [audience.trim()] };
    if (!(await action.run(() => graph("POST", `/applications/${app.id}/federatedIdentityCredentials`, body)))) return;
    notify(text.done, name);
    onAdded();
  };
  return (
    <Panel
      title={text.title}
      onClose={onClose}
      footer={
        <>
          <Button appearance="primary" isDisabled={action.isBusy} onClick={() => void submit()}>
            {common.add}
          </Button>
          <Button onClick={onClose}>{common.cancel}</Button>
        </>
      }
    >
      {action.error === undefined ? undefined : <ErrorMessage error={action.error} />}
      <Form onSubmit={() => void submit()}>
        <TextField
          label={text.name}
          value={draft.name}
          onChange={(name) => set({ name })}
          isRequired
          hasFocus
          error={isTried && isMissing ? text.missing : undefined}
        />
        <TextField
          label={text.issuer}
          hint={text.issuerHint}
          type="url"
          value={draft.issuer}
          onChange={(issuer) => set({ issuer })}
          isRequired
        />
        <TextField
          label={text.subject}
          hint={text.subjectHint}
          value={draft.subject}
          onChange={(subject) => set({ subject })}
          isRequired
        />
        <TextField label={text.audience} value={draft.audience} onChange={(audience) => set({ audience })} isRequired />
      </Form>
    </Panel>
  );
}
