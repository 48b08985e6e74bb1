/** The custom role with exactly what was used, to take along as the file that `az role definition create` reads. */
import { Button } from "../../components/button.tsx";
import { CopyButton } from "../../components/copy-field.tsx";
import { TextField } from "../../components/form.tsx";
import { notify } from "../../shell/notifications.tsx";
import { insight } from "../../texts/insight.ts";
import { saveFile } from "../blobs/save-file.ts";

const { learn: text } = insight;

export function CustomRole(props: {
  readonly role: Readonly<Record<string, unknown>>;
  readonly name: string;
  readonly onName: (name: string) => void;
}) {
  const json = JSON.stringify({ ...props.role, Name: props.name }, null, 2);
  const download = () => {
    saveFile(new Blob([`${json}\n`], { type: "application/json" }), "role.json");
    notify(text.downloaded, "role.json");
  };
  return (
    <section className="stack narrow">
      <h2 className="title2">{text.customTitle}</h2>
      <p className="soft">{text.customText}</p>
      <TextField label={text.customName} value={props.name} maxLength={512} onChange={props.onName} />
      <div className="code-block">
        <pre className="wrap-text">{json}</pre>
        <CopyButton value={json} label={text.json} />
      </div>
      <div>
        <Button icon="download" onClick={download}>
          {text.download}
        </Button>
      </div>
    </section>
  );
}
