/** The panel that makes a user; the password is made for them and shown once. */
import { useState } from "react";
import { listDomains, makePassword } from "../../api/directory.ts";
import { graph } from "../../api/graph.ts";
import { useAction, useLoad } from "../../api/use-load.ts";
import { CheckField, SelectField, TextField } from "../../components/form.tsx";
import { FormPanel } from "../../components/form-panel.tsx";
import { ErrorMessage } from "../../components/message.tsx";
import { notify } from "../../shell/notifications.tsx";
import { common } from "../../texts/common.ts";
import { users } from "../../texts/directory.ts";
import { PasswordOnce } from "./password-once.tsx";

const { create: text } = users;

const blank = { nickname: "", domain: "", name: "", job: "", department: "", isEnabled: true, isForced: true };

export function NewUser({ onClose, onCreated }: { readonly onClose: () => void; readonly onCreated: () => void }) {
  const domains = useLoad(listDomains, []);
  const [draft, setDraft] = useState(blank);
  const [made, setMade] = useState<{ readonly userName: string; readonly password: string }>();
  const [isTried, setTried] = useState(false);
  const action = useAction();
  const set = (change: Partial<typeof blank>) => setDraft({ ...draft, ...change });
  const domain = draft.domain || (domains.data?.[0] ?? "");
  const isMissing = draft.nickname.trim() === "" || draft.name.trim() === "";
  const submit = async () => {
    setTried(true);
    if (isMissing || action.isBusy) return;
    const password = makePassword();
    const userName = `${draft.nickname.trim()}@${domain}`;
    const body = {
      accountEnabled: draft.isEnabled,
      displayName: draft.name.trim(),
      mailNickname: draft.nickname.trim(),
      userPrincipalName: userName,
      ...(draft.job.trim() === "" ? {} : { jobTitle: draft.job.trim() }),
      ...(draft.department.trim() === "" ? {} : { department: draft.department.trim() }),
      passwordProfile: { password, forceChangePasswordNextSignIn: draft.isForced },
    };
    if (!(await action.run(() => graph("POST", "/users", body)))) return;
    notify(text.done, draft.name.trim());
    setMade({ userName, password });
    onCreated();
  };
  if (made !== undefined) return <PasswordOnce {...made} onClose={onClose} />;
  return (
    <FormPanel
      title={text.title}
      submit={common.create}
      action={action}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      {domains.error === undefined ? undefined : <ErrorMessage error={domains.error} />}
      <TextField
        label={text.nickname}
        hint={text.nicknameHint}
        value={draft.nickname}
        maxLength={64}
        onChange={(nickname) => set({ nickname })}
        isRequired
        hasFocus
        error={isTried && isMissing ? text.missing : undefined}
      />
      <SelectField
        label={text.domain}
        value={domain}
        options={(domains.data ?? []).map((value) => ({ value, text: `@${value}` }))}
        onChange={(value) => set({ domain: value })}
      />
      <TextField label={text.name} value={draft.name} maxLength={256} onChange={(name) => set({ name })} isRequired />
      <TextField label={text.job} value={draft.job} maxLength={128} onChange={(job) => set({ job })} />
      <TextField
        label={text.department}
        value={draft.department}
        maxLength={64}
        onChange={(department) => set({ department })}
      />
      <CheckField label={text.enabled} isChecked={draft.isEnabled} onChange={(isEnabled) => set({ isEnabled })} />
      <CheckField label={users.reset.force} isChecked={draft.isForced} onChange={(isForced) => set({ isForced })} />
    </FormPanel>
  );
}
