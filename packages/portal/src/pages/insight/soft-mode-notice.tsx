/** Says where nothing is denied at present, and switches that off. */
import { endSoftMode, listSoftModes, type SoftMode } from "../../api/insight.ts";
import { useAction, useLoad } from "../../api/use-load.ts";
import { Button } from "../../components/button.tsx";
import { ErrorMessage, MessageBar } from "../../components/message.tsx";
import { formatTime } from "../../components/time.ts";
import { notify } from "../../shell/notifications.tsx";
import { insight } from "../../texts/insight.ts";
import { useNames } from "./use-names.ts";

const { softMode: text } = insight;

/** Whether what is switched on at one scope counts at another; scopes are compared without case. */
function countsAt(on: string, scope: string): boolean {
  const [above, below] = [on, scope].map((one) => `${one.toLowerCase().replace(/\/+$/, "")}/`) as [string, string];
  return below.startsWith(above);
}

/** @param scope only what counts there; everywhere without it. */
export function SoftModeNotice({ scope }: { readonly scope?: string }) {
  const modes = useLoad(listSoftModes, []);
  const action = useAction();
  const shown = (modes.data ?? []).filter((mode) => scope === undefined || countsAt(mode.scope, scope));
  const names = useNames(shown.flatMap(({ principalId }) => (principalId === null ? [] : [principalId])));
  const nameOf = ({ principalId }: SoftMode) =>
    principalId === null ? text.everyone : (names.get(principalId)?.displayName ?? principalId);
  const end = async (mode: SoftMode) => {
    if (!(await action.run(() => endSoftMode(mode)))) return;
    notify(text.ended, mode.scope);
    modes.reload();
  };
  if (shown.length === 0) return null;
  return (
    <>
      {action.error === undefined ? undefined : <ErrorMessage error={action.error} />}
      {shown.map((mode) => (
        <MessageBar key={mode.name} kind="warning">
          <strong>{text.title}</strong>
          <bdi className="wrap">{text.textFor(nameOf(mode), mode.scope, formatTime(mode.expiresOn))}</bdi>
          <div>
            <Button isDisabled={action.isBusy} onClick={() => void end(mode)}>
              {text.end}
            </Button>
          </div>
        </MessageBar>
      ))}
    </>
  );
}
