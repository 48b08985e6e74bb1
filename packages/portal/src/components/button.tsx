/** Buttons. The role stands on the element itself, because tools that read pages do not see what an element sets inside. */
import type { ReactNode } from "react";
import { Icon, type IconName } from "./icon.tsx";

export type ButtonProps = {
  readonly children: ReactNode;
  readonly onClick?: () => void;
  readonly appearance?: "primary" | "outline" | "subtle" | "transparent";
  readonly icon?: IconName;
  readonly isDisabled?: boolean;
  readonly className?: string;
  /** Tells more than the text does, where the text alone would not say which. */
  readonly label?: string | undefined;
  /** In a form: sends it. */
  readonly isSubmit?: boolean;
  readonly hasMenu?: boolean;
  readonly isOpen?: boolean;
};

export function Button(props: ButtonProps) {
  const { isDisabled = false } = props;
  return (
    <fluent-button
      role="button"
      type={props.isSubmit === true ? "submit" : "button"}
      appearance={props.appearance}
      className={props.className ?? ""}
      disabled={isDisabled}
      aria-disabled={isDisabled ? "true" : undefined}
      aria-label={props.label}
      aria-haspopup={props.hasMenu === true ? "menu" : undefined}
      aria-expanded={props.isOpen}
      onClick={isDisabled ? undefined : props.onClick}
    >
      {props.icon === undefined ? undefined : <Icon name={props.icon} />}
      <span>{props.children}</span>
      {props.hasMenu === true ? <Icon name="down" /> : undefined}
    </fluent-button>
  );
}

/** A button that shows an icon only; its name is read out and shown on hovering. The browser's own: lists hold many. */
export function IconButton(props: {
  readonly name: string;
  readonly icon: IconName;
  readonly onClick: () => void;
  readonly isOpen?: boolean;
}) {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={props.name}
      aria-expanded={props.isOpen}
      title={props.name}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
    </button>
  );
}
