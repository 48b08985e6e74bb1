/** Certificates: the public part is kept here, the private key never leaves the app. */
import { useState } from "react";
import { type Application, graph, type KeyCredential } from "../../api/graph.ts";
import { useAction } from "../../api/use-load.ts";
import { IconButton } from "../../components/button.tsx";
import { CommandBar } from "../../components/command-bar.tsx";
import { type Column, DetailsList } from "../../components/details-list.tsx";
import { ExpiryBadge } from "../../components/expiry-badge.tsx";
import { TextField } from "../../components/form.tsx";
import { FormPanel } from "../../components/form-panel.tsx";
import { EmptyState } from "../../components/message.tsx";
import { expiryOf, formatDate } from "../../components/time.ts";
import { DeleteDialog } from "../../shell/delete-dialog.tsx";
import { notify } from "../../shell/notifications.tsx";
import { credentials } from "../../texts/app-registrations.ts";
import { common } from "../../texts/common.ts";
import { lastUseText } from "./secrets.tsx";

const { certificate: text } = credentials;

/** Largest file that is read, in bytes: a certificate has a few thousand. */
const maxFileBytes = 64 * 1024;

type Uses = ReadonlyMap<string, string | null> | undefined;

export function Certificates(props: { readonly app: Application; readonly uses: Uses; readonly onChange: () => void }) {
  const { app, uses, onChange } = props;
  const [isAdding, setAdding] = useState(false);
  const [doomed, setDoomed] = useState<KeyCredential>();
  return (
    <>
      <CommandBar
        label={common.commands}
        commands={[{ key: "upload", text: credentials.upload, icon: "add", onClick: () => setAdding(true) }]}
      />
      <DetailsList
        label={credentials.tabs.certificates(app.keyCredentials.length)}
        rows={app.keyCredentials}
        columns={columnsOf(uses, setDoomed)}
        keyOf={({ keyId }) => keyId}
        empty={
          <EmptyState icon="shield" title={credentials.noCertificatesTitle}>
            {credentials.noCertificatesText}
          </EmptyState>
        }
      />
      {isAdding ? (
        <UploadPanel
          app={app}
          onClose={() => setAdding(false)}
          onAdded={() => {
            setAdding(false);
            onChange();
          }}
        />
      ) : undefined}
      {doomed === undefined ? undefined : (
        <DeleteDialog
          title={credentials.deleteCertificate}
          question={credentials.deleteText(nameOf(doomed))}
          remove={() => removeCertificate(app, doomed)}
          done={credentials.deleted}
          name={nameOf(doomed)}
          onDone={onChange}
          onClose={() => setDoomed(undefined)}
        />
      )}
    </>
  );
}

function columnsOf(uses: Uses, onDelete: (row: KeyCredential) => void): readonly Column<KeyCredential>[] {
  return [
    {
      key: "name",
      title: credentials.description,
      width: "1.5fr",
      render: ({ displayName }) => <bdi>{displayName}</bdi>,
    },
    {
      key: "thumbprint",
      title: credentials.thumbprint,
      width: "2fr",
      isMinor: true,
      render: ({ customKeyIdentifier }) => <code>{customKeyIdentifier ?? "-"}</code>,
    },
    {
      key: "start",
      title: credentials.startDate,
      width: "110px",
      isMinor: true,
      render: ({ startDateTime }) => formatDate(startDateTime),
    },
    {
      key: "end",
      title: credentials.expires,
      width: "190px",
      render: ({ endDateTime }) => (
        <>
          {formatDate(endDateTime)} <ExpiryBadge expiry={expiryOf(endDateTime, new Date())} />
        </>
      ),
    },
    {
      key: "used",
      title: credentials.lastUsed,
      width: "150px",
      isMinor: true,
      render: ({ keyId }) => lastUseText(uses, keyId),
    },
    {
      key: "actions",
      title: credentials.actions,
      isTitleHidden: true,
      width: "56px",
      render: (row) => <IconButton name={credentials.deleteCertificate} icon="delete" onClick={() => onDelete(row)} />,
    },
  ];
}

/** The file as Graph takes it: DER, or PEM, in base64. */
async function readCertificate(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const body = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(
    new TextDecoder().decode(bytes),
  )?.[1];
  return body === undefined ? btoa(String.fromCharCode(...bytes)) : body.replace(/\s+/g, "");
}

function UploadPanel(props: { readonly app: Application; readonly onClose: () => void; readonly onAdded: () => void }) {
  const { app, onClose, onAdded } = props;
  const [file, setFile] = useState<File>();
  const [description, setDescription] = useState("");
  const [isTried, setTried] = useState(false);
  const action = useAction();
  const submit = async () => {
    setTried(true);
    if (file === undefined || file.size > maxFileBytes) return;
    const isDone = await action.run(async () => {
      const key = await readCertificate(file);
      const displayName = description.trim();
      const added = {
        type: "AsymmetricX509Cert",
        usage: "Verify",
        key,
        ...(displayName === "" ? {} : { displayName }),
      };
      await graph("PATCH", `/applications/${app.id}`, { keyCredentials: [...app.keyCredentials, added] });
    });
    if (!isDone) return;
    notify(text.done, file.name);
    onAdded();
  };
  return (
    <FormPanel title={text.title} submit={common.add} action={action} onSubmit={() => void submit()} onClose={onClose}>
      <div className="field">
        <label htmlFor="certificate-file">{text.file}</label>
        <input
          id="certificate-file"
          type="file"
          accept=".cer,.pem,.crt"
          className="input"
          aria-describedby="certificate-hint"
          onChange={(event) => setFile(event.currentTarget.files?.[0])}
        />
        <p className="hint" id="certificate-hint">
          {text.fileHint}
        </p>
        {isTried && (file === undefined || file.size > maxFileBytes) ? (
          <p className="fault" role="alert">
            {text.missing}
          </p>
        ) : undefined}
      </div>
      <TextField label={credentials.description} value={description} onChange={setDescription} maxLength={120} />
    </FormPanel>
  );
}

function nameOf({ displayName, keyId }: KeyCredential): string {
  return displayName ?? keyId;
}

function removeCertificate(app: Application, doomed: KeyCredential): Promise<void> {
  const keyCredentials = app.keyCredentials.filter(({ keyId }) => keyId !== doomed.keyId);
  return graph("PATCH", `/applications/${app.id}`, { keyCredentials });
}
