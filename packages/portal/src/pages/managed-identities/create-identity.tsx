/** The panel that makes a managed identity. */
import { useState } from "react";
import { arm } from "../../api/arm.ts";
import { identityType } from "../../api/identities.ts";
import { useAction } from "../../api/use-load.ts";
import { TextField } from "../../components/form.tsx";
import { FormPanel } from "../../components/form-panel.tsx";
import { MessageBar } from "../../components/message.tsx";
import { notify } from "../../shell/notifications.tsx";
import { common } from "../../texts/common.ts";
import { identities } from "../../texts/directory.ts";
import { GroupField, RegionField, useGroupPlace } from "../group-place.tsx";

const { create: text } = identities;

/** @see https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftmanagedidentity */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$/;

export function CreateIdentity({
  onClose,
  onCreated,
}: {
  readonly onClose: () => void;
  readonly onCreated: () => void;
}) {
  const place = useGroupPlace();
  const [name, setName] = useState("");
  const [isTried, setTried] = useState(false);
  const action = useAction();
  const { group, region } = place;
  const fault = namePattern.test(name) ? undefined : text.nameFault;
  const submit = async () => {
    setTried(true);
    if (fault !== undefined || group === undefined || action.isBusy) return;
    const target = `${group.id}${identityType}/${name}`;
    if (!(await action.run(() => arm("PUT", target, "managedIdentity", { location: region.name })))) return;
    notify(text.done, name);
    onCreated();
  };
  return (
    <FormPanel
      title={text.title}
      submit={common.create}
      action={action}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      {place.isWithoutGroup ? <MessageBar kind="info">{text.noGroup}</MessageBar> : undefined}
      <TextField
        label={text.name}
        hint={text.nameHint}
        value={name}
        maxLength={128}
        onChange={setName}
        isRequired
        hasFocus
        error={isTried ? fault : undefined}
      />
      <GroupField label={text.group} place={place} />
      <RegionField label={text.region} region={region} />
    </FormPanel>
  );
}
