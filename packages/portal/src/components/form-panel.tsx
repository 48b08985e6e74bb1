/** A form in a panel: what is missing is said above it, its button sends it, and it is left by Cancel or Escape. */
import type { ReactNode } from "react";
import { common } from "../texts/common.ts";
import { Button } from "./button.tsx";
import { Panel } from "./dialog.tsx";
import { Form } from "./form.tsx";
import { ErrorMessage } from "./message.tsx";

export function FormPanel(props: {
  readonly title: string;
  /** What the button that sends it says. */
  readonly submit: string;
  /** What sending does, or did. */
  readonly action: { readonly isBusy: boolean; readonly error: unknown };
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  const { title, submit, action, onSubmit, onClose } = props;
  return (
    <Panel
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button appearance="primary" isDisabled={action.isBusy} onClick={onSubmit}>
            {submit}
          </Button>
          <Button onClick={onClose}>{common.cancel}</Button>
        </>
      }
    >
      {action.error === undefined ? undefined : <ErrorMessage error={action.error} />}
      <Form onSubmit={onSubmit}>{props.children}</Form>
    </Panel>
  );
}
