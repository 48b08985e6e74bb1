/** One file on its way up. */
import { IconButton } from "../../components/button.tsx";
import { ErrorMessage } from "../../components/message.tsx";
import { shortName } from "../../components/short-name.ts";
import { formatSize } from "../../components/size.ts";
import { blobs } from "../../texts/blobs.ts";

const { uploadPanel: text } = blobs;

export type FileState = {
  readonly key: number;
  readonly file: File;
  readonly state: keyof typeof text.states;
  readonly sentBytes: number;
  readonly error: unknown;
};

export function UploadRow({ row, onRemove }: { readonly row: FileState; readonly onRemove: (() => void) | undefined }) {
  const { file, state, sentBytes, error } = row;
  const name = shortName(file.name);
  return (
    <li className="upload-row">
      <div className="upload-head">
        <bdi className="wrap">{file.name}</bdi>
        <span className="soft small">
          {formatSize(file.size)}, <span role="status">{text.states[state]}</span>
        </span>
        {onRemove === undefined || state === "done" ? undefined : (
          <IconButton name={text.remove(name)} icon="close" onClick={onRemove} />
        )}
      </div>
      <progress
        aria-label={text.progressOf(name)}
        max={Math.max(file.size, 1)}
        value={state === "done" ? Math.max(file.size, 1) : state === "sending" ? sentBytes : 0}
      />
      {error === undefined ? undefined : <ErrorMessage error={error} />}
    </li>
  );
}
