/** The wizard's third step: a condition, read by the same reader as the server's while it is written. */
import type { RoleDefinition } from "../../api/arm.ts";
import { useLoad, useRested } from "../../api/use-load.ts";
import { TextArea } from "../../components/form.tsx";
import { MessageBar } from "../../components/message.tsx";
import { access } from "../../texts/access.ts";
import type { Draft } from "../add-role-assignment.tsx";

const { wizard: text } = access;

/** Conditions speak of blobs (and of role assignments themselves). @see https://learn.microsoft.com/azure/role-based-access-control/conditions-overview */
export function takesConditions({ properties }: RoleDefinition): boolean {
  const { permissions } = properties;
  return permissions.some(
    ({ actions, dataActions }) =>
      dataActions.some((action) => /^(?:\*|microsoft\.storage\/)/i.test(action)) ||
      actions.some((action) => /^(?:\*|microsoft\.authorization\/(?:\*|roleassignments\/))/i.test(action)),
  );
}

/** Says what is wrong with a condition; undefined for one that can be read. */
async function judge(condition: string): Promise<string | undefined> {
  if (condition.trim() === "") return undefined;
  const { parseCondition } = await import("../../api/conditions.ts");
  const result = parseCondition(condition.trim());
  return result.isValid
    ? undefined
    : text.conditionFault(result.fault.kind.replaceAll("-", " "), result.fault.position);
}

export function ConditionStep(props: { readonly draft: Draft; readonly onChange: (change: Partial<Draft>) => void }) {
  const { draft, onChange } = props;
  const rested = useRested(draft.condition);
  const verdict = useLoad(() => judge(rested), [rested]);
  const isSupported = draft.role !== undefined && takesConditions(draft.role);
  if (!isSupported) return <MessageBar kind="info">{text.conditionUnsupported}</MessageBar>;
  const isRead = rested.trim() !== "" && !verdict.isLoading && verdict.data === undefined;
  return (
    <div className="form">
      <p className="soft">{text.conditionsIntro}</p>
      <TextArea
        label={text.condition}
        hint={text.conditionHint}
        value={draft.condition}
        rows={8}
        isCode
        onChange={(condition) => onChange({ condition })}
        error={verdict.data}
      />
      {isRead ? <MessageBar kind="success">{text.conditionValid}</MessageBar> : undefined}
    </div>
  );
}
