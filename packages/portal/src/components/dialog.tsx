/** A panel at the right edge, and a box in the middle: the browser's own modal dialog, which keeps the focus and closes by Escape. */
import { type ReactNode, useEffect, useId, useRef } from "react";
import { common } from "../texts/common.ts";
import { Button, IconButton } from "./button.tsx";
import { ErrorMessage } from "./message.tsx";

type ModalProps = {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly footer?: ReactNode;
};

export function Panel(props: ModalProps) {
  return <Modal {...props} className="panel" />;
}

export function Dialog(props: ModalProps) {
  return <Modal {...props} className="box" />;
}

function Modal({ title, onClose, children, footer, className }: ModalProps & { readonly className: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const opened = dialog.current;
    if (opened !== null && !opened.open) opened.showModal();
    return () => opened?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={className}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header>
        <h2 id={titleId}>{title}</h2>
        <IconButton name={common.close} icon="close" onClick={onClose} />
      </header>
      <div className="modal-content">{children}</div>
      {footer === undefined ? undefined : <footer>{footer}</footer>}
    </dialog>
  );
}

/** Asks before something that cannot be taken back. */
export function ConfirmDialog(props: {
  readonly title: string;
  readonly children: ReactNode;
  readonly action: string;
  readonly isBusy?: boolean;
  readonly error?: unknown;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}) {
  return (
    <Dialog
      title={props.title}
      onClose={props.onClose}
      footer={
        <>
          <Button appearance="primary" isDisabled={props.isBusy === true} onClick={props.onConfirm}>
            {props.action}
          </Button>
          <Button onClick={props.onClose}>{common.cancel}</Button>
        </>
      }
    >
      {props.error === undefined ? undefined : <ErrorMessage error={props.error} />}
      {props.children}
    </Dialog>
  );
}
