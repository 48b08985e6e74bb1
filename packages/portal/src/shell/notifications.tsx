/** Short messages about what was done, at the corner of the page; they go by themselves, errors are shown where they arise instead. */
import { useEffect, useSyncExternalStore } from "react";
import { IconButton } from "../components/button.tsx";
import { Icon } from "../components/icon.tsx";
import { shell } from "../texts/shell.ts";

type Notice = { readonly id: number; readonly title: string; readonly text: string };

/** How long a message stays, in milliseconds. */
const shownMs = 6_000;
/** Messages shown at once; older ones make room. */
const maxShown = 3;

let notices: readonly Notice[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function set(next: readonly Notice[]): void {
  notices = next;
  for (const listen of listeners) listen();
}

/** Tells the person what was done. */
export function notify(title: string, text = ""): void {
  set([...notices, { id: ++lastId, title, text }].slice(-maxShown));
}

function dismiss(id: number): void {
  set(notices.filter((notice) => notice.id !== id));
}

function subscribe(listen: () => void): () => void {
  listeners.add(listen);
  return () => listeners.delete(listen);
}

export function Notifications() {
  const shown = useSyncExternalStore(subscribe, () => notices);
  return (
    <section className="notices" aria-label={shell.notifications} aria-live="polite">
      {shown.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} />
      ))}
    </section>
  );
}

function NoticeCard({ notice: { id, title, text } }: { readonly notice: Notice }) {
  useEffect(() => {
    const timer = setTimeout(() => dismiss(id), shownMs);
    return () => clearTimeout(timer);
  }, [id]);
  return (
    <div className="notice">
      <Icon name="check" />
      <div>
        <strong>{title}</strong>
        {text === "" ? undefined : (
          <p>
            <bdi>{text}</bdi>
          </p>
        )}
      </div>
      <IconButton name={shell.dismiss} icon="close" onClick={() => dismiss(id)} />
    </div>
  );
}
