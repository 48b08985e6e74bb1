/** The panel that makes a storage account. */
import { useState } from "react";
import { arm, listResourceGroups, partsOfId } from "../api/arm.ts";
import { useAction, useLoad } from "../api/use-load.ts";
import { SelectField, TextField } from "../components/form.tsx";
import { FormPanel } from "../components/form-panel.tsx";
import { MessageBar } from "../components/message.tsx";
import { notify } from "../shell/notifications.tsx";
import { common } from "../texts/common.ts";
import { resources } from "../texts/resources.ts";
import { listLocations, usualLocation } from "./locations.ts";

const { createAccount: text } = resources;

/** @see https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-name */
const namePattern = /^[a-z0-9]{3,24}$/;

const redundancies = (["Standard_LRS", "Standard_ZRS", "Standard_GRS", "Standard_RAGRS"] as const).map((value) => ({
  value,
  text: resources.redundancies[value],
}));

type Draft = {
  readonly name: string;
  readonly groupId: string;
  readonly location: string;
  readonly sku: (typeof redundancies)[number]["value"];
};

export function CreateStorageAccount(props: {
  /** The resource group to begin with, by name; "" for the first. */
  readonly group: string;
  readonly onClose: () => void;
  readonly onCreated: () => void;
}) {
  const groups = useLoad(listResourceGroups, []);
  const [draft, setDraft] = useState<Draft>({ name: "", groupId: "", location: "", sku: "Standard_LRS" });
  const [isTried, setTried] = useState(false);
  const action = useAction();
  const all = groups.data ?? [];
  const chosen = all.find(({ id }) => id === draft.groupId) ?? all.find(({ name }) => name === props.group) ?? all[0];
  const subscriptionId = chosen === undefined ? "" : partsOfId(chosen.id).subscriptionId;
  const locations = useLoad(() => listLocations(subscriptionId), [subscriptionId]);
  const location = draft.location || (chosen?.location ?? usualLocation(locations.data));
  const fault = namePattern.test(draft.name) ? undefined : text.nameFault;
  const submit = async () => {
    setTried(true);
    if (fault !== undefined || chosen === undefined || action.isBusy) return;
    const target = `${chosen.id}/providers/Microsoft.Storage/storageAccounts/${draft.name}`;
    const body = { location, kind: "StorageV2", sku: { name: draft.sku }, properties: {} };
    if (!(await action.run(() => arm("PUT", target, "storage", body)))) return;
    notify(text.done, draft.name);
    props.onCreated();
  };
  return (
    <FormPanel
      title={text.title}
      submit={common.create}
      action={action}
      onSubmit={() => void submit()}
      onClose={props.onClose}
    >
      {groups.data !== undefined && all.length === 0 ? <MessageBar kind="info">{text.noGroup}</MessageBar> : undefined}
      <SelectField
        label={text.group}
        value={chosen?.id ?? ""}
        options={all.map(({ id, name }) => ({ value: id, text: name }))}
        onChange={(groupId) => setDraft({ ...draft, groupId })}
      />
      <TextField
        label={text.name}
        hint={text.nameHint}
        value={draft.name}
        maxLength={24}
        onChange={(name) => setDraft({ ...draft, name })}
        isRequired
        hasFocus
        error={isTried ? fault : undefined}
      />
      <SelectField
        label={text.region}
        value={location}
        options={(locations.data ?? []).map(({ name, displayName }) => ({ value: name, text: displayName }))}
        onChange={(value) => setDraft({ ...draft, location: value })}
      />
      <SelectField
        label={text.redundancy}
        value={draft.sku}
        options={redundancies}
        onChange={(sku) => setDraft({ ...draft, sku })}
      />
    </FormPanel>
  );
}
