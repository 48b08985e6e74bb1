/** A value that people carry elsewhere, with a button that puts it on the clipboard. */
import { useEffect, useState } from "react";
import { common } from "../texts/common.ts";
import { IconButton } from "./button.tsx";

/** How long the button says that it has copied, in milliseconds. */
const shownMs = 2_000;

export function CopyButton({ value, label }: { readonly value: string; readonly label: string }) {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), shownMs);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = () => {
    navigator.clipboard.writeText(value).then(
      () => setState("copied"),
      () => setState("failed"),
    );
  };
  return (
    <span className="copy">
      <IconButton name={common.copy(label)} icon={state === "copied" ? "check" : "copy"} onClick={copy} />
      <span role="status" className="copy-state">
        {state === "copied" ? common.copied : state === "failed" ? common.copyFailed : ""}
      </span>
    </span>
  );
}

/** A labelled value with its copy button, in a {@link Properties} list. */
export function CopyField({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <div className="property">
      <dt>{label}</dt>
      <dd>
        <code className="value">{value}</code>
        <CopyButton value={value} label={label} />
      </dd>
    </div>
  );
}
