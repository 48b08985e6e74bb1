/** The search box at the top: a combobox over services, resources and the directory. */
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useLoad, useRested } from "../api/use-load.ts";
import { Icon } from "../components/icon.tsx";
import { navigate } from "../router/location.ts";
import { shell } from "../texts/shell.ts";
import { type Found, type FoundGroup, searchCloud, searchServices } from "./search.ts";

/** Longest words that are searched for, in characters. */
const maxWordsChars = 120;

export function SearchBox() {
  const [words, setWords] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const rested = useRested(words.trim());
  const cloud = useLoad(() => (rested === "" ? Promise.resolve([]) : searchCloud(rested)), [rested]);
  const services = searchServices(words);
  const groups = [services, ...(words.trim() === "" ? [] : (cloud.data ?? []))].filter(({ items }) => items.length > 0);
  const items = groups.flatMap((group) => group.items);
  useCloseOutside(box, isOpen, () => setOpen(false));
  const isSearching = words.trim() !== "" && (cloud.isLoading || rested !== words.trim());

  const choose = ({ to }: Found) => {
    setOpen(false);
    setWords("");
    navigate(to);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const chosen = items[active];
    if (event.key === "Escape") setOpen(false);
    else if (event.key === "Enter" && isOpen && chosen !== undefined) choose(chosen);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      if (isOpen) setActive((active + (event.key === "ArrowDown" ? 1 : -1) + items.length) % Math.max(items.length, 1));
    }
  };
  return (
    <search className="search" ref={box}>
      <Icon name="search" />
      <input
        type="text"
        role="combobox"
        aria-expanded={isOpen}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={isOpen && items.length > 0 ? `${id}-${active}` : undefined}
        aria-label={shell.searchHint}
        placeholder={shell.searchHint}
        value={words}
        maxLength={maxWordsChars}
        autoComplete="off"
        spellCheck={false}
        onFocus={() => setOpen(true)}
        onClick={() => setOpen(true)}
        onChange={(event) => {
          setWords(event.currentTarget.value);
          setActive(0);
          setOpen(true);
        }}
        onKeyDown={onKeyDown}
      />
      <div className="search-results" hidden={!isOpen}>
        <Results id={id} groups={groups} active={items[active]} onChoose={choose} />
        <p className="soft" role="status">
          {isSearching ? shell.searching : items.length === 0 ? shell.searchNothing(words.trim()) : ""}
        </p>
      </div>
    </search>
  );
}

function Results(props: {
  readonly id: string;
  readonly groups: readonly FoundGroup[];
  readonly active: Found | undefined;
  readonly onChoose: (found: Found) => void;
}) {
  const { id, groups, active, onChoose } = props;
  let index = -1;
  return (
    <div role="listbox" id={`${id}-list`} aria-label={shell.searchHint}>
      {groups.map(({ title, items }) => (
        <div key={title} role="group" aria-label={title}>
          <div className="search-title" role="presentation">
            {title}
          </div>
          {items.map((item) => {
            index++;
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the box's
              <div
                key={item.key}
                id={`${id}-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={item === active}
                className="search-item"
                onClick={() => onChoose(item)}
              >
                <Icon name={item.icon} />
                <bdi className="search-name">{item.name}</bdi>
                {item.detail === "" ? undefined : <span className="soft">{item.detail}</span>}
              </div>
            );
          })}
        </div>
      ))}
    </div>
  );
}

function useCloseOutside(place: React.RefObject<HTMLElement | null>, isOpen: boolean, close: () => void): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: closing is the same each time
  useEffect(() => {
    if (!isOpen) return;
    const onEvent = (event: Event) => {
      if (!place.current?.contains(event.target as Node)) close();
    };
    document.addEventListener("pointerdown", onEvent);
    document.addEventListener("focusin", onEvent);
    return () => {
      document.removeEventListener("pointerdown", onEvent);
      document.removeEventListener("focusin", onEvent);
    };
  }, [isOpen]);
}
