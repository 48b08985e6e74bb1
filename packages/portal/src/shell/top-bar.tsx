/** The bar at the top: menu, name, search, account. The menu at the left opens over the page. */
import { useEffect, useRef, useState } from "react";
import { IconButton } from "../components/button.tsx";
import { Icon } from "../components/icon.tsx";
import { Link } from "../router/link.tsx";
import { usePath } from "../router/location.ts";
import type { Person } from "../session/session.ts";
import { common } from "../texts/common.ts";
import { shell } from "../texts/shell.ts";
import { AccountMenu } from "./account-menu.tsx";
import { SearchBox } from "./search-box.tsx";
import { services } from "./services.ts";

export function TopBar({ person }: { readonly person: Person | undefined }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <header className="top-bar">
      <a className="skip" href="#content">
        {shell.skip}
      </a>
      <IconButton name={shell.openNavigation} icon="menu" isOpen={isOpen} onClick={() => setOpen(!isOpen)} />
      <Link to="/portal" className="brand">
        {common.product}
      </Link>
      {person === undefined ? undefined : <SearchBox />}
      {person === undefined ? undefined : <AccountMenu person={person} />}
      {isOpen ? <Navigation onClose={() => setOpen(false)} /> : undefined}
    </header>
  );
}

function Navigation({ onClose }: { readonly onClose: () => void }) {
  const path = usePath();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const opened = dialog.current;
    opened?.showModal();
    return () => opened?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the dialog's own
    <dialog
      ref={dialog}
      className="navigation"
      aria-label={shell.navigation}
      onCancel={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <nav aria-label={shell.navigation}>
        <ul>
          {[{ name: common.home, path: "/portal", icon: "home" as const }, ...services].map((service) => (
            <li key={service.path}>
              <Link to={service.path} className="section" isCurrent={service.path === path} onFollow={onClose}>
                <Icon name={service.icon} />
                <span>{service.name}</span>
              </Link>
            </li>
          ))}
        </ul>
      </nav>
    </dialog>
  );
}
