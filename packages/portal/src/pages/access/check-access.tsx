/** Check access: what somebody holds at a place, and whether one operation is allowed, why or why not, and which role would mend it. */
import { useState } from "react";
import {
  type Explanation,
  explain,
  listAssignmentsOf,
  listRoles,
  type Principal,
  roleGuidOf,
} from "../../api/access.ts";
import type { RoleAssignment } from "../../api/arm.ts";
import { useAction, useLoad } from "../../api/use-load.ts";
import { Button } from "../../components/button.tsx";
import { type Column, DetailsList } from "../../components/details-list.tsx";
import { Form, TextField } from "../../components/form.tsx";
import { EmptyState, ErrorMessage, MessageBar } from "../../components/message.tsx";
import { Link } from "../../router/link.tsx";
import { usePerson } from "../../shell/person.ts";
import { access } from "../../texts/access.ts";
import { kindOfScope, type Place } from "../places.ts";
import { SelectMembers } from "./select-members.tsx";

const { check: text } = access;

export function CheckAccess({ place }: { readonly place: Place }) {
  const person = usePerson();
  const [checked, setChecked] = useState<Principal>();
  const [isChoosing, setChoosing] = useState(false);
  const me: Principal = {
    id: person.objectId,
    displayName: person.displayName,
    detail: person.userPrincipalName,
    type: "User",
  };
  return (
    <div className="stack narrow-gap">
      <section className="box-section">
        <h2 className="title2">{text.mine}</h2>
        <p className="soft">{text.mineText}</p>
        <Button onClick={() => setChecked(me)}>{text.viewMine}</Button>
      </section>
      <section className="box-section">
        <h2 className="title2">{text.title}</h2>
        <p className="soft">{text.text}</p>
        <Button onClick={() => setChoosing(true)}>{text.choose}</Button>
      </section>
      {checked === undefined ? undefined : <Held key={checked.id} place={place} principal={checked} />}
      {isChoosing ? (
        <SelectMembers
          title={text.choose}
          initial={[]}
          isSingle
          onClose={() => setChoosing(false)}
          onSelect={([principal]) => {
            setChecked(principal);
            setChoosing(false);
          }}
        />
      ) : undefined}
    </div>
  );
}

type HeldRole = { readonly assignment: RoleAssignment; readonly roleName: string };

async function loadHeld(scope: string, principalId: string): Promise<HeldRole[]> {
  const [assignments, roles] = await Promise.all([listAssignmentsOf(scope, principalId), listRoles(scope)]);
  const names = new Map(roles.map(({ name, properties }) => [name.toLowerCase(), properties.roleName]));
  return assignments.map((assignment) => ({
    assignment,
    roleName: names.get(roleGuidOf(assignment.properties.roleDefinitionId)) ?? access.unknownRole,
  }));
}

const columns: readonly Column<HeldRole>[] = [
  { key: "role", title: access.role, width: "1.5fr", render: ({ roleName }) => roleName },
  {
    key: "scope",
    title: access.scope,
    width: "2fr",
    render: ({ assignment: { properties } }) => (
      <span title={properties.scope}>
        {kindOfScope(properties.scope)} <code>{properties.scope.split("/").at(-1)}</code>
      </span>
    ),
  },
];

function Held({ place, principal }: { readonly place: Place; readonly principal: Principal }) {
  const held = useLoad(() => loadHeld(place.scope, principal.id), [place.scope, principal.id]);
  return (
    <section className="stack">
      <h2 className="title2">
        <bdi>{text.assignmentsOf(principal.displayName)}</bdi>
      </h2>
      <DetailsList
        label={text.assignmentsOf(principal.displayName.slice(0, 120))}
        rows={held.data ?? []}
        columns={columns}
        keyOf={({ assignment }) => assignment.id}
        isLoading={held.isLoading}
        error={held.error}
        empty={<EmptyState icon="shield" title={text.noAssignments} />}
      />
      <Question place={place} principal={principal} />
    </section>
  );
}

const sampleOperation = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";

function Question({ place, principal }: { readonly place: Place; readonly principal: Principal }) {
  const [operation, setOperation] = useState(sampleOperation);
  const [answer, setAnswer] = useState<Explanation>();
  const action = useAction();
  const ask = async () => {
    setAnswer(undefined);
    await action.run(async () => setAnswer(await explain(principal.id, operation.trim(), place.scope)));
  };
  return (
    <Form onSubmit={() => void ask()}>
      <TextField label={text.operation} hint={text.operationHint} value={operation} onChange={setOperation} />
      <div>
        <Button isSubmit isDisabled={action.isBusy}>
          {text.explain}
        </Button>
      </div>
      {action.error === undefined ? undefined : <ErrorMessage error={action.error} />}
      {answer === undefined ? undefined : <Answer answer={answer} place={place} principal={principal} />}
    </Form>
  );
}

export function Answer(props: { readonly answer: Explanation; readonly place: Place; readonly principal: Principal }) {
  const { decision, mending } = props.answer;
  if (decision.isAllowed)
    return (
      <MessageBar kind="success">
        <strong>{text.allowed}</strong>
        <span>{text.allowedBy(decision.roleName, decision.scope)}</span>
      </MessageBar>
    );
  const base = `${props.place.base}/access-control/add-role-assignment?member=${props.principal.id}`;
  return (
    <MessageBar kind="warning">
      <strong>
        {text.denied} ({decision.reason})
      </strong>
      {decision.nearest.length === 0 ? undefined : (
        <>
          <span>{text.near}:</span>
          <ul>
            {decision.nearest.map(({ assignmentId, roleName, scope, missing }) => (
              <li key={assignmentId}>
                {roleName ?? access.unknownRole}, <code className="wrap">{scope}</code>:{" "}
                {text.missing[missing] ?? missing}
              </li>
            ))}
          </ul>
        </>
      )}
      {mending.length === 0 ? undefined : (
        <>
          <span>{text.mending}:</span>
          <ul>
            {mending.map(({ roleDefinitionId, roleName }) => (
              <li key={roleDefinitionId}>
                <Link to={`${base}&role=${roleGuidOf(roleDefinitionId)}`}>{text.assign(roleName)}</Link>
              </li>
            ))}
          </ul>
        </>
      )}
    </MessageBar>
  );
}
