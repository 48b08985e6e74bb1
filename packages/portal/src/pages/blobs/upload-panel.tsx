/** The panel that uploads files: chosen or dropped, one after another, each with how far it is. */
import { useRef, useState } from "react";
import { uploadBlob } from "../../api/blobs.ts";
import { Button } from "../../components/button.tsx";
import { Panel } from "../../components/dialog.tsx";
import { CheckField, TextField } from "../../components/form.tsx";
import { notify } from "../../shell/notifications.tsx";
import { blobs } from "../../texts/blobs.ts";
import { common } from "../../texts/common.ts";
import { type FileState, UploadRow } from "./upload-row.tsx";

const { uploadPanel: text } = blobs;

let lastKey = 0;

function begin(file: File): FileState {
  return { key: ++lastKey, file, state: "waiting", sentBytes: 0, error: undefined };
}

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
  const [files, setFiles] = useState<readonly FileState[]>(() => props.initial.map(begin));
  const [isOverwriting, setOverwriting] = useState(false);
  const [folder, setFolder] = useState(props.prefix.replace(/\/$/, ""));
  const [stopping, setStopping] = useState<AbortController>();
  const input = useRef<HTMLInputElement>(null);
  const waiting = files.filter(({ state }) => state !== "done");
  const change = (key: number, to: Partial<FileState>) =>
    setFiles((before) => before.map((one) => (one.key === key ? { ...one, ...to } : one)));
  const add = (added: readonly File[]) => setFiles((before) => [...before, ...added.map(begin)]);

  const send = async ({ key, file }: FileState, signal: AbortSignal) => {
    const place = folder.trim().replace(/^\/+|\/+$/g, "");
    const blob = place === "" ? file.name : `${place}/${file.name}`;
    const onProgress = (sentBytes: number) => change(key, { sentBytes });
    change(key, { state: "sending", sentBytes: 0, error: undefined });
    try {
      await uploadBlob({ account, container, blob, file, isOverwriting, onProgress, signal });
      change(key, { state: "done", sentBytes: file.size });
      return true;
    } catch (error) {
      change(key, signal.aborted ? { state: "stopped" } : { state: "failed", error });
      return false;
    }
  };
  const start = async () => {
    const stop = new AbortController();
    setStopping(stop);
    let count = 0;
    for (const one of waiting) {
      if (stop.signal.aborted) break;
      if (await send(one, stop.signal)) count++;
    }
    setStopping(undefined);
    if (count === 0) return;
    notify(text.done(count));
    props.onUploaded();
  };
  const close = () => {
    stopping?.abort();
    props.onClose();
  };
  const isSending = stopping !== undefined;
  return (
    <Panel
      title={text.title}
      onClose={close}
      footer={
        <>
          <Button appearance="primary" isDisabled={isSending || waiting.length === 0} onClick={() => void start()}>
            {waiting.length === 0 ? blobs.upload : text.start(waiting.length)}
          </Button>
          {isSending ? <Button onClick={() => stopping.abort()}>{text.stop}</Button> : undefined}
          <Button onClick={close}>{common.close}</Button>
        </>
      }
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the button inside does the same by keyboard */}
      <div
        className="drop-box"
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          add([...event.dataTransfer.files]);
        }}
      >
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
            add([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = "";
          }}
        />
      </div>
      <TextField label={text.folder} hint={text.folderHint} value={folder} maxLength={900} onChange={setFolder} />
      <CheckField label={text.overwrite} isChecked={isOverwriting} isDisabled={isSending} onChange={setOverwriting} />
      <ul className="uploads" aria-label={text.files}>
        {files.map((one) => (
          <UploadRow
            key={one.key}
            row={one}
            onRemove={isSending ? undefined : () => setFiles(files.filter(({ key }) => key !== one.key))}
          />
        ))}
      </ul>
    </Panel>
  );
}
