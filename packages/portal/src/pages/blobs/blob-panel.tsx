/** One blob: its headers as Azure answers them, its address, and getting it. */
import { getBlobProperties } from "../../api/blobs.ts";
import { useLoad } from "../../api/use-load.ts";
import { Button } from "../../components/button.tsx";
import { CopyButton } from "../../components/copy-field.tsx";
import { Panel } from "../../components/dialog.tsx";
import { ErrorMessage, Loading } from "../../components/message.tsx";
import { blobs as text } from "../../texts/blobs.ts";
import { common } from "../../texts/common.ts";

/** Longest part of a name in the heading, in characters. */
const maxTitleChars = 200;

export function BlobPanel(props: {
  readonly account: string;
  readonly container: string;
  readonly name: string;
  readonly onClose: () => void;
  readonly onDownload: () => void;
}) {
  const { account, container, name } = props;
  const properties = useLoad(() => getBlobProperties(account, container, name), [account, container, name]);
  const path = name.split("/").map(encodeURIComponent).join("/");
  const url = `https://${account}.blob.core.windows.net/${container}/${path}`;
  return (
    <Panel
      title={(name.split("/").at(-1) || name).slice(0, maxTitleChars)}
      onClose={props.onClose}
      footer={
        <>
          <Button appearance="primary" isDisabled={properties.data === undefined} onClick={props.onDownload}>
            {text.download}
          </Button>
          <Button onClick={props.onClose}>{common.close}</Button>
        </>
      }
    >
      <div className="stack-tight">
        <strong>{text.url}</strong>
        <span className="secret">
          <code className="wrap">{url}</code>
          <CopyButton value={url} label={text.url} />
        </span>
      </div>
      {properties.error === undefined ? undefined : <ErrorMessage error={properties.error} />}
      {properties.isLoading ? <Loading /> : undefined}
      {properties.data === undefined ? undefined : (
        <dl className="stack">
          {properties.data.map(([header, value]) => (
            <div key={header} className="stack-tight">
              <dt className="soft">{header}</dt>
              <dd className="wrap">
                <bdi>{value}</bdi>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Panel>
  );
}
