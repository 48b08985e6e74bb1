/** What the access map shows: a time or two, a scope, a principal. It stands in the address. */
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Form, SelectField, TextField } from "../../components/form.tsx";
import { navigate, useQueryValue } from "../../router/location.ts";
import { insight } from "../../texts/insight.ts";
import { PrincipalField } from "../insight/principal-field.tsx";

const { map: text } = insight;

const modes = [
  { value: "now", text: text.modeNow },
  { value: "diff", text: text.modeDiff },
] as const;

export type MapQuestion = {
  readonly mode: "now" | "diff";
  readonly scope: string;
  readonly principal: string;
  /** Local times as fields have them; "" for now. */
  readonly from: string;
  readonly to: string;
};

/** The question in the address. */
export function useMapQuestion(): MapQuestion {
  const [mode] = useQueryValue("mode");
  const [scope] = useQueryValue("scope");
  const [principal] = useQueryValue("principal");
  const [from] = useQueryValue("from");
  const [to] = useQueryValue("to");
  return { mode: mode === "diff" ? "diff" : "now", scope, principal, from, to };
}

/** A day ago, as fields have it: what a difference begins with. */
function yesterday(): string {
  const time = new Date(Date.now() - 86_400_000);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export function MapForm({ question, view }: { readonly question: MapQuestion; readonly view: string }) {
  const [draft, setDraft] = useState(question);
  const set = (change: Partial<MapQuestion>) => setDraft({ ...draft, ...change });
  const show = (next: MapQuestion) => {
    const values = { ...next, mode: next.mode === "now" ? "" : next.mode, view: view === "graph" ? "" : view };
    const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== ""));
    navigate(`/portal/access-map${query.size === 0 ? "" : `?${query}`}`);
  };
  return (
    <Form onSubmit={() => show({ ...draft, scope: draft.scope.trim() })}>
      <div className="map-form">
        <SelectField
          label={text.modes}
          value={draft.mode}
          options={modes}
          onChange={(mode) => set({ mode, from: mode === "diff" ? draft.from || yesterday() : "" })}
        />
        {draft.mode === "diff" ? (
          <TextField
            label={text.from}
            type="datetime-local"
            value={draft.from}
            onChange={(from) => set({ from })}
            isRequired
          />
        ) : undefined}
        <TextField
          label={draft.mode === "diff" ? text.to : text.at}
          type="datetime-local"
          hint={text.atHint}
          value={draft.to}
          onChange={(to) => set({ to })}
        />
        <TextField label={text.scope} placeholder="/" value={draft.scope} onChange={(scope) => set({ scope })} />
        <PrincipalField
          value={draft.principal}
          isOptional
          onChange={(principal) => {
            set({ principal });
            show({ ...draft, principal });
          }}
        />
        <div className="map-show">
          <Button appearance="primary" isSubmit>
            {text.show}
          </Button>
        </div>
      </div>
    </Form>
  );
}
