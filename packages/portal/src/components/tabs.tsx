/** Tabs over parts of one page. */
import { type ReactNode, useEffect, useId, useRef } from "react";

export type Tab = { readonly key: string; readonly text: string; readonly isDisabled?: boolean };

export function Tabs(props: {
  readonly label: string;
  readonly tabs: readonly Tab[];
  readonly current: string;
  readonly onChange: (key: string) => void;
  readonly children: ReactNode;
}) {
  const { tabs, current, onChange } = props;
  const list = useRef<HTMLElement>(null);
  const base = useId();
  useEffect(() => {
    const element = list.current;
    const listen = () => {
      const chosen = (element as HTMLElement & { activeid?: string }).activeid ?? "";
      const key = chosen.slice(base.length + 1);
      if (key !== current && tabs.some((tab) => tab.key === key)) onChange(key);
    };
    element?.addEventListener("change", listen);
    return () => element?.removeEventListener("change", listen);
  }, [tabs, current, onChange, base]);
  return (
    <>
      <fluent-tablist
        role="tablist"
        ref={list}
        activeid={`${base}-${current}`}
        aria-label={props.label}
        className="tabs"
      >
        {tabs.map(({ key, text, isDisabled = false }) => (
          <fluent-tab
            key={key}
            id={`${base}-${key}`}
            role="tab"
            aria-selected={key === current}
            aria-controls={`${base}-panel`}
            disabled={isDisabled}
          >
            {text}
          </fluent-tab>
        ))}
      </fluent-tablist>
      <div role="tabpanel" id={`${base}-panel`} aria-labelledby={`${base}-${current}`} className="tab-panel">
        {props.children}
      </div>
    </>
  );
}
