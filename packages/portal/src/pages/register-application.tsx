/** Register an application: the registration and, as the portal does, the service principal that lets it sign in and hold roles. */
import { useState } from "react";
import { type Application, graph } from "../api/graph.ts";
import { useAction } from "../api/use-load.ts";
import { Blade } from "../components/blade.tsx";
import { Button } from "../components/button.tsx";
import { Form, RadioField, SelectField, TextField } from "../components/form.tsx";
import { ErrorMessage } from "../components/message.tsx";
import { navigate } from "../router/location.ts";
import { notify } from "../shell/notifications.tsx";
import { apps } from "../texts/app-registrations.ts";
import { common } from "../texts/common.ts";

const { register: text } = apps;

const audiences = [
  { value: "AzureADMyOrg", text: text.single },
  { value: "AzureADMultipleOrgs", text: text.multi },
  { value: "AzureADandPersonalMicrosoftAccount", text: text.multiPersonal },
  { value: "PersonalMicrosoftAccount", text: text.personal },
] as const;

const platforms = (["none", "web", "spa", "publicClient"] as const).map((value) => ({
  value,
  text: text.platforms[value],
}));

/** Azure's bound, in characters. @see https://learn.microsoft.com/graph/api/resources/application */
const maxNameChars = 256;

type Draft = {
  readonly name: string;
  readonly audience: (typeof audiences)[number]["value"];
  readonly platform: (typeof platforms)[number]["value"];
  readonly uri: string;
};

function bodyOf({ name, audience, platform, uri }: Draft): object {
  const redirect = platform === "none" ? {} : { [platform]: { redirectUris: [uri.trim()] } };
  return { displayName: name.trim(), signInAudience: audience, ...redirect };
}

export default function RegisterApplication() {
  const [draft, setDraft] = useState<Draft>({ name: "", audience: "AzureADMyOrg", platform: "none", uri: "" });
  const [isTried, setTried] = useState(false);
  const action = useAction();
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const nameFault = draft.name.trim() === "" ? text.nameMissing : undefined;
  const uriFault = draft.platform !== "none" && draft.uri.trim() === "" ? text.uriMissing : undefined;
  const platformFault = draft.platform === "none" && draft.uri.trim() !== "" ? text.platformMissing : undefined;
  const submit = async () => {
    setTried(true);
    if (nameFault !== undefined || uriFault !== undefined || platformFault !== undefined) return;
    let made: Application | undefined;
    const isDone = await action.run(async () => {
      made = await graph<Application>("POST", "/applications", bodyOf(draft));
      await graph("POST", "/servicePrincipals", { appId: made.appId });
    });
    if (!isDone || made === undefined) return;
    notify(text.done, made.displayName);
    navigate(`/portal/app-registrations/${made.id}`);
  };
  return (
    <Blade title={text.title} icon="app" crumbs={[{ text: apps.title, to: "/portal/app-registrations" }]}>
      <Form onSubmit={() => void submit()}>
        {action.error === undefined ? undefined : <ErrorMessage error={action.error} />}
        <TextField
          label={text.name}
          hint={text.nameHint}
          value={draft.name}
          onChange={(name) => set({ name })}
          maxLength={maxNameChars}
          isRequired
          hasFocus
          error={isTried ? nameFault : undefined}
        />
        <RadioField
          label={text.accountTypes}
          hint={text.accountTypesHint}
          value={draft.audience}
          options={audiences}
          onChange={(audience) => set({ audience })}
        />
        <fieldset className="field stack">
          <legend>{text.redirect}</legend>
          <p className="hint">{text.redirectHint}</p>
          <SelectField
            label={text.platform}
            value={draft.platform}
            options={platforms}
            onChange={(platform) => set({ platform })}
            error={isTried ? platformFault : undefined}
          />
          <TextField
            label={text.uri}
            type="url"
            placeholder="e.g. https://example.com/auth"
            value={draft.uri}
            onChange={(uri) => set({ uri })}
            error={isTried ? uriFault : undefined}
          />
        </fieldset>
        <div className="buttons">
          <Button appearance="primary" isSubmit isDisabled={action.isBusy}>
            {text.register}
          </Button>
          <Button onClick={() => navigate("/portal/app-registrations")}>{common.cancel}</Button>
        </div>
      </Form>
    </Blade>
  );
}
