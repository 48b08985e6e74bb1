/** The panel that uploads files: chosen or dropped, one after another, each with how far it is. */
import { useRef, useState } from "react";
import { Button } from "../../components/button.tsx";
import { Panel } from "../../components/dialog.tsx";
import { DropPlace } from "../../components/drop-place.tsx";
import { CheckField, TextField } from "../../components/form.tsx";
import { blobs } from "../../texts/blobs.ts";
import { common } from "../../texts/common.ts";
import { UploadRow } from "./upload-row.tsx";
import { useUploads } from "./use-uploads.ts";

const { uploadPanel: text } = blobs;

export function UploadPanel(props: {
  readonly account: string;
  readonly container: string;
  /** The folder the panel was opened in, with its slash. */
  readonly prefix: string;
  readonly initial: readonly File[];
  readonly onUploaded: () => void;
  readonly onClose: () => void;
}) {
  const { account, container } = props;
  const [isOverwriting, setOverwriting] = useState(false);
  const [folder, setFolder] = useState(props.prefix.replace(/\/$/, ""));
  const uploads = useUploads(props.initial, { account, container, folder, isOverwriting }, props.onUploaded);
  const { files, waiting, isSending } = uploads;
  const close = () => {
    uploads.stop();
    props.onClose();
  };
  return (
    <Panel
      title={text.title}
      onClose={close}
      footer={
        <>
          <Button
            appearance="primary"
            isDisabled={isSending || waiting.length === 0}
            onClick={() => void uploads.start()}
          >
            {waiting.length === 0 ? blobs.upload : text.start(waiting.length)}
          </Button>
          {isSending ? <Button onClick={() => uploads.stop()}>{text.stop}</Button> : undefined}
          <Button onClick={close}>{common.close}</Button>
        </>
      }
    >
      <DropBox onFiles={uploads.add} />
      <TextField label={text.folder} hint={text.folderHint} value={folder} maxLength={900} onChange={setFolder} />
      <CheckField label={text.overwrite} isChecked={isOverwriting} isDisabled={isSending} onChange={setOverwriting} />
      <ul className="uploads" aria-label={text.files}>
        {files.map((one) => (
          <UploadRow key={one.key} row={one} onRemove={isSending ? undefined : () => uploads.remove(one.key)} />
        ))}
      </ul>
    </Panel>
  );
}

function DropBox({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <DropPlace className="drop-box" onFiles={onFiles}>
      <span>{text.drop}</span>
      <Button icon="add" onClick={() => input.current?.click()}>
        {text.choose}
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={text.choose}
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = "";
        }}
      />
    </DropPlace>
  );
}
