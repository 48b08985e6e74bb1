/** Resource groups: all that the person sees, and making one. */
import { useState } from "react";
import { arm, listResourceGroups, listSubscriptions, partsOfId, type ResourceGroup } from "../api/arm.ts";
import { useAction, useLoad } from "../api/use-load.ts";
import { Blade } from "../components/blade.tsx";
import { Button } from "../components/button.tsx";
import { type Column, DetailsList } from "../components/details-list.tsx";
import { SearchField, SelectField, TextField } from "../components/form.tsx";
import { FormPanel } from "../components/form-panel.tsx";
import { EmptyState, ErrorMessage } from "../components/message.tsx";
import { notify } from "../shell/notifications.tsx";
import { common } from "../texts/common.ts";
import { resources as text } from "../texts/resources.ts";
import { RegionField, useRegion } from "./group-place.tsx";
import { linkedName } from "./linked-name.tsx";

export default function ResourceGroups() {
  const groups = useLoad(listResourceGroups, []);
  const [words, setWords] = useState("");
  const [isCreating, setCreating] = useState(false);
  const rows = (groups.data ?? []).filter(({ name }) => name.toLowerCase().includes(words.trim().toLowerCase()));
  return (
    <Blade
      title={text.resourceGroups}
      icon="group"
      commands={[
        { key: "create", text: text.createGroup.action, icon: "add", onClick: () => setCreating(true) },
        { key: "refresh", text: common.refresh, icon: "refresh", onClick: groups.reload },
      ]}
    >
      <div className="tools">
        <SearchField label={text.filter} value={words} onChange={setWords} />
      </div>
      <DetailsList
        label={text.resourceGroups}
        rows={rows}
        columns={columns}
        keyOf={({ id }) => id}
        isLoading={groups.isLoading}
        error={groups.error}
        empty={
          words === "" ? (
            <EmptyState
              icon="group"
              title={text.emptyGroups}
              action={
                <Button appearance="primary" icon="add" onClick={() => setCreating(true)}>
                  {text.createGroup.title}
                </Button>
              }
            >
              {text.emptyGroupsText}
            </EmptyState>
          ) : (
            <EmptyState icon="search" title={text.noMatch} />
          )
        }
      />
      {isCreating ? (
        <CreatePanel
          onClose={() => setCreating(false)}
          onCreated={() => {
            setCreating(false);
            groups.reload();
          }}
        />
      ) : undefined}
    </Blade>
  );
}

const columns: readonly Column<ResourceGroup>[] = [
  linkedName,
  {
    key: "subscription",
    title: text.subscriptionId,
    width: "320px",
    isMinor: true,
    render: ({ id }) => <code>{partsOfId(id).subscriptionId}</code>,
  },
  { key: "location", title: text.location, width: "160px", render: ({ location }) => location },
];

function CreatePanel({ onClose, onCreated }: { readonly onClose: () => void; readonly onCreated: () => void }) {
  const subscriptions = useLoad(listSubscriptions, []);
  const [draft, setDraft] = useState({ subscriptionId: "", name: "" });
  const [isTried, setTried] = useState(false);
  const action = useAction();
  const subscriptionId = draft.subscriptionId || (subscriptions.data?.[0]?.subscriptionId ?? "");
  const region = useRegion(subscriptionId);
  const isMissing = draft.name.trim() === "";
  const submit = async () => {
    setTried(true);
    if (isMissing || action.isBusy) return;
    const target = `/subscriptions/${subscriptionId}/resourcegroups/${encodeURIComponent(draft.name.trim())}`;
    if (!(await action.run(() => arm("PUT", target, "resources", { location: region.name })))) return;
    notify(text.createGroup.done, draft.name.trim());
    onCreated();
  };
  return (
    <FormPanel
      title={text.createGroup.title}
      submit={common.create}
      action={action}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      {subscriptions.error === undefined ? undefined : <ErrorMessage error={subscriptions.error} />}
      <SelectField
        label={text.subscription}
        value={subscriptionId}
        options={(subscriptions.data ?? []).map((one) => ({ value: one.subscriptionId, text: one.displayName }))}
        onChange={(value) => setDraft({ ...draft, subscriptionId: value })}
      />
      <TextField
        label={text.createGroup.name}
        hint={text.createGroup.nameHint}
        value={draft.name}
        maxLength={90}
        onChange={(name) => setDraft({ ...draft, name })}
        isRequired
        hasFocus
        error={isTried && isMissing ? text.createGroup.missing : undefined}
      />
      <RegionField label={text.createGroup.region} region={region} />
    </FormPanel>
  );
}
