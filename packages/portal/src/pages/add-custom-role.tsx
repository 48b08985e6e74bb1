/** Create a custom role: from scratch, or from another role. */
import { useState } from "react";
import { forgetRoles, listRoles } from "../api/access.ts";
import { arm, type RoleDefinition } from "../api/arm.ts";
import { useAction, useLoad } from "../api/use-load.ts";
import { Button } from "../components/button.tsx";
import { Form, RadioField, SelectField, TextArea, TextField } from "../components/form.tsx";
import { ErrorMessage } from "../components/message.tsx";
import { navigate } from "../router/location.ts";
import { notify } from "../shell/notifications.tsx";
import { access } from "../texts/access.ts";
import { common } from "../texts/common.ts";
import { PlaceFrame } from "./place-frame.tsx";
import { type Place, placeOf } from "./places.ts";
import type { PageProps } from "./routes.ts";

const { custom: text, roles: words } = access;

const operationKinds = ["actions", "notActions", "dataActions", "notDataActions"] as const;
type OperationKind = (typeof operationKinds)[number];

type Draft = Readonly<Record<OperationKind | "name" | "description" | "scopes", string>>;

const emptyDraft: Draft = {
  name: "",
  description: "",
  actions: "",
  notActions: "",
  dataActions: "",
  notDataActions: "",
  scopes: "",
};

const baselines = [
  { value: "scratch", text: text.scratch },
  { value: "clone", text: text.clone },
] as const;

function linesOf(value: string): string[] {
  return value
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

function draftOf({ properties }: RoleDefinition, before: Draft): Draft {
  const of = (kind: OperationKind) => properties.permissions.flatMap((permission) => permission[kind]).join("\n");
  return {
    ...before,
    description: before.description || (properties.description ?? ""),
    actions: of("actions"),
    notActions: of("notActions"),
    dataActions: of("dataActions"),
    notDataActions: of("notDataActions"),
  };
}

/** Custom roles belong to subscriptions and management groups, or to groups in them. */
function scopeOf({ scope }: Place): string {
  return scope.split("/").slice(0, 5).join("/");
}

function bodyOf(draft: Draft): object {
  const permission = Object.fromEntries(operationKinds.map((kind) => [kind, linesOf(draft[kind])]));
  return {
    properties: {
      roleName: draft.name.trim(),
      description: draft.description.trim(),
      type: "CustomRole",
      permissions: [permission],
      assignableScopes: linesOf(draft.scopes),
    },
  };
}

export default function AddCustomRole({ params }: PageProps) {
  const place = placeOf(params);
  const [draft, setDraft] = useState<Draft>({ ...emptyDraft, scopes: scopeOf(place) });
  const [isTried, setTried] = useState(false);
  const action = useAction();
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const hasOperations = linesOf(draft.actions).length + linesOf(draft.dataActions).length > 0;
  const isMissing = draft.name.trim() === "" || !hasOperations || linesOf(draft.scopes).length === 0;
  const submit = async () => {
    setTried(true);
    if (isMissing || action.isBusy) return;
    const target = `${linesOf(draft.scopes)[0]}/providers/Microsoft.Authorization/roleDefinitions/${crypto.randomUUID()}`;
    if (!(await action.run(() => arm("PUT", target, "authorization", bodyOf(draft))))) return;
    forgetRoles();
    notify(text.done, draft.name.trim());
    navigate(`${place.base}/access-control?tab=roles`);
  };
  return (
    <PlaceFrame place={place} section={text.title}>
      <Form onSubmit={() => void submit()}>
        {action.error === undefined ? undefined : <ErrorMessage error={action.error} />}
        <TextField
          label={text.name}
          value={draft.name}
          onChange={(name) => set({ name })}
          maxLength={512}
          isRequired
          error={isTried && isMissing ? text.missing : undefined}
        />
        <TextArea
          label={text.description}
          value={draft.description}
          onChange={(description) => set({ description })}
          maxLength={2048}
        />
        <Baseline scope={place.scope} onClone={(role) => setDraft((before) => draftOf(role, before))} />
        {operationKinds.map((kind) => (
          <TextArea
            key={kind}
            label={words[kind]}
            hint={text.actionsHint}
            isCode
            rows={kind === "actions" || kind === "dataActions" ? 5 : 2}
            value={draft[kind]}
            onChange={(value) => set({ [kind]: value })}
          />
        ))}
        <TextArea
          label={text.assignableScopes}
          hint={text.scopesHint}
          isCode
          rows={2}
          value={draft.scopes}
          onChange={(scopes) => set({ scopes })}
        />
        <div className="buttons">
          <Button appearance="primary" isSubmit isDisabled={action.isBusy}>
            {text.create}
          </Button>
          <Button onClick={() => navigate(`${place.base}/access-control?tab=roles`)}>{common.cancel}</Button>
        </div>
      </Form>
    </PlaceFrame>
  );
}

function Baseline({ scope, onClone }: { readonly scope: string; readonly onClone: (role: RoleDefinition) => void }) {
  const roles = useLoad(() => listRoles(scope), [scope]);
  const [baseline, setBaseline] = useState<(typeof baselines)[number]["value"]>("scratch");
  const [cloned, setCloned] = useState("");
  const all = roles.data ?? [];
  return (
    <>
      <RadioField label={text.baseline} value={baseline} options={baselines} onChange={setBaseline} />
      {baseline === "clone" ? (
        <SelectField
          label={text.cloneRole}
          value={cloned}
          options={[
            { value: "", text: "-" },
            ...all.map(({ id, properties }) => ({ value: id, text: properties.roleName })),
          ]}
          onChange={(id) => {
            setCloned(id);
            const role = all.find((one) => one.id === id);
            if (role !== undefined) onClone(role);
          }}
        />
      ) : undefined}
    </>
  );
}
