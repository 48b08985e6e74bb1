/** Files on their way into a container: one after another, each with how far it is. */
import { useState } from "react";
import { uploadBlob } from "../../api/blobs.ts";
import { notify } from "../../shell/notifications.tsx";
import { blobs } from "../../texts/blobs.ts";
import type { FileState } from "./upload-row.tsx";

const { uploadPanel: text } = blobs;

let lastKey = 0;

function begin(file: File): FileState {
  return { key: ++lastKey, file, state: "waiting", sentBytes: 0, error: undefined };
}

export type UploadTarget = {
  readonly account: string;
  readonly container: string;
  /** The folder the files go into, as it was typed. */
  readonly folder: string;
  readonly isOverwriting: boolean;
};

export type Uploads = {
  readonly files: readonly FileState[];
  /** Those that are not there yet: not begun, stopped or failed. */
  readonly waiting: readonly FileState[];
  readonly isSending: boolean;
  readonly add: (files: readonly File[]) => void;
  readonly remove: (key: number) => void;
  /** Sends all that wait. */
  readonly start: () => Promise<void>;
  /** Ends the one under way, and begins no other. */
  readonly stop: () => void;
};

/** @param onUploaded told when at least one is there. */
export function useUploads(initial: readonly File[], target: UploadTarget, onUploaded: () => void): Uploads {
  const [files, setFiles] = useState<readonly FileState[]>(() => initial.map(begin));
  const [stopping, setStopping] = useState<AbortController>();
  const waiting = files.filter(({ state }) => state !== "done");
  const change = (key: number, to: Partial<FileState>) =>
    setFiles((before) => before.map((one) => (one.key === key ? { ...one, ...to } : one)));
  const send = async ({ key, file }: FileState, signal: AbortSignal) => {
    const { folder, ...where } = target;
    const place = folder.trim().replace(/^\/+|\/+$/g, "");
    const blob = place === "" ? file.name : `${place}/${file.name}`;
    const onProgress = (sentBytes: number) => change(key, { sentBytes });
    change(key, { state: "sending", sentBytes: 0, error: undefined });
    try {
      await uploadBlob({ ...where, blob, file, onProgress, signal });
      change(key, { state: "done", sentBytes: file.size });
      return true;
    } catch (error) {
      change(key, signal.aborted ? { state: "stopped" } : { state: "failed", error });
      return false;
    }
  };
  const start = async () => {
    const stop = new AbortController();
    setStopping(stop);
    let count = 0;
    for (const one of waiting) {
      if (stop.signal.aborted) break;
      if (await send(one, stop.signal)) count++;
    }
    setStopping(undefined);
    if (count === 0) return;
    notify(text.done(count));
    onUploaded();
  };
  return {
    files,
    waiting,
    isSending: stopping !== undefined,
    add: (added) => setFiles((before) => [...before, ...added.map(begin)]),
    remove: (key) => setFiles((before) => before.filter((one) => one.key !== key)),
    start,
    stop: () => stopping?.abort(),
  };
}
