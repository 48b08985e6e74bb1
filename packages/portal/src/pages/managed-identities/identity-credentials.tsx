/** Federated credentials of a managed identity: tokens of other issuers that stand for it. */
import { useState } from "react";
import { arm } from "../../api/arm.ts";
import { type IdentityCredential, listIdentityCredentials, putIdentityCredential } from "../../api/identities.ts";
import { useAction, useLoad } from "../../api/use-load.ts";
import { Button, IconButton } from "../../components/button.tsx";
import { CommandBar } from "../../components/command-bar.tsx";
import { type Column, DetailsList } from "../../components/details-list.tsx";
import { ConfirmDialog, Panel } from "../../components/dialog.tsx";
import { Form, TextField } from "../../components/form.tsx";
import { EmptyState, ErrorMessage } from "../../components/message.tsx";
import { notify } from "../../shell/notifications.tsx";
import { common } from "../../texts/common.ts";
import { identities } from "../../texts/directory.ts";

const { federated: text } = identities;

export function IdentityCredentials({ identityId }: { readonly identityId: string }) {
  const loaded = useLoad(() => listIdentityCredentials(identityId), [identityId]);
  const [isAdding, setAdding] = useState(false);
  const [doomed, setDoomed] = useState<IdentityCredential>();
  const action = useAction();
  const remove = async ({ id, name }: IdentityCredential) => {
    if (!(await action.run(() => arm("DELETE", id, "managedIdentity")))) return;
    notify(text.deleted, name);
    setDoomed(undefined);
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
      <DetailsList
        label={identities.sections.federated}
        rows={loaded.data ?? []}
        columns={columnsOf(setDoomed)}
        keyOf={({ id }) => id}
        isLoading={loaded.isLoading}
        error={loaded.error}
        empty={
          <EmptyState icon="link" title={text.emptyTitle}>
            {text.emptyText}
          </EmptyState>
        }
      />
      {isAdding ? (
        <AddPanel
          identityId={identityId}
          onClose={() => setAdding(false)}
          onAdded={() => {
            setAdding(false);
            loaded.reload();
          }}
        />
      ) : undefined}
      {doomed === undefined ? undefined : (
        <ConfirmDialog
          title={text.deleteTitle}
          action={common.delete}
          isBusy={action.isBusy}
          error={action.error}
          onConfirm={() => void remove(doomed)}
          onClose={() => setDoomed(undefined)}
        >
          <p>
            <bdi>{text.deleteText(doomed.name)}</bdi>
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}

function columnsOf(onDelete: (row: IdentityCredential) => void): readonly Column<IdentityCredential>[] {
  return [
    { key: "name", title: text.name, width: "1fr", render: ({ name }) => <bdi>{name}</bdi> },
    {
      key: "issuer",
      title: text.issuer,
      width: "1.5fr",
      isMinor: true,
      render: ({ properties }) => <code>{properties.issuer}</code>,
    },
    {
      key: "subject",
      title: text.subject,
      width: "2fr",
      render: ({ properties }) => <code>{properties.subject}</code>,
    },
    {
      key: "actions",
      title: common.delete,
      width: "56px",
      isTitleHidden: true,
      render: (row) => <IconButton name={`${common.delete} ${row.name}`} icon="delete" onClick={() => onDelete(row)} />,
    },
  ];
}

const usualAudience = "api://AzureADTokenExchange";

function AddPanel(props: { readonly identityId: string; readonly onClose: () => void; readonly onAdded: () => void }) {
  const [draft, setDraft] = useState({ name: "", issuer: "", subject: "", audience: usualAudience });
  const [isTried, setTried] = useState(false);
  const action = useAction();
  const set = (change: Partial<typeof draft>) => setDraft({ ...draft, ...change });
  const isMissing = Object.values(draft).some((value) => value.trim() === "");
  const submit = async () => {
    setTried(true);
    if (isMissing || action.isBusy) return;
    const [name, issuer, subject, audience] = [draft.name, draft.issuer, draft.subject, draft.audience].map((value) =>
      value.trim(),
    ) as [string, string, string, string];
    const properties = { issuer, subject, audiences: [audience] };
    if (!(await action.run(() => putIdentityCredential(props.identityId, name, properties)))) return;
    notify(text.done, name);
    props.onAdded();
  };
  return (
    <Panel
      title={text.title}
      onClose={props.onClose}
      footer={
        <>
          <Button appearance="primary" isDisabled={action.isBusy} onClick={() => void submit()}>
            {common.add}
          </Button>
          <Button onClick={props.onClose}>{common.cancel}</Button>
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
