/** Keeps a model up with a log that other processes write to: polling is what it stands on, hints make it sooner. */
import { HistoryDiverged, type StateBackend, StoreUnavailable } from "./backend.ts";
import type { StateStore } from "./state-store.ts";

/** Between two looks at the log, in milliseconds: with the time of one look, how far behind a replica is while its database answers. Our choice. */
export const pollIntervalMs = 250;

export type FollowerOptions = {
  readonly store: StateStore;
  readonly backend: StateBackend;
  /** Done at each look, after the log; may throw StoreUnavailable. */
  readonly onLook?: (() => Promise<void>) | undefined;
  /** Takes one line when the database goes away, and one when it is back. */
  readonly say: (line: string) => void;
  /** The model is of no use any more: nothing may be answered from it. */
  readonly onDiverged: (cause: HistoryDiverged) => void;
  readonly intervalMs?: number | undefined;
};

export type Follower = { close(): Promise<void> };

/** Follows until it is closed. */
export function startFollower(options: FollowerOptions): Follower {
  const { store, backend, say } = options;
  let isClosed = false;
  let isAway = false;
  let wake = () => {};
  const look = async (): Promise<void> => {
    try {
      await store.follow();
      await options.onLook?.();
      if (isAway) say("the database is back");
      isAway = false;
    } catch (cause) {
      if (cause instanceof HistoryDiverged) {
        isClosed = true;
        options.onDiverged(cause);
      } else if (!isAway && !isClosed) {
        isAway = true;
        const why = cause instanceof StoreUnavailable ? cause.message : `the log cannot be followed: ${String(cause)}`;
        say(`${why}; reads go on from memory, writes wait`);
      }
    }
  };
  const run = async (): Promise<void> => {
    while (!isClosed) {
      const pause = new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, options.intervalMs ?? pollIntervalMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      await pause;
      if (!isClosed) await look();
    }
  };
  backend.shared?.onHint(() => wake());
  const running = run();
  return {
    close: async () => {
      isClosed = true;
      wake();
      await running;
    },
  };
}
