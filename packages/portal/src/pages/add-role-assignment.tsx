/** Add role assignment: role, members, conditions, review. The address may name a role and a member to begin with. */
import { useState } from "react";
import { createAssignment, listRoles, type NewAssignment, namePrincipals, type Principal } from "../api/access.ts";
import type { RoleDefinition } from "../api/arm.ts";
import { useAction, useLoad } from "../api/use-load.ts";
import { Button } from "../components/button.tsx";
import { ErrorMessage } from "../components/message.tsx";
import { Tabs } from "../components/tabs.tsx";
import { navigate, useQueryValue } from "../router/location.ts";
import { notify } from "../shell/notifications.tsx";
import { access } from "../texts/access.ts";
import { common } from "../texts/common.ts";
import { ConditionStep, takesConditions } from "./access/condition-step.tsx";
import { MembersStep } from "./access/members-step.tsx";
import { ReviewStep } from "./access/review-step.tsx";
import { RoleList } from "./access/role-list.tsx";
import { PlaceFrame } from "./place-frame.tsx";
import { placeOf } from "./places.ts";
import type { PageProps } from "./routes.ts";

const { wizard: text } = access;

export type Draft = {
  readonly role: RoleDefinition | undefined;
  readonly members: readonly Principal[];
  readonly description: string;
  readonly condition: string;
};

const steps = ["role", "members", "conditions", "review"] as const;
type Step = (typeof steps)[number];

export default function AddRoleAssignment({ params }: PageProps) {
  const place = placeOf(params);
  const [draft, setDraft] = useState<Draft>({ role: undefined, members: [], description: "", condition: "" });
  const [step, setStep] = useState<Step>("role");
  const [roleGuid] = useQueryValue("role");
  const [memberId] = useQueryValue("member");
  const action = useAction();
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const begun = useLoad(async () => {
    const role = roleGuid === "" ? undefined : (await listRoles(place.scope)).find(({ name }) => name === roleGuid);
    const member = memberId === "" ? undefined : (await namePrincipals([memberId])).get(memberId);
    setDraft((before) => ({
      ...before,
      role: role ?? before.role,
      members: member === undefined ? before.members : [member],
    }));
    if (role !== undefined && member !== undefined) setStep("review");
  }, [place.scope, roleGuid, memberId]);

  const fault = draft.role === undefined ? text.noRole : draft.members.length === 0 ? text.memberMissing : undefined;
  const finish = async () => {
    const isDone = await action.run(() => assignAll(place.scope, draft));
    if (!isDone) return;
    notify(text.done(draft.members.length), draft.role?.properties.roleName ?? "");
    navigate(`${place.base}/access-control?tab=assignments`);
  };
  const index = steps.indexOf(step);
  return (
    <PlaceFrame place={place} section={text.title}>
      <Tabs
        label={text.title}
        tabs={steps.map((key) => ({ key, text: text.steps[key] }))}
        current={step}
        onChange={(key) => setStep(key as Step)}
      >
        {begun.error === undefined ? undefined : <ErrorMessage error={begun.error} />}
        {step === "role" ? (
          <>
            <p className="soft">{text.roleIntro}</p>
            <RoleList scope={place.scope} picked={{ role: draft.role, onPick: (role) => set({ role }) }} />
          </>
        ) : undefined}
        {step === "members" ? <MembersStep draft={draft} onChange={set} /> : undefined}
        {step === "conditions" ? <ConditionStep draft={draft} onChange={set} /> : undefined}
        {step === "review" ? <ReviewStep draft={draft} place={place} fault={fault} error={action.error} /> : undefined}
      </Tabs>
      <div className="wizard-foot">
        <Button
          appearance="primary"
          isDisabled={action.isBusy || (step === "review" && fault !== undefined)}
          onClick={() => (step === "review" ? void finish() : setStep("review"))}
        >
          {text.reviewAssign}
        </Button>
        <Button isDisabled={index === 0} onClick={() => setStep(steps[index - 1]!)}>
          {common.previous}
        </Button>
        <Button
          isDisabled={index === steps.length - 1 || (step === "role" && draft.role === undefined)}
          onClick={() => setStep(steps[index + 1]!)}
        >
          {common.next}
        </Button>
      </div>
    </PlaceFrame>
  );
}

/** One assignment for each member; the first that fails ends it, with the member's name before Azure's text. */
async function assignAll(scope: string, { role, members, description, condition }: Draft): Promise<void> {
  if (role === undefined) return;
  const hasCondition = condition.trim() !== "" && takesConditions(role);
  for (const { id, type } of members) {
    const properties: NewAssignment = {
      roleDefinitionId: role.id,
      principalId: id,
      principalType: type,
      ...(description.trim() === "" ? {} : { description: description.trim() }),
      ...(hasCondition ? { condition: condition.trim(), conditionVersion: "2.0" } : {}),
    };
    await createAssignment(scope, properties);
  }
}
