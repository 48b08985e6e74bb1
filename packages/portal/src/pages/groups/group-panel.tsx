/** The panel with a group's name and description, to make one or to change one. */
import { useState } from "react";
import type { useAction } from "../../api/use-load.ts";
import { Button } from "../../components/button.tsx";
import { Panel } from "../../components/dialog.tsx";
import { Form, TextArea, TextField } from "../../components/form.tsx";
import { ErrorMessage } from "../../components/message.tsx";
import { common } from "../../texts/common.ts";
import { groups as text } from "../../texts/directory.ts";

export function GroupPanel(props: {
  readonly title: string;
  readonly submit: string;
  readonly initial?: { readonly name: string; readonly description: string };
  readonly action: ReturnType<typeof useAction>;
  readonly onSubmit: (name: string, description: string) => void;
  readonly onClose: () => void;
}) {
  const { action, onClose } = props;
  const [draft, setDraft] = useState(props.initial ?? { name: "", description: "" });
  const [isTried, setTried] = useState(false);
  const isMissing = draft.name.trim() === "";
  const submit = () => {
    setTried(true);
    if (!isMissing && !action.isBusy) props.onSubmit(draft.name.trim(), draft.description.trim());
  };
  return (
    <Panel
      title={props.title}
      onClose={onClose}
      footer={
        <>
          <Button appearance="primary" isDisabled={action.isBusy} onClick={submit}>
            {props.submit}
          </Button>
          <Button onClick={onClose}>{common.cancel}</Button>
        </>
      }
    >
      {action.error === undefined ? undefined : <ErrorMessage error={action.error} />}
      <Form onSubmit={submit}>
        <TextField
          label={text.create.name}
          value={draft.name}
          maxLength={256}
          onChange={(name) => setDraft({ ...draft, name })}
          isRequired
          hasFocus
          error={isTried && isMissing ? text.create.missing : undefined}
        />
        <TextArea
          label={text.description}
          value={draft.description}
          maxLength={1024}
          onChange={(description) => setDraft({ ...draft, description })}
        />
      </Form>
    </Panel>
  );
}
