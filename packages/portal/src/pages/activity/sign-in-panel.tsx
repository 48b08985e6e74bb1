/** One sign-in: who, by which application, to what, and why it failed. */
import type { SignIn } from "../../api/directory.ts";
import { Button } from "../../components/button.tsx";
import { CopyButton } from "../../components/copy-field.tsx";
import { Panel } from "../../components/dialog.tsx";
import { MessageBar } from "../../components/message.tsx";
import { formatTime } from "../../components/time.ts";
import { Link } from "../../router/link.tsx";
import { common } from "../../texts/common.ts";
import { insight } from "../../texts/insight.ts";

const { activity: text } = insight;

export function SignInPanel({ signIn, onClose }: { readonly signIn: SignIn; readonly onClose: () => void }) {
  const { errorCode, failureReason } = signIn.status;
  const rows: readonly (readonly [string, string | null])[] = [
    [insight.time, formatTime(signIn.createdDateTime)],
    [insight.who, signIn.userPrincipalName ?? signIn.userDisplayName ?? signIn.servicePrincipalName],
    [text.app, signIn.appDisplayName ?? signIn.appId],
    [text.resource, signIn.resourceDisplayName],
    [text.protocol, signIn.authenticationProtocol],
    [text.requestId, signIn.id],
    [text.correlationId, signIn.correlationId],
  ];
  return (
    <Panel title={text.signInTitle} onClose={onClose} footer={<Button onClick={onClose}>{common.close}</Button>}>
      {errorCode === 0 ? (
        <MessageBar kind="success">
          <strong>{insight.outcomes.allowed}</strong>
        </MessageBar>
      ) : (
        <MessageBar kind="warning">
          <strong>
            {insight.outcomes.failed} <code>{failureReason}</code>
          </strong>
          <span className="wrap">{text.reasons[errorCode] ?? text.otherReason}</span>
        </MessageBar>
      )}
      <dl className="stack">
        {rows.map(([label, value]) =>
          value === null || value === "" ? undefined : (
            <div key={label} className="stack-tight">
              <dt className="soft">{label}</dt>
              <dd className="secret">
                <bdi className="wrap">{value}</bdi>
                {label === text.requestId || label === text.correlationId ? (
                  <CopyButton value={value} label={label} />
                ) : undefined}
              </dd>
            </div>
          ),
        )}
      </dl>
      {signIn.servicePrincipalId === null ? undefined : (
        <Link to={`/portal/enterprise-applications/${signIn.servicePrincipalId}`}>{text.openApp}</Link>
      )}
    </Panel>
  );
}
