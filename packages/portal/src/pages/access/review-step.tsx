/** The wizard's last step: all of it once more. */
import { ErrorMessage, MessageBar } from "../../components/message.tsx";
import { PrincipalName } from "../../components/principal-name.tsx";
import { Properties, Property } from "../../components/properties.tsx";
import { access } from "../../texts/access.ts";
import type { Draft } from "../add-role-assignment.tsx";
import type { Place } from "../places.ts";
import { takesConditions } from "./condition-step.tsx";

const { wizard: text } = access;

export function ReviewStep(props: {
  readonly draft: Draft;
  readonly place: Place;
  readonly fault: string | undefined;
  readonly error: unknown;
}) {
  const { draft, place, fault, error } = props;
  const isConditional = draft.role !== undefined && takesConditions(draft.role) && draft.condition.trim() !== "";
  return (
    <div className="stack narrow">
      {error === undefined ? undefined : <ErrorMessage error={error} />}
      {fault === undefined ? undefined : <MessageBar kind="warning">{fault}</MessageBar>}
      <Properties>
        <Property label={access.role}>
          <bdi>{draft.role?.properties.roleName ?? "-"}</bdi>
        </Property>
        <Property label={text.scope}>
          <code className="wrap">{place.scope}</code>
        </Property>
        <Property label={text.description}>
          <bdi>{draft.description.trim() || "-"}</bdi>
        </Property>
        <Property label={text.condition}>{isConditional ? <code>{draft.condition}</code> : access.none}</Property>
      </Properties>
      <h2 className="title3">{text.members}</h2>
      <ul className="pick-list picked">
        {draft.members.map((member) => (
          <li key={member.id}>
            <PrincipalName principal={member} id={member.id} />
            <code className="minor soft">{member.id}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}
