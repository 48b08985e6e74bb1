/** A button that opens a short menu. Arrow keys go through it, Escape and a click elsewhere close it. */
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { Button } from "./button.tsx";
import type { IconName } from "./icon.tsx";

export type MenuItem = {
  readonly key: string;
  readonly text: ReactNode;
  readonly onClick: () => void;
};

export function Menu(props: {
  readonly text: string;
  readonly icon?: IconName;
  readonly items: readonly MenuItem[];
  readonly className?: string;
}) {
  const [isOpen, setOpen] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    place.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
    const closeOutside = (event: Event) => {
      if (!place.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", closeOutside);
    return () => document.removeEventListener("pointerdown", closeOutside);
  }, [isOpen]);
  const close = () => {
    setOpen(false);
    place.current?.querySelector<HTMLElement>("fluent-button")?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && isOpen) {
      event.stopPropagation();
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (isOpen) moveFocus(place.current, event.key === "ArrowDown" ? 1 : -1);
      else setOpen(true);
    } else if (event.key === "Tab") setOpen(false);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the button and the items inside
    <div className={`menu ${props.className ?? ""}`} ref={place} onKeyDown={onKeyDown}>
      <Button
        appearance="subtle"
        {...(props.icon === undefined ? {} : { icon: props.icon })}
        hasMenu
        isOpen={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        {props.text}
      </Button>
      {isOpen ? (
        <div className="menu-items" role="menu" aria-label={props.text}>
          {props.items.map(({ key, text, onClick }) => (
            <button
              key={key}
              type="button"
              role="menuitem"
              tabIndex={-1}
              onClick={() => {
                close();
                onClick();
              }}
            >
              {text}
            </button>
          ))}
        </div>
      ) : undefined}
    </div>
  );
}

function moveFocus(place: HTMLElement | null, step: 1 | -1): void {
  const items = [...(place?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
  const present = items.indexOf(document.activeElement as HTMLElement);
  items[(present + step + items.length) % items.length]?.focus();
}
