/** The panel that asks for more permissions: an API, then some of what it publishes. */
import { useState } from "react";
import { setPermissions, withPermissions } from "../../api/consent.ts";
import { type Application, graphAll, type ServicePrincipal } from "../../api/graph.ts";
import { useAction, useLoad } from "../../api/use-load.ts";
import { Button } from "../../components/button.tsx";
import { Panel } from "../../components/dialog.tsx";
import { CheckField, RadioField, SearchField, SelectField } from "../../components/form.tsx";
import { ErrorMessage, Loading } from "../../components/message.tsx";
import { notify } from "../../shell/notifications.tsx";
import { permissions as text } from "../../texts/app-registrations.ts";
import { common } from "../../texts/common.ts";

/** One thing an API publishes. */
type Offer = { readonly id: string; readonly value: string; readonly description: string };

/** Permissions shown at once; the filter finds the others. */
const maxShown = 100;

/** The APIs that publish something. */
async function listApis(): Promise<readonly ServicePrincipal[]> {
  const members = "$select=id,appId,displayName,oauth2PermissionScopes,appRoles,accountEnabled,servicePrincipalType";
  const all = await graphAll<ServicePrincipal>(`/servicePrincipals?${members}&$top=999`);
  return all
    .filter(({ oauth2PermissionScopes, appRoles }) => oauth2PermissionScopes.length + appRoles.length > 0)
    .sort((a, b) => a.displayName.localeCompare(b.displayName, "en"));
}

function offersOf(api: ServicePrincipal | undefined, kind: "Scope" | "Role"): readonly Offer[] {
  if (api === undefined) return [];
  if (kind === "Scope")
    return api.oauth2PermissionScopes.map(({ id, value, adminConsentDisplayName }) => ({
      id,
      value,
      description: adminConsentDisplayName,
    }));
  return api.appRoles
    .filter(({ allowedMemberTypes }) => allowedMemberTypes.includes("Application"))
    .map(({ id, value, displayName }) => ({ id, value: value ?? displayName, description: displayName }));
}

const kinds = [
  { value: "Scope", text: text.delegated },
  { value: "Role", text: text.application },
] as const;

export function AddPermissions(props: {
  readonly app: Application;
  readonly onClose: () => void;
  readonly onAdded: () => void;
}) {
  const { app, onClose, onAdded } = props;
  const apis = useLoad(listApis, []);
  const [appId, setAppId] = useState("");
  const [kind, setKind] = useState<"Scope" | "Role">("Scope");
  const [words, setWords] = useState("");
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const action = useAction();
  const api = apis.data?.find((one) => one.appId === appId) ?? apis.data?.find(isGraph) ?? apis.data?.[0];
  const offers = offersOf(api, kind).filter(({ value, description }) =>
    `${value} ${description}`.toLowerCase().includes(words.trim().toLowerCase()),
  );
  const submit = async () => {
    if (api === undefined || picked.size === 0) return;
    const added = [...picked].map((id) => ({ id, type: kind }));
    const next = withPermissions(app.requiredResourceAccess, api.appId, added);
    if (!(await action.run(() => setPermissions(app, next)))) return;
    notify(text.added, api.displayName);
    onAdded();
  };
  const begin = (change: () => void) => {
    change();
    setPicked(new Set());
  };
  return (
    <Panel
      title={text.panel}
      onClose={onClose}
      footer={
        <>
          <Button appearance="primary" isDisabled={picked.size === 0 || action.isBusy} onClick={() => void submit()}>
            {text.addAction}
          </Button>
          <Button onClick={onClose}>{common.cancel}</Button>
        </>
      }
    >
      {action.error === undefined ? undefined : <ErrorMessage error={action.error} />}
      {apis.error === undefined ? undefined : <ErrorMessage error={apis.error} />}
      {apis.isLoading ? <Loading /> : undefined}
      <SelectField
        label="API"
        value={api?.appId ?? ""}
        options={(apis.data ?? []).map((one) => ({ value: one.appId, text: one.displayName }))}
        onChange={(next) => begin(() => setAppId(next))}
      />
      <RadioField label={text.type} value={kind} options={kinds} onChange={(next) => begin(() => setKind(next))} />
      <SearchField label={text.filter} value={words} onChange={setWords} />
      <fieldset className="field">
        <legend>{text.choose}</legend>
        {offers.slice(0, maxShown).map(({ id, value, description }) => (
          <CheckField
            key={id}
            label={
              <>
                {value}
                <span className="hint">{description}</span>
              </>
            }
            isChecked={picked.has(id)}
            onChange={() => {
              const next = new Set(picked);
              if (!next.delete(id)) next.add(id);
              setPicked(next);
            }}
          />
        ))}
      </fieldset>
    </Panel>
  );
}

function isGraph({ appId }: ServicePrincipal): boolean {
  return appId === "00000003-0000-0000-c000-000000000000";
}
