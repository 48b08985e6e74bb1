/** Client secrets: listed without their values, made here, and shown this once. */
import { useState } from "react";
import { type Application, graph, type PasswordCredential } from "../../api/graph.ts";
import { IconButton } from "../../components/button.tsx";
import { CommandBar } from "../../components/command-bar.tsx";
import { CopyButton } from "../../components/copy-field.tsx";
import { type Column, DetailsList } from "../../components/details-list.tsx";
import { ExpiryBadge } from "../../components/expiry-badge.tsx";
import { EmptyState, MessageBar } from "../../components/message.tsx";
import { expiryOf, formatDate, formatTime } from "../../components/time.ts";
import { DeleteDialog } from "../../shell/delete-dialog.tsx";
import { credentials as text } from "../../texts/app-registrations.ts";
import { common } from "../../texts/common.ts";
import { AddSecretPanel } from "./add-secret.tsx";

type Uses = ReadonlyMap<string, string | null> | undefined;

export function Secrets(props: { readonly app: Application; readonly uses: Uses; readonly onChange: () => void }) {
  const { app, uses, onChange } = props;
  const [isAdding, setAdding] = useState(false);
  const [doomed, setDoomed] = useState<PasswordCredential>();
  // The value lives in this page's memory only, and goes with the page.
  const [fresh, setFresh] = useState<PasswordCredential>();
  const rows = [...app.passwordCredentials].sort((a, b) => b.startDateTime.localeCompare(a.startDateTime));
  return (
    <>
      <CommandBar
        label={common.commands}
        commands={[{ key: "new", text: text.newSecret, icon: "add", onClick: () => setAdding(true) }]}
      />
      {fresh === undefined ? undefined : (
        <MessageBar kind="warning">
          <span>{text.once}</span>
          <FreshValue secret={fresh} testId="secret-value" />
        </MessageBar>
      )}
      <DetailsList
        label={text.tabs.secrets(rows.length)}
        rows={rows}
        columns={columnsOf(fresh, uses, setDoomed)}
        keyOf={({ keyId }) => keyId}
        empty={
          <EmptyState icon="key" title={text.noSecretsTitle}>
            {text.noSecretsText}
          </EmptyState>
        }
      />
      {isAdding ? (
        <AddSecretPanel
          app={app}
          onClose={() => setAdding(false)}
          onAdded={(made) => {
            setFresh(made);
            setAdding(false);
            onChange();
          }}
        />
      ) : undefined}
      {doomed === undefined ? undefined : (
        <DeleteDialog
          title={text.deleteSecret}
          question={text.deleteText(nameOf(doomed))}
          remove={() => graph("POST", `/applications/${app.id}/removePassword`, { keyId: doomed.keyId })}
          done={text.deleted}
          name={nameOf(doomed)}
          onDone={onChange}
          onClose={() => setDoomed(undefined)}
        />
      )}
    </>
  );
}

function columnsOf(
  fresh: PasswordCredential | undefined,
  uses: Uses,
  onDelete: (secret: PasswordCredential) => void,
): readonly Column<PasswordCredential>[] {
  return [
    {
      key: "description",
      title: text.description,
      width: "1.2fr",
      render: ({ displayName }) => <bdi>{displayName ?? "-"}</bdi>,
    },
    {
      key: "expires",
      title: text.expires,
      width: "190px",
      isMinor: true,
      render: ({ endDateTime }) => (
        <>
          {formatDate(endDateTime)} <ExpiryBadge expiry={expiryOf(endDateTime, new Date())} />
        </>
      ),
    },
    {
      key: "value",
      title: text.value,
      width: "2fr",
      render: ({ keyId, hint }) =>
        keyId === fresh?.keyId ? <FreshValue secret={fresh} /> : <code>{maskOf(hint)}</code>,
    },
    {
      key: "id",
      title: text.secretId,
      width: "1.6fr",
      isMinor: true,
      render: ({ keyId }) => (
        <span className="secret">
          <code title={keyId}>{keyId}</code>
          <CopyButton value={keyId} label={text.secretId} />
        </span>
      ),
    },
    {
      key: "used",
      title: text.lastUsed,
      width: "150px",
      isMinor: true,
      render: ({ keyId }) => lastUseText(uses, keyId),
    },
    {
      key: "actions",
      title: text.actions,
      width: "56px",
      isTitleHidden: true,
      render: (row) => <IconButton name={text.deleteSecret} icon="delete" onClick={() => onDelete(row)} />,
    },
  ];
}

/** "-" when it is not known, which is not the same as never. */
export function lastUseText(uses: Uses, keyId: string): string {
  if (uses === undefined || !uses.has(keyId)) return "-";
  const used = uses.get(keyId);
  return used === null ? common.never : formatTime(used);
}

function FreshValue({ secret, testId }: { readonly secret: PasswordCredential; readonly testId?: string }) {
  const value = secret.secretText ?? "";
  return (
    <span className="secret">
      <code data-testid={testId} title={value}>
        {value}
      </code>
      <CopyButton value={value} label={text.secretValue} />
    </span>
  );
}

/** The first characters, which Graph tells, and nothing of the length. */
function maskOf(hint: string | null): string {
  return `${hint ?? ""}******************`;
}

function nameOf({ displayName, keyId }: PasswordCredential): string {
  return displayName ?? keyId;
}
