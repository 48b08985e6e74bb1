/** The panel that makes a client secret: what it is for, and when it ends. */
import { useState } from "react";
import { type Application, graph, type PasswordCredential } from "../../api/graph.ts";
import { useAction } from "../../api/use-load.ts";
import { SelectField, TextField } from "../../components/form.tsx";
import { FormPanel } from "../../components/form-panel.tsx";
import { addDays } from "../../components/time.ts";
import { notify } from "../../shell/notifications.tsx";
import { credentials } from "../../texts/app-registrations.ts";

const { add: text } = credentials;

/** The lifetimes the portal offers, in days. @see https://learn.microsoft.com/entra/identity-platform/how-to-add-credentials */
const lifetimes = ["180", "90", "365", "545", "730", "custom"] as const;
type Lifetime = (typeof lifetimes)[number];

const options = lifetimes.map((value) => ({ value, text: text.options[value] }));

/** Graph's bound for the name of a secret, in characters. */
const maxDescriptionChars = 120;

type Draft = {
  readonly description: string;
  readonly lifetime: Lifetime;
  readonly start: string;
  readonly end: string;
};

/** What of the draft cannot be sent. */
function faultOf({ lifetime, start, end }: Draft): string | undefined {
  if (lifetime !== "custom") return undefined;
  if (start === "" || end === "") return text.dateMissing;
  return end > start ? undefined : text.dateOrder;
}

function bodyOf({ description, lifetime, start, end }: Draft, now: Date): object {
  const times =
    lifetime === "custom"
      ? { startDateTime: new Date(start).toISOString(), endDateTime: new Date(end).toISOString() }
      : { endDateTime: addDays(now, Number(lifetime)).toISOString() };
  const displayName = description.trim();
  return { passwordCredential: { ...(displayName === "" ? {} : { displayName }), ...times } };
}

export function AddSecretPanel(props: {
  readonly app: Application;
  readonly onClose: () => void;
  readonly onAdded: (made: PasswordCredential) => void;
}) {
  const { app, onClose, onAdded } = props;
  const [draft, setDraft] = useState<Draft>({ description: "", lifetime: "180", start: "", end: "" });
  const [isTried, setTried] = useState(false);
  const action = useAction();
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const fault = faultOf(draft);
  const submit = async () => {
    setTried(true);
    if (fault !== undefined || action.isBusy) return;
    let made: PasswordCredential | undefined;
    await action.run(async () => {
      const body = bodyOf(draft, new Date());
      made = await graph<PasswordCredential>("POST", `/applications/${app.id}/addPassword`, body);
    });
    if (made === undefined) return;
    notify(text.done, draft.description.trim());
    onAdded(made);
  };
  return (
    <FormPanel title={text.title} submit={text.action} action={action} onSubmit={() => void submit()} onClose={onClose}>
      <TextField
        label={credentials.description}
        hint={text.descriptionHint}
        value={draft.description}
        maxLength={maxDescriptionChars}
        onChange={(description) => set({ description })}
        hasFocus
      />
      <SelectField
        label={text.expires}
        value={draft.lifetime}
        options={options}
        onChange={(lifetime) => set({ lifetime })}
      />
      {draft.lifetime === "custom" ? (
        <>
          <TextField label={text.start} type="date" value={draft.start} onChange={(start) => set({ start })} />
          <TextField
            label={text.end}
            type="date"
            value={draft.end}
            onChange={(end) => set({ end })}
            error={isTried ? fault : undefined}
          />
        </>
      ) : undefined}
    </FormPanel>
  );
}
