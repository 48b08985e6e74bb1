/** What is asked before something is done to a user, and the password that comes of it. */
import { useState } from "react";
import { makePassword, type User } from "../../api/directory.ts";
import { graph } from "../../api/graph.ts";
import { useAction } from "../../api/use-load.ts";
import { ConfirmDialog } from "../../components/dialog.tsx";
import { CheckField } from "../../components/form.tsx";
import { navigate } from "../../router/location.ts";
import { notify } from "../../shell/notifications.tsx";
import { directory, users as text } from "../../texts/directory.ts";
import { PasswordOnce } from "./password-once.tsx";

export type UserAction = "reset" | "block" | "unblock" | "revoke" | "delete";

const words: Readonly<
  Record<UserAction, { readonly title: string; readonly text: (name: string) => string; readonly done: string }>
> = {
  reset: { title: text.reset.action, text: text.reset.text, done: text.reset.done },
  block: { title: text.block, text: text.blockText, done: text.blockDone },
  unblock: { title: text.unblock, text: (name) => name, done: text.unblockDone },
  revoke: { title: text.revoke, text: text.revokeText, done: text.revokeDone },
  delete: { title: text.deleteTitle, text: text.deleteText, done: directory.deleted },
};

function send(action: UserAction, id: string, password: string, isForced: boolean): Promise<unknown> {
  const target = `/users/${id}`;
  switch (action) {
    case "reset":
      return graph("PATCH", target, { passwordProfile: { password, forceChangePasswordNextSignIn: isForced } });
    case "block":
    case "unblock":
      return graph("PATCH", target, { accountEnabled: action === "unblock" });
    case "revoke":
      return graph("POST", `${target}/revokeSignInSessions`);
    case "delete":
      return graph("DELETE", target);
  }
}

export function UserDialog(props: {
  readonly user: User;
  readonly action: UserAction;
  readonly onClose: () => void;
  readonly onDone: () => void;
}) {
  const { user, action: asked, onClose, onDone } = props;
  const [isForced, setForced] = useState(true);
  const [password, setPassword] = useState<string>();
  const action = useAction();
  const word = words[asked];
  const confirm = async () => {
    const made = makePassword();
    if (!(await action.run(() => send(asked, user.id, made, isForced)))) return;
    notify(word.done, user.displayName);
    if (asked === "delete") {
      navigate("/portal/users");
      return;
    }
    onDone();
    if (asked === "reset") setPassword(made);
    else onClose();
  };
  if (password !== undefined)
    return <PasswordOnce userName={user.userPrincipalName} password={password} onClose={onClose} />;
  return (
    <ConfirmDialog
      title={word.title}
      action={word.title}
      isBusy={action.isBusy}
      error={action.error}
      onConfirm={() => void confirm()}
      onClose={onClose}
    >
      <p>
        <bdi>{word.text(user.displayName)}</bdi>
      </p>
      {asked === "reset" ? (
        <CheckField label={text.reset.force} isChecked={isForced} onChange={setForced} />
      ) : undefined}
    </ConfirmDialog>
  );
}
