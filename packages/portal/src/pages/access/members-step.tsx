/** The wizard's second step: who gets the role. */
import { useState } from "react";
import { Button, IconButton } from "../../components/button.tsx";
import { RadioField, TextArea } from "../../components/form.tsx";
import { PrincipalName } from "../../components/principal-name.tsx";
import { access } from "../../texts/access.ts";
import type { Draft } from "../add-role-assignment.tsx";
import { type MemberKind, SelectMembers } from "./select-members.tsx";

const { wizard: text } = access;

type Target = "principals" | "identities";

const targets = [
  { value: "principals", text: text.principals },
  { value: "identities", text: text.managedIdentity },
] as const;

const identitiesOnly: readonly MemberKind[] = ["servicePrincipals"];

export function MembersStep(props: { readonly draft: Draft; readonly onChange: (change: Partial<Draft>) => void }) {
  const { draft, onChange } = props;
  const [target, setTarget] = useState<Target>("principals");
  const [isSelecting, setSelecting] = useState(false);
  return (
    <div className="form">
      <p>
        <strong>{text.selectedRole}</strong>: <bdi>{draft.role?.properties.roleName ?? text.noRole}</bdi>
      </p>
      <RadioField label={text.assignTo} value={target} options={targets} onChange={setTarget} />
      <section className="stack" aria-label={text.members}>
        <h2 className="title3">{text.members}</h2>
        <div>
          <Button icon="add" appearance="subtle" onClick={() => setSelecting(true)}>
            {text.selectMembers}
          </Button>
        </div>
        {draft.members.length === 0 ? <p className="soft">{text.noMembers}</p> : undefined}
        <ul className="pick-list picked">
          {draft.members.map((member) => (
            <li key={member.id}>
              <PrincipalName principal={member} id={member.id} />
              <code className="minor soft">{member.id}</code>
              <IconButton
                name={text.removeMember(member.displayName.slice(0, 120))}
                icon="close"
                onClick={() => onChange({ members: draft.members.filter(({ id }) => id !== member.id) })}
              />
            </li>
          ))}
        </ul>
      </section>
      <TextArea
        label={text.description}
        hint={text.descriptionHint}
        value={draft.description}
        onChange={(description) => onChange({ description })}
        maxLength={1024}
      />
      {isSelecting ? (
        <SelectMembers
          initial={draft.members}
          {...(target === "identities"
            ? {
                kinds: identitiesOnly,
                filter: "servicePrincipalType eq 'ManagedIdentity'",
                title: access.members.titleIdentities,
              }
            : {})}
          onClose={() => setSelecting(false)}
          onSelect={(members) => {
            onChange({ members });
            setSelecting(false);
          }}
        />
      ) : undefined}
    </div>
  );
}
