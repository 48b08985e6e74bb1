/** What a page shows of an answer: on its way, there, or an error; asked anew when what it depends on changes. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { Page } from "./http.ts";

export type Loaded<Data> = {
  /** Stays while it is asked for anew. */
  readonly data: Data | undefined;
  readonly error: unknown;
  readonly isLoading: boolean;
  readonly reload: () => void;
};

/** @param dependencies asks anew when one of them is another than before. */
export function useLoad<Data>(load: () => Promise<Data>, dependencies: readonly unknown[]): Loaded<Data> {
  const [state, setState] = useState<Omit<Loaded<Data>, "reload">>({
    data: undefined,
    error: undefined,
    isLoading: true,
  });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the caller names what the answer depends on
  useEffect(() => {
    let isCurrent = true;
    setState((before) => ({ ...before, isLoading: true }));
    latest.current().then(
      (data) => isCurrent && setState({ data, error: undefined, isLoading: false }),
      (error: unknown) => isCurrent && setState({ data: undefined, error, isLoading: false }),
    );
    return () => {
      isCurrent = false;
    };
  }, [round, ...dependencies]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  return { ...state, reload };
}

export type LoadedPages<Item> = {
  readonly items: readonly Item[];
  readonly error: unknown;
  readonly isLoading: boolean;
  /** How many there are in all, when the first page said. */
  readonly total: number | undefined;
  /** Asks for the next page; undefined when all are there. */
  readonly more: (() => void) | undefined;
  readonly reload: () => void;
};

type PagesState<Item> = {
  readonly items: readonly Item[];
  readonly nextLink: string | undefined;
  readonly total: number | undefined;
  readonly error: unknown;
  readonly isLoading: boolean;
};

/** A list read page by page as it is scrolled. @param loadPage given where to go on, or undefined for the first page. */
export function usePages<Item>(
  loadPage: (nextLink: string | undefined) => Promise<Page<Item>>,
  dependencies: readonly unknown[],
): LoadedPages<Item> {
  const [state, setState] = useState<PagesState<Item>>({
    items: [],
    nextLink: undefined,
    total: undefined,
    error: undefined,
    isLoading: true,
  });
  const [round, setRound] = useState(0);
  const latest = useRef(loadPage);
  latest.current = loadPage;
  const asked = useRef<string | undefined>(undefined);
  const generation = useRef(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the caller names what the list depends on
  useEffect(() => {
    const mine = ++generation.current;
    asked.current = undefined;
    setState((before) => ({ ...before, isLoading: true }));
    latest.current(undefined).then(
      ({ items, nextLink, count }) =>
        mine === generation.current && setState({ items, nextLink, total: count, error: undefined, isLoading: false }),
      (error: unknown) =>
        mine === generation.current &&
        setState({ items: [], nextLink: undefined, total: undefined, error, isLoading: false }),
    );
  }, [round, ...dependencies]);
  const { nextLink } = state;
  const more = useCallback(() => {
    if (nextLink === undefined || asked.current === nextLink) return;
    asked.current = nextLink;
    const mine = generation.current;
    setState((before) => ({ ...before, isLoading: true }));
    latest.current(nextLink).then(
      (page) =>
        mine === generation.current &&
        setState((before) => ({
          ...before,
          items: [...before.items, ...page.items],
          nextLink: page.nextLink,
          isLoading: false,
        })),
      (error: unknown) => mine === generation.current && setState((before) => ({ ...before, error, isLoading: false })),
    );
  }, [nextLink]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  const { items, error, isLoading, total } = state;
  return { items, error, isLoading, total, more: nextLink === undefined ? undefined : more, reload };
}

/** One change at a time: whether it is under way, and what came of it. */
export function useAction(): {
  readonly isBusy: boolean;
  readonly error: unknown;
  /** Runs it; @returns whether it succeeded. */
  readonly run: (action: () => Promise<unknown>) => Promise<boolean>;
  readonly clear: () => void;
} {
  const [state, setState] = useState<{ readonly isBusy: boolean; readonly error: unknown }>({
    isBusy: false,
    error: undefined,
  });
  const run = useCallback(async (action: () => Promise<unknown>) => {
    setState({ isBusy: true, error: undefined });
    try {
      await action();
      setState({ isBusy: false, error: undefined });
      return true;
    } catch (error) {
      setState({ isBusy: false, error });
      return false;
    }
  }, []);
  const clear = useCallback(() => setState({ isBusy: false, error: undefined }), []);
  return { ...state, run, clear };
}

/** A value that follows another once it has rested. @param restMs in milliseconds. */
export function useRested<Value>(value: Value, restMs = 250): Value {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), restMs);
    return () => clearTimeout(timer);
  }, [value, restMs]);
  return rested;
}
