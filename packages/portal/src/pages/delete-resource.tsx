/** Deletes a resource with all it holds, once its name has been typed. */
import { useState } from "react";
import { type ApiVersion, arm } from "../api/arm.ts";
import { useAction } from "../api/use-load.ts";
import { Button } from "../components/button.tsx";
import { Panel } from "../components/dialog.tsx";
import { Form, TextField } from "../components/form.tsx";
import { ErrorMessage, MessageBar } from "../components/message.tsx";
import { navigate } from "../router/location.ts";
import { notify } from "../shell/notifications.tsx";
import { common } from "../texts/common.ts";

export function DeleteResource(props: {
  readonly id: string;
  readonly version: ApiVersion;
  readonly name: string;
  readonly title: string;
  readonly text: string;
  readonly confirmLabel: string;
  readonly done: string;
  /** Where to go afterwards. */
  readonly next: string;
  readonly onClose: () => void;
}) {
  const [typed, setTyped] = useState("");
  const action = useAction();
  const isConfirmed = typed === props.name;
  const submit = async () => {
    if (!isConfirmed || !(await action.run(() => arm("DELETE", props.id, props.version)))) return;
    notify(props.done, props.name);
    navigate(props.next);
  };
  return (
    <Panel
      title={props.title}
      onClose={props.onClose}
      footer={
        <>
          <Button appearance="primary" isDisabled={!isConfirmed || action.isBusy} onClick={() => void submit()}>
            {common.delete}
          </Button>
          <Button onClick={props.onClose}>{common.cancel}</Button>
        </>
      }
    >
      {action.error === undefined ? undefined : <ErrorMessage error={action.error} />}
      <MessageBar kind="warning">{props.text}</MessageBar>
      <Form onSubmit={() => void submit()}>
        <TextField label={props.confirmLabel} hint={props.name} value={typed} onChange={setTyped} hasFocus />
      </Form>
    </Panel>
  );
}
