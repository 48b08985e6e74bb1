/** Deleting one thing: asked about, done, and told of; what goes wrong is said where it was asked. */
import { useAction } from "../api/use-load.ts";
import { ConfirmDialog } from "../components/dialog.tsx";
import { common } from "../texts/common.ts";
import { notify } from "./notifications.tsx";

export function DeleteDialog(props: {
  readonly title: string;
  /** What is asked, with the thing's name in it. */
  readonly question: string;
  /** What the button says; Delete when absent. */
  readonly action?: string;
  readonly remove: () => Promise<unknown>;
  /** What is told once it is done, and of what. */
  readonly done: string;
  readonly name: string;
  readonly onDone: () => void;
  readonly onClose: () => void;
}) {
  const { title, question, remove, done, name, onDone, onClose } = props;
  const action = useAction();
  const confirm = async () => {
    if (!(await action.run(remove))) return;
    notify(done, name);
    onClose();
    onDone();
  };
  return (
    <ConfirmDialog
      title={title}
      action={props.action ?? common.delete}
      isBusy={action.isBusy}
      error={action.error}
      onConfirm={() => void confirm()}
      onClose={onClose}
    >
      <p>
        <bdi>{question}</bdi>
      </p>
    </ConfirmDialog>
  );
}
