/** Outside issuers whose tokens stand for somebody here, an application or a managed identity: listed, added from a panel, deleted. */
import { type ReactNode, useState } from "react";
import { type Loaded, useAction } from "../../api/use-load.ts";
import { IconButton } from "../../components/button.tsx";
import { type Command, CommandBar } from "../../components/command-bar.tsx";
import { type Column, DetailsList } from "../../components/details-list.tsx";
import { TextField } from "../../components/form.tsx";
import { FormPanel } from "../../components/form-panel.tsx";
import { EmptyState } from "../../components/message.tsx";
import { DeleteDialog } from "../../shell/delete-dialog.tsx";
import { notify } from "../../shell/notifications.tsx";
import { common } from "../../texts/common.ts";

export type Trust = {
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  readonly subject: string;
};

/** What a person writes, without spaces around it. */
export type TrustDraft = {
  readonly name: string;
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
};

export type TrustTexts = {
  readonly add: string;
  readonly emptyTitle: string;
  readonly emptyText: string;
  readonly deleteTitle: string;
  readonly deleteText: (name: string) => string;
  readonly deleted: string;
  readonly panel: PanelTexts;
};

type PanelTexts = {
  readonly title: string;
  readonly name: string;
  readonly issuer: string;
  readonly issuerHint: string;
  readonly subject: string;
  readonly subjectHint: string;
  readonly audience: string;
  readonly missing: string;
  readonly done: string;
};

export function Trusts(props: {
  readonly label: string;
  readonly text: TrustTexts;
  readonly loaded: Loaded<readonly Trust[]>;
  /** Behind the first command, which adds. */
  readonly commands?: readonly Command[];
  /** Between the commands and the list. */
  readonly intro?: ReactNode;
  readonly onAdd: (draft: TrustDraft) => Promise<unknown>;
  readonly onRemove: (id: string) => Promise<unknown>;
}) {
  const { label, text, loaded } = props;
  const [isAdding, setAdding] = useState(false);
  const [doomed, setDoomed] = useState<Trust>();
  return (
    <>
      <CommandBar
        label={common.commands}
        commands={[
          { key: "add", text: text.add, icon: "add", onClick: () => setAdding(true) },
          ...(props.commands ?? []),
        ]}
      />
      {props.intro}
      <DetailsList
        label={label}
        rows={loaded.data ?? []}
        columns={columnsOf(text, setDoomed)}
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
          text={text.panel}
          onAdd={props.onAdd}
          onClose={() => setAdding(false)}
          onAdded={() => {
            setAdding(false);
            loaded.reload();
          }}
        />
      ) : undefined}
      {doomed === undefined ? undefined : (
        <DeleteDialog
          title={text.deleteTitle}
          question={text.deleteText(doomed.name)}
          remove={() => props.onRemove(doomed.id)}
          done={text.deleted}
          name={doomed.name}
          onDone={loaded.reload}
          onClose={() => setDoomed(undefined)}
        />
      )}
    </>
  );
}

function columnsOf({ panel }: TrustTexts, onDelete: (row: Trust) => void): readonly Column<Trust>[] {
  return [
    { key: "name", title: panel.name, width: "1fr", render: ({ name }) => <bdi>{name}</bdi> },
    {
      key: "issuer",
      title: panel.issuer,
      width: "1.5fr",
      isMinor: true,
      render: ({ issuer }) => <code>{issuer}</code>,
    },
    { key: "subject", title: panel.subject, width: "2fr", render: ({ subject }) => <code>{subject}</code> },
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

function AddPanel(props: {
  readonly text: PanelTexts;
  readonly onAdd: (draft: TrustDraft) => Promise<unknown>;
  readonly onClose: () => void;
  readonly onAdded: () => void;
}) {
  const { text, onClose } = props;
  const [draft, setDraft] = useState<TrustDraft>({ name: "", issuer: "", subject: "", audience: usualAudience });
  const [isTried, setTried] = useState(false);
  const action = useAction();
  const set = (change: Partial<TrustDraft>) => setDraft({ ...draft, ...change });
  const isMissing = Object.values(draft).some((value) => value.trim() === "");
  const submit = async () => {
    setTried(true);
    if (isMissing || action.isBusy) return;
    const [name, issuer, subject, audience] = [draft.name, draft.issuer, draft.subject, draft.audience].map((value) =>
      value.trim(),
    ) as [string, string, string, string];
    if (!(await action.run(() => props.onAdd({ name, issuer, subject, audience })))) return;
    notify(text.done, name);
    props.onAdded();
  };
  return (
    <FormPanel title={text.title} submit={common.add} action={action} onSubmit={() => void submit()} onClose={onClose}>
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
    </FormPanel>
  );
}
