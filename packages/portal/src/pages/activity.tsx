/** Activity: sign-ins and access decisions, live; what was denied on top, each leading to its reason. */
import { useMemo, useState } from "react";
import { Blade } from "../components/blade.tsx";
import { type Column, DetailsList } from "../components/details-list.tsx";
import { SearchField, SelectField } from "../components/form.tsx";
import { EmptyState, ErrorMessage, MessageBar } from "../components/message.tsx";
import { formatTime } from "../components/time.ts";
import { Link } from "../router/link.tsx";
import { navigate, useQueryValue } from "../router/location.ts";
import { insight } from "../texts/insight.ts";
import { OutcomeBadge } from "./activity/outcome-badge.tsx";
import { SignInPanel } from "./activity/sign-in-panel.tsx";
import { type ActivityEvent, maxEvents, useActivity } from "./activity/use-activity.ts";
import { SoftModeNotice } from "./insight/soft-mode-notice.tsx";
import { useNames } from "./insight/use-names.ts";

const { activity: text } = insight;

const windows = ["15", "60", "1440"] as const;
type Minutes = (typeof windows)[number];

export default function Activity() {
  const [minutesValue, setMinutes] = useQueryValue("minutes");
  const minutes = windows.find((one) => one === minutesValue) ?? "60";
  // Fixed when it is chosen: what is shown does not slip away while it is read.
  const since = useMemo(() => new Date(Date.now() - Number(minutes) * 60_000).toISOString(), [minutes]);
  const [isPaused, setPaused] = useState(false);
  const [words, setWords] = useState("");
  const [outcome, setOutcome] = useQueryValue("outcome");
  const [plane, setPlane] = useQueryValue("plane");
  const [principal] = useQueryValue("principal");
  const [signInId, setSignIn] = useQueryValue("signIn");
  const activity = useActivity(since, isPaused);
  const names = useNames(
    activity.events.flatMap(({ principalId, principalName }) => (principalName === "" ? [principalId] : [])),
  );
  const nameOf = ({ principalId, principalName }: ActivityEvent) =>
    principalName || (names.get(principalId)?.displayName ?? principalId);
  const wanted = words.trim().toLowerCase();
  const shown = activity.events.filter(
    (event) =>
      (outcome === "" || event.outcome === outcome) &&
      (plane === "" || event.surface === plane) &&
      (principal === "" || event.principalId === principal) &&
      (wanted === "" || [nameOf(event), event.what, event.detail].some((one) => one.toLowerCase().includes(wanted))),
  );
  const opened = activity.events.find((event) => "signIn" in event && event.signIn.id === signInId);
  return (
    <Blade
      title={text.title}
      icon="activity"
      commands={[
        {
          key: "pause",
          text: isPaused ? text.resume : text.pause,
          icon: isPaused ? "play" : "pause",
          onClick: () => setPaused(!isPaused),
        },
        { key: "clear", text: text.clear, icon: "delete", onClick: activity.clear },
      ]}
    >
      <SoftModeNotice />
      <p className="soft">
        {text.intro} <LiveMark isPaused={isPaused} />
      </p>
      <div className="tools aligned">
        <SearchField label={text.filter} value={words} onChange={setWords} />
        <SelectField label={text.outcome} value={outcome} options={outcomes} onChange={setOutcome} />
        <SelectField label={text.plane} value={plane} options={planes} onChange={setPlane} />
        <SelectField
          label={text.since}
          value={minutes}
          options={windows.map((value) => ({ value, text: text.windows[value] }))}
          onChange={(value: Minutes) => setMinutes(value === "60" ? "" : value)}
        />
      </div>
      {activity.hasSignIns ? undefined : <MessageBar kind="info">{text.signInsHidden}</MessageBar>}
      {activity.error === undefined ? undefined : <ErrorMessage error={activity.error} />}
      <EventList
        events={shown}
        isLoading={activity.isLoading}
        isFiltered={activity.events.length > 0}
        nameOf={nameOf}
      />
      {activity.events.length >= maxEvents ? <p className="soft">{text.cut}</p> : undefined}
      {opened !== undefined && "signIn" in opened ? (
        <SignInPanel signIn={opened.signIn} onClose={() => setSignIn("")} />
      ) : undefined}
    </Blade>
  );
}

const outcomes = [
  { value: "", text: text.allOutcomes },
  ...(["denied", "failed", "let-through", "allowed"] as const).map((value) => ({
    value,
    text: insight.outcomes[value],
  })),
];
const planes = [
  { value: "", text: text.allPlanes },
  ...(["sign-in", "arm", "blob", "graph"] as const).map((value) => ({ value, text: insight.surfaces[value] })),
];

function LiveMark({ isPaused }: { readonly isPaused: boolean }) {
  return (
    <span className={isPaused ? "live-mark paused" : "live-mark"} role="status">
      {isPaused ? text.paused : text.live}
    </span>
  );
}

type Row = ActivityEvent | { readonly key: string; readonly title: string };

const isRefused = ({ outcome }: ActivityEvent) => outcome === "denied" || outcome === "failed";

function EventList(props: {
  readonly events: readonly ActivityEvent[];
  readonly isLoading: boolean;
  readonly isFiltered: boolean;
  readonly nameOf: (event: ActivityEvent) => string;
}) {
  const refused = props.events.filter(isRefused);
  const others = props.events.filter((event) => !isRefused(event));
  const rows: readonly Row[] = [
    ...(refused.length === 0 ? [] : [{ key: "refused", title: text.refused(refused.length) }, ...refused]),
    ...(others.length === 0 ? [] : [{ key: "others", title: text.others(others.length) }, ...others]),
  ];
  return (
    <DetailsList
      label={text.title}
      rows={rows}
      columns={columnsOf(props.nameOf)}
      keyOf={({ key }) => key}
      groupOf={(row) => ("title" in row ? row.title : undefined)}
      isLoading={props.isLoading}
      onRowClick={(row) => !("title" in row) && navigate(pathOf(row))}
      empty={
        props.isFiltered ? (
          <EmptyState icon="search" title={text.noMatch} />
        ) : (
          <EmptyState icon="activity" title={text.emptyTitle}>
            {text.emptyText}
          </EmptyState>
        )
      }
    />
  );
}

/** Where an event is told of: decisions on the explain page, sign-ins here. */
function pathOf(event: ActivityEvent): string {
  if ("record" in event) return `/portal/explain?request=${encodeURIComponent(event.record.requestId)}`;
  const query = new URLSearchParams(location.search);
  query.set("signIn", event.signIn.id);
  return `/portal/activity?${query}`;
}

function columnsOf(nameOf: (event: ActivityEvent) => string): readonly Column<Row>[] {
  const of = (render: (event: ActivityEvent) => React.ReactNode) => (row: Row) =>
    "title" in row ? undefined : render(row);
  return [
    {
      key: "time",
      title: insight.time,
      width: "180px",
      isMinor: true,
      render: of(({ time }) => formatTime(time)),
    },
    {
      key: "outcome",
      title: text.outcome,
      width: "94px",
      render: of(({ outcome }) => <OutcomeBadge outcome={outcome} />),
    },
    { key: "principal", title: insight.who, width: "1fr", render: of((event) => <bdi>{nameOf(event)}</bdi>) },
    {
      key: "what",
      title: text.what,
      width: "2fr",
      render: of((event) => (
        <span className="stacked">
          <Link to={pathOf(event)}>
            <bdi>{event.what}</bdi>
          </Link>
          <span className="soft small">
            <bdi>{event.detail}</bdi>
          </span>
        </span>
      )),
    },
    {
      key: "plane",
      title: text.plane,
      width: "140px",
      isMinor: true,
      render: of(({ surface }) => insight.surfaces[surface]),
    },
  ];
}
