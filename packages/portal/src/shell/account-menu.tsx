/** Who is signed in, how the page looks, and the way out. */
import { useEffect, useRef, useState } from "react";
import { Button } from "../components/button.tsx";
import { RadioField } from "../components/form.tsx";
import { type Person, signIn, signOut } from "../session/session.ts";
import { shell } from "../texts/shell.ts";
import { chooseTheme, readTheme, type Theme } from "./theme.ts";

const themes = (["system", "light", "dark"] as const).map((value) => ({ value, text: shell.themes[value] }));

/** Letters shown for a person without a picture. */
function initialsOf({ displayName }: Person): string {
  const words = displayName.split(/\s+/).filter(Boolean);
  return words
    .slice(0, 2)
    .map((word) => [...word][0] ?? "")
    .join("")
    .toUpperCase();
}

export function AccountMenu({ person }: { readonly person: Person }) {
  const [isOpen, setOpen] = useState(false);
  const [theme, setTheme] = useState<Theme>(readTheme);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const onPointer = (event: Event) => {
      if (!place.current?.contains(event.target as Node)) setOpen(false);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape") setOpen(false);
    };
    document.addEventListener("pointerdown", onPointer);
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("pointerdown", onPointer);
      document.removeEventListener("keydown", onKey);
    };
  }, [isOpen]);
  return (
    <div className="account" ref={place}>
      <button type="button" className="account-button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <span className="hidden">{shell.account}: </span>
        <span className="account-name">
          <bdi>{person.userPrincipalName}</bdi>
        </span>
        <span className="avatar" aria-hidden="true">
          {initialsOf(person)}
        </span>
      </button>
      {isOpen ? (
        <section className="account-panel" aria-label={shell.account}>
          <strong>
            <bdi>{person.displayName}</bdi>
          </strong>
          <bdi>{person.userPrincipalName}</bdi>
          <span className="soft">
            {shell.tenant} <code>{person.tenantId}</code>
          </span>
          <RadioField
            label={shell.theme}
            value={theme}
            options={themes}
            onChange={(next) => {
              setTheme(next);
              chooseTheme(next);
            }}
          />
          <Button onClick={() => void signIn(true)}>{shell.signInOther}</Button>
          <Button icon="signOut" onClick={() => void signOut()}>
            {shell.signOut}
          </Button>
        </section>
      ) : undefined}
    </div>
  );
}
