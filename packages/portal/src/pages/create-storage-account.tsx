/** The panel that makes a storage account. */
import { useState } from "react";
import { arm } from "../api/arm.ts";
import { useAction } from "../api/use-load.ts";
import { SelectField, TextField } from "../components/form.tsx";
import { FormPanel } from "../components/form-panel.tsx";
import { MessageBar } from "../components/message.tsx";
import { notify } from "../shell/notifications.tsx";
import { common } from "../texts/common.ts";
import { resources } from "../texts/resources.ts";
import { GroupField, RegionField, useGroupPlace } from "./group-place.tsx";

const { createAccount: text } = resources;

/** @see https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-name */
const namePattern = /^[a-z0-9]{3,24}$/;

const redundancies = (["Standard_LRS", "Standard_ZRS", "Standard_GRS", "Standard_RAGRS"] as const).map((value) => ({
  value,
  text: resources.redundancies[value],
}));

export function CreateStorageAccount(props: {
  /** The resource group to begin with, by name; "" for the first. */
  readonly group: string;
  readonly onClose: () => void;
  readonly onCreated: () => void;
}) {
  const place = useGroupPlace(props.group);
  const [name, setName] = useState("");
  const [sku, setSku] = useState<(typeof redundancies)[number]["value"]>("Standard_LRS");
  const [isTried, setTried] = useState(false);
  const action = useAction();
  const { group, region } = place;
  const fault = namePattern.test(name) ? undefined : text.nameFault;
  const submit = async () => {
    setTried(true);
    if (fault !== undefined || group === undefined || action.isBusy) return;
    const target = `${group.id}/providers/Microsoft.Storage/storageAccounts/${name}`;
    const body = { location: region.name, kind: "StorageV2", sku: { name: sku }, properties: {} };
    if (!(await action.run(() => arm("PUT", target, "storage", body)))) return;
    notify(text.done, name);
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
      {place.isWithoutGroup ? <MessageBar kind="info">{text.noGroup}</MessageBar> : undefined}
      <GroupField label={text.group} place={place} />
      <TextField
        label={text.name}
        hint={text.nameHint}
        value={name}
        maxLength={24}
        onChange={setName}
        isRequired
        hasFocus
        error={isTried ? fault : undefined}
      />
      <RegionField label={text.region} region={region} />
      <SelectField label={text.redundancy} value={sku} options={redundancies} onChange={setSku} />
    </FormPanel>
  );
}
