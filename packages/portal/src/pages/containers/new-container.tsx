/** The panel that makes a container; anonymous access can be given where the account allows it. */
import { useState } from "react";
import { arm, type StorageAccount } from "../../api/arm.ts";
import { createContainer, type PublicAccess } from "../../api/blobs.ts";
import { useAction, useLoad } from "../../api/use-load.ts";
import { SelectField, TextField } from "../../components/form.tsx";
import { FormPanel } from "../../components/form-panel.tsx";
import { notify } from "../../shell/notifications.tsx";
import { blobs as text } from "../../texts/blobs.ts";
import { common } from "../../texts/common.ts";

/** @see https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata#container-names */
const namePattern = /^(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$|^\$(?:root|web)$/;

const levels = (["none", "blob", "container"] as const).map((value) => ({ value, text: text.levels[value] }));

export function NewContainer(props: {
  readonly account: string;
  readonly accountScope: string;
  readonly onClose: () => void;
  readonly onCreated: () => void;
}) {
  // Who may see the data need not see the account: then nothing is said of anonymous access.
  const account = useLoad(() => arm<StorageAccount>("GET", props.accountScope, "storage"), [props.accountScope]);
  const isAllowed = account.data?.properties.allowBlobPublicAccess === true;
  const [name, setName] = useState("");
  const [level, setLevel] = useState<PublicAccess>("none");
  const [isTried, setTried] = useState(false);
  const action = useAction();
  const fault = namePattern.test(name) ? undefined : text.create.nameFault;
  const submit = async () => {
    setTried(true);
    if (fault !== undefined || action.isBusy) return;
    if (!(await action.run(() => createContainer(props.account, name, isAllowed ? level : "none")))) return;
    notify(text.create.done, name);
    props.onCreated();
  };
  return (
    <FormPanel
      title={text.create.title}
      submit={common.create}
      action={action}
      onSubmit={() => void submit()}
      onClose={props.onClose}
    >
      <TextField
        label={text.name}
        hint={text.create.nameHint}
        value={name}
        maxLength={63}
        onChange={setName}
        isRequired
        hasFocus
        error={isTried ? fault : undefined}
      />
      <SelectField
        label={text.publicAccess}
        value={isAllowed ? level : "none"}
        options={levels.map((option) => ({ ...option, isDisabled: option.value !== "none" && !isAllowed }))}
        {...(isAllowed ? {} : { hint: text.levelHint })}
        onChange={setLevel}
      />
    </FormPanel>
  );
}
