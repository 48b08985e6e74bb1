/** Fields of forms, each with its label, its hint and its fault, told to screen readers with it. */
import { type FormEvent, type ReactNode, useId } from "react";

type FieldFrame = {
  readonly label: string;
  readonly hint?: ReactNode;
  /** What is wrong with the value. */
  readonly error?: string | undefined;
  readonly isRequired?: boolean;
};

export function Form(props: { readonly onSubmit: () => void; readonly children: ReactNode; readonly id?: string }) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    props.onSubmit();
  };
  return (
    <form className="form" noValidate id={props.id} onSubmit={submit}>
      {props.children}
    </form>
  );
}

function Field(props: FieldFrame & { readonly id: string; readonly children: ReactNode }) {
  const { id, label, hint, error, isRequired = false } = props;
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {isRequired ? (
          <span className="required" aria-hidden="true">
            {" *"}
          </span>
        ) : undefined}
      </label>
      {props.children}
      {hint === undefined ? undefined : (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error === undefined ? undefined : (
        <p className="fault" id={`${id}-fault`} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

function describedBy(id: string, { hint, error }: FieldFrame): string | undefined {
  const ids = [hint === undefined ? "" : `${id}-hint`, error === undefined ? "" : `${id}-fault`].filter(Boolean);
  return ids.length === 0 ? undefined : ids.join(" ");
}

export function TextField(
  props: FieldFrame & {
    readonly value: string;
    readonly onChange: (value: string) => void;
    readonly placeholder?: string;
    readonly type?: "text" | "date" | "datetime-local" | "password" | "url";
    readonly maxLength?: number;
    readonly min?: string;
    readonly max?: string;
    readonly isReadOnly?: boolean;
    readonly hasFocus?: boolean;
    /** Values the browser offers; others can be entered. */
    readonly suggestions?: readonly string[];
  },
) {
  const id = useId();
  return (
    <Field {...props} id={id}>
      <input
        id={id}
        className="input"
        type={props.type ?? "text"}
        value={props.value}
        onChange={(event) => props.onChange(event.currentTarget.value)}
        placeholder={props.placeholder}
        maxLength={props.maxLength}
        min={props.min}
        max={props.max}
        readOnly={props.isReadOnly}
        required={props.isRequired}
        aria-invalid={props.error === undefined ? undefined : true}
        aria-describedby={describedBy(id, props)}
        autoComplete="off"
        spellCheck={false}
        list={props.suggestions === undefined ? undefined : `${id}-list`}
        // biome-ignore lint/a11y/noAutofocus: only for the first field of a panel that was just asked for
        autoFocus={props.hasFocus}
      />
      {props.suggestions === undefined ? undefined : (
        <datalist id={`${id}-list`}>
          {props.suggestions.map((value) => (
            <option key={value} value={value} />
          ))}
        </datalist>
      )}
    </Field>
  );
}

export function TextArea(
  props: FieldFrame & {
    readonly value: string;
    readonly onChange: (value: string) => void;
    readonly rows?: number;
    readonly maxLength?: number;
    readonly isCode?: boolean;
    readonly placeholder?: string;
  },
) {
  const id = useId();
  return (
    <Field {...props} id={id}>
      <textarea
        id={id}
        className={props.isCode === true ? "input code-input" : "input"}
        rows={props.rows ?? 3}
        value={props.value}
        maxLength={props.maxLength}
        placeholder={props.placeholder}
        onChange={(event) => props.onChange(event.currentTarget.value)}
        aria-invalid={props.error === undefined ? undefined : true}
        aria-describedby={describedBy(id, props)}
        spellCheck={props.isCode !== true}
      />
    </Field>
  );
}

export type Option<Value extends string> = {
  readonly value: Value;
  readonly text: string;
  readonly hint?: string;
  readonly isDisabled?: boolean;
};

export function SelectField<Value extends string>(
  props: FieldFrame & {
    readonly value: Value;
    readonly options: readonly Option<Value>[];
    readonly onChange: (value: Value) => void;
  },
) {
  const id = useId();
  return (
    <Field {...props} id={id}>
      <select
        id={id}
        className="input"
        value={props.value}
        onChange={(event) => props.onChange(event.currentTarget.value as Value)}
        aria-describedby={describedBy(id, props)}
      >
        {props.options.map(({ value, text, isDisabled }) => (
          <option key={value} value={value} disabled={isDisabled}>
            {text}
          </option>
        ))}
      </select>
    </Field>
  );
}

export function RadioField<Value extends string>(
  props: FieldFrame & {
    readonly value: Value;
    readonly options: readonly Option<Value>[];
    readonly onChange: (value: Value) => void;
  },
) {
  const id = useId();
  return (
    <fieldset className="field" aria-describedby={describedBy(id, props)}>
      <legend>{props.label}</legend>
      {props.options.map(({ value, text, hint, isDisabled }) => (
        <label key={value} className="choice">
          <input
            type="radio"
            name={id}
            value={value}
            checked={props.value === value}
            disabled={isDisabled}
            onChange={() => props.onChange(value)}
          />
          <span>
            {text}
            {hint === undefined ? undefined : <span className="hint">{hint}</span>}
          </span>
        </label>
      ))}
      {props.hint === undefined ? undefined : (
        <p className="hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
    </fieldset>
  );
}

export function CheckField(props: {
  readonly label: ReactNode;
  readonly isChecked: boolean;
  readonly isDisabled?: boolean;
  readonly onChange: (isChecked: boolean) => void;
}) {
  return (
    <label className="choice">
      <input
        type="checkbox"
        checked={props.isChecked}
        disabled={props.isDisabled}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <span>{props.label}</span>
    </label>
  );
}

/** A field without a label of its own beside it, for filtering what is below. */
export function SearchField(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  return (
    <input
      className="input search-input"
      type="search"
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
      placeholder={props.label}
      aria-label={props.label}
      autoComplete="off"
      spellCheck={false}
      maxLength={maxSearchChars}
    />
  );
}

/** Longest words that are searched for, in characters: Graph's display names have 256. */
const maxSearchChars = 256;
