/** A field that holds one principal: shown by name, chosen in the dialog. */
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { PrincipalName } from "../../components/principal-name.tsx";
import { insight as text } from "../../texts/insight.ts";
import { SelectMembers } from "../access/select-members.tsx";
import { useNames } from "./use-names.ts";

export function PrincipalField(props: {
  readonly value: string;
  readonly onChange: (principalId: string) => void;
  /** Nobody in particular is an answer, too. */
  readonly isOptional?: boolean;
}) {
  const { value, onChange } = props;
  const [isChoosing, setChoosing] = useState(false);
  const names = useNames(value === "" ? [] : [value]);
  return (
    <fieldset className="field principal-field">
      <legend>{text.principal}</legend>
      {value === "" ? (
        props.isOptional === true && <span className="soft">{text.anyone}</span>
      ) : (
        <PrincipalName principal={names.get(value)} id={value} />
      )}
      <Button icon="person" onClick={() => setChoosing(true)}>
        {value === "" ? text.choosePrincipal : text.changePrincipal}
      </Button>
      {props.isOptional === true && value !== "" ? (
        <Button onClick={() => onChange("")}>{text.clearPrincipal}</Button>
      ) : undefined}
      {isChoosing ? (
        <SelectMembers
          title={text.choosePrincipal}
          initial={[]}
          isSingle
          onClose={() => setChoosing(false)}
          onSelect={([principal]) => {
            setChoosing(false);
            if (principal !== undefined) onChange(principal.id);
          }}
        />
      ) : undefined}
    </fieldset>
  );
}
