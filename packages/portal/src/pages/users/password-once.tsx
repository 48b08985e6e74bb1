/** A password that was just made: shown this once. It is nowhere but in this page's memory, and gone when the panel closes. */
import { Button } from "../../components/button.tsx";
import { CopyButton } from "../../components/copy-field.tsx";
import { Panel } from "../../components/dialog.tsx";
import { MessageBar } from "../../components/message.tsx";
import { users } from "../../texts/directory.ts";

const { password: text } = users;

export function PasswordOnce(props: {
  readonly userName: string;
  readonly password: string;
  readonly onClose: () => void;
}) {
  return (
    <Panel
      title={text.title}
      onClose={props.onClose}
      footer={
        <Button appearance="primary" onClick={props.onClose}>
          {text.done}
        </Button>
      }
    >
      <MessageBar kind="warning">{text.warning}</MessageBar>
      <dl className="stack">
        <div className="stack-tight">
          <dt className="soft">{users.userName}</dt>
          <dd className="secret">
            <code className="wrap">{props.userName}</code>
            <CopyButton value={props.userName} label={users.userName} />
          </dd>
        </div>
        <div className="stack-tight">
          <dt className="soft">{text.label}</dt>
          <dd className="secret">
            <code data-testid="password-value">{props.password}</code>
            <CopyButton value={props.password} label={text.label} />
          </dd>
        </div>
      </dl>
    </Panel>
  );
}
