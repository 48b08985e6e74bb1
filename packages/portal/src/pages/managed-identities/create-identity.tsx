/** The panel that makes a managed identity. */
import { useState } from "react";
import { arm, listResourceGroups, partsOfId } from "../../api/arm.ts";
import { identityType } from "../../api/identities.ts";
import { useAction, useLoad } from "../../api/use-load.ts";
import { SelectField, TextField } from "../../components/form.tsx";
import { FormPanel } from "../../components/form-panel.tsx";
import { MessageBar } from "../../components/message.tsx";
import { notify } from "../../shell/notifications.tsx";
import { common } from "../../texts/common.ts";
import { identities } from "../../texts/directory.ts";
import { listLocations, usualLocation } from "../locations.ts";

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
  const groups = useLoad(listResourceGroups, []);
  const [draft, setDraft] = useState({ name: "", groupId: "", location: "" });
  const [isTried, setTried] = useState(false);
  const action = useAction();
  const all = groups.data ?? [];
  const chosen = all.find(({ id }) => id === draft.groupId) ?? all[0];
  const subscriptionId = chosen === undefined ? "" : partsOfId(chosen.id).subscriptionId;
  const locations = useLoad(() => listLocations(subscriptionId), [subscriptionId]);
  const location = draft.location || (chosen?.location ?? usualLocation(locations.data));
  const fault = namePattern.test(draft.name) ? undefined : text.nameFault;
  const submit = async () => {
    setTried(true);
    if (fault !== undefined || chosen === undefined || action.isBusy) return;
    const target = `${chosen.id}${identityType}/${draft.name}`;
    if (!(await action.run(() => arm("PUT", target, "managedIdentity", { location })))) return;
    notify(text.done, draft.name);
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
      {groups.data !== undefined && all.length === 0 ? <MessageBar kind="info">{text.noGroup}</MessageBar> : undefined}
      <TextField
        label={text.name}
        hint={text.nameHint}
        value={draft.name}
        maxLength={128}
        onChange={(name) => setDraft({ ...draft, name })}
        isRequired
        hasFocus
        error={isTried ? fault : undefined}
      />
      <SelectField
        label={text.group}
        value={chosen?.id ?? ""}
        options={all.map(({ id, name }) => ({ value: id, text: name }))}
        onChange={(groupId) => setDraft({ ...draft, groupId })}
      />
      <SelectField
        label={text.region}
        value={location}
        options={(locations.data ?? []).map(({ name, displayName }) => ({ value: name, text: displayName }))}
        onChange={(value) => setDraft({ ...draft, location: value })}
      />
    </FormPanel>
  );
}
