/** What happens in the cloud, as it happens: asked for again and again, each time only what is new. */
import { useEffect, useRef, useState } from "react";
import { listSignIns, type SignIn } from "../../api/directory.ts";
import { type AccessRecord, listRecords } from "../../api/insight.ts";
import { insight } from "../../texts/insight.ts";
import type { ShownOutcome } from "./outcome-badge.tsx";

const { activity: text } = insight;

export type ActivityEvent = {
  readonly key: string;
  readonly time: string;
  readonly outcome: ShownOutcome;
  readonly surface: AccessRecord["surface"] | "sign-in";
  readonly principalId: string;
  /** Told by the event itself; "" when the directory has to be asked. */
  readonly principalName: string;
  readonly what: string;
  readonly detail: string;
} & ({ readonly record: AccessRecord } | { readonly signIn: SignIn });

/** How long until it is asked again, in milliseconds: soon enough to look live. */
const pollMs = 2_000;
/** Events kept; our choice, and what one answer holds at most. */
export const maxEvents = 2_000;

function eventOfRecord(record: AccessRecord): ActivityEvent {
  const { time, requestId, ask, outcome, surface, operation } = record;
  return {
    key: `${requestId} ${ask.operation} ${ask.scope} ${outcome}`,
    time,
    outcome,
    surface,
    principalId: ask.principalId,
    principalName: "",
    what: operation,
    detail: ask.operation,
    record,
  };
}

function eventOfSignIn(signIn: SignIn): ActivityEvent {
  const { id, createdDateTime, status, appDisplayName, appId, resourceDisplayName } = signIn;
  const isPerson = signIn.userId !== null || signIn.userPrincipalName !== null;
  return {
    key: `sign-in ${id}`,
    time: createdDateTime,
    outcome: status.errorCode === 0 ? "allowed" : "failed",
    surface: "sign-in",
    principalId: signIn.userId ?? signIn.servicePrincipalId ?? "",
    principalName:
      signIn.userDisplayName ??
      signIn.userPrincipalName ??
      signIn.servicePrincipalName ??
      appDisplayName ??
      appId ??
      "",
    what: isPerson ? text.signInTo(appDisplayName ?? appId ?? "") : text.signInBy(signIn.authenticationProtocol ?? ""),
    detail: status.errorCode === 0 ? (resourceDisplayName ?? "") : `AADSTS${status.errorCode}`,
    signIn,
  };
}

export type Activity = {
  /** Newest first. */
  readonly events: readonly ActivityEvent[];
  readonly isLoading: boolean;
  readonly error: unknown;
  /** Whether sign-ins may be seen. */
  readonly hasSignIns: boolean;
  readonly clear: () => void;
};

/** @param since ISO 8601. */
export function useActivity(since: string, isPaused: boolean): Activity {
  const [state, setState] = useState<Omit<Activity, "clear">>({
    events: [],
    isLoading: true,
    error: undefined,
    hasSignIns: true,
  });
  const next = useRef(since);
  useEffect(() => {
    next.current = since;
    setState((before) => ({ ...before, events: [], isLoading: true }));
  }, [since]);
  useEffect(() => {
    if (isPaused) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isCurrent = true;
    const poll = async () => {
      // A tab that nobody looks at asks for nothing.
      if (!document.hidden) await ask();
      if (isCurrent) timer = setTimeout(() => void poll(), pollMs);
    };
    const ask = async () => {
      const from = next.current;
      try {
        const [records, signIns] = await Promise.all([listRecords(from), listSignIns(from).catch(() => undefined)]);
        if (!isCurrent || next.current !== from) return;
        const found = [...records.map(eventOfRecord), ...(signIns ?? []).map(eventOfSignIn)];
        next.current = found.reduce((latest, { time }) => (time > latest ? time : latest), from);
        setState((before) => ({
          events: merge(before.events, found),
          isLoading: false,
          error: undefined,
          hasSignIns: signIns !== undefined,
        }));
      } catch (error) {
        if (isCurrent) setState((before) => ({ ...before, isLoading: false, error }));
      }
    };
    void poll();
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [isPaused]);
  const clear = () => {
    next.current = new Date().toISOString();
    setState((before) => ({ ...before, events: [] }));
  };
  return { ...state, clear };
}

/** What comes at the same moment as the last one known comes twice; its key tells it. */
function merge(known: readonly ActivityEvent[], found: readonly ActivityEvent[]): readonly ActivityEvent[] {
  const keys = new Set(known.map(({ key }) => key));
  const added = found.filter(({ key }) => !keys.has(key) && keys.add(key));
  if (added.length === 0) return known;
  return [...added, ...known].sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0)).slice(0, maxEvents);
}
