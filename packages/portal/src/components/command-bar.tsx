/** The row of commands at the head of a blade. */
import { Button } from "./button.tsx";
import type { IconName } from "./icon.tsx";
import { Menu, type MenuItem } from "./menu.tsx";

export type Command = {
  readonly key: string;
  readonly text: string;
  readonly icon: IconName;
  readonly onClick?: () => void;
  readonly isDisabled?: boolean;
  /** Opens a menu of these instead. */
  readonly items?: readonly MenuItem[];
};

export function CommandBar({ commands, label }: { readonly commands: readonly Command[]; readonly label: string }) {
  return (
    <div className="command-bar" role="toolbar" aria-label={label}>
      {commands.map(({ key, text, icon, onClick, isDisabled = false, items }) =>
        items === undefined ? (
          <Button key={key} appearance="subtle" icon={icon} isDisabled={isDisabled} {...(onClick && { onClick })}>
            {text}
          </Button>
        ) : (
          <Menu key={key} text={text} icon={icon} items={items} />
        ),
      )}
    </div>
  );
}
