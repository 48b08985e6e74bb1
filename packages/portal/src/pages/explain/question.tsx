/** The form that asks why; what is asked stands in the address, so that the answer can be shown to somebody else. */
import { useState } from "react";
import { explainNeed } from "../../api/insight.ts";
import { useLoad } from "../../api/use-load.ts";
import { Button } from "../../components/button.tsx";
import { Form, TextField } from "../../components/form.tsx";
import { ErrorMessage, Loading } from "../../components/message.tsx";
import { navigate, useQueryValue } from "../../router/location.ts";
import { insight } from "../../texts/insight.ts";
import { DecisionView } from "../insight/decision-view.tsx";
import { isoOf } from "../insight/local-time.ts";
import { PrincipalField } from "../insight/principal-field.tsx";

const { explain: text } = insight;

/** Operations that are asked about most; the field takes any. */
const usualOperations = [
  "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
  "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
  "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete",
  "Microsoft.Storage/storageAccounts/blobServices/containers/read",
  "Microsoft.Storage/storageAccounts/blobServices/containers/write",
  "Microsoft.Storage/storageAccounts/read",
  "Microsoft.Resources/subscriptions/resourceGroups/write",
  "Microsoft.Authorization/roleAssignments/write",
] as const;

export function Question() {
  const [principal] = useQueryValue("principal");
  const [operation] = useQueryValue("operation");
  const [scope] = useQueryValue("scope");
  const [at] = useQueryValue("at");
  const [draft, setDraft] = useState({ principal, operation, scope, at });
  const [isTried, setTried] = useState(false);
  const isAsked = principal !== "" && operation !== "" && scope !== "";
  const answer = useLoad(
    () => (isAsked ? explainNeed(principal, operation, scope, isoOf(at)) : Promise.resolve(undefined)),
    [principal, operation, scope, at],
  );
  const set = (change: Partial<typeof draft>) => setDraft({ ...draft, ...change });
  const isMissing = draft.principal === "" || draft.operation.trim() === "" || draft.scope.trim() === "";
  const ask = () => {
    setTried(true);
    if (isMissing) return;
    const values = { ...draft, operation: draft.operation.trim(), scope: draft.scope.trim() };
    const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== ""));
    navigate(`/portal/explain?${query}`);
    answer.reload();
  };
  return (
    <div className="two-columns">
      <Form onSubmit={ask}>
        <p className="soft">{text.intro}</p>
        <PrincipalField value={draft.principal} onChange={(id) => set({ principal: id })} />
        <OperationField value={draft.operation} onChange={(value) => set({ operation: value })} />
        <TextField
          label={insight.scope}
          hint={text.scopeHint}
          value={draft.scope}
          onChange={(value) => set({ scope: value })}
          isRequired
          error={isTried && isMissing ? text.missing : undefined}
        />
        <TextField
          label={text.at}
          hint={text.atHint}
          type="datetime-local"
          value={draft.at}
          onChange={(value) => set({ at: value })}
        />
        <div>
          <Button appearance="primary" isSubmit>
            {text.ask}
          </Button>
        </div>
      </Form>
      <div className="stack" aria-live="polite">
        {answer.error === undefined ? undefined : <ErrorMessage error={answer.error} />}
        {isAsked && answer.isLoading ? <Loading /> : undefined}
        {answer.data === undefined || answer.isLoading ? undefined : <DecisionView explained={answer.data} />}
      </div>
    </div>
  );
}

/** Any operation, with those asked about most offered below. */
export function OperationField(props: { readonly value: string; readonly onChange: (value: string) => void }) {
  return (
    <TextField
      label={insight.operation}
      hint={text.operationHint}
      value={props.value}
      onChange={props.onChange}
      suggestions={usualOperations}
      isRequired
    />
  );
}
