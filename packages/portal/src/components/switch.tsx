/** Something that is on or off, changed at once. The browser's own box, told as a switch. */
import { useId } from "react";

export function Switch(props: {
  readonly label: string;
  readonly hint?: string;
  readonly isOn: boolean;
  readonly isDisabled?: boolean;
  readonly onChange: (isOn: boolean) => void;
}) {
  const id = useId();
  return (
    <label className="switch">
      <input
        type="checkbox"
        role="switch"
        checked={props.isOn}
        aria-checked={props.isOn}
        disabled={props.isDisabled}
        aria-describedby={props.hint === undefined ? undefined : id}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <span className="stack-tight">
        <span>{props.label}</span>
        {props.hint === undefined ? undefined : (
          <span className="hint" id={id}>
            {props.hint}
          </span>
        )}
      </span>
    </label>
  );
}
