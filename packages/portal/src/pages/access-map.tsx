/** The access map: who has access through what and where, at a time or between two. */
import { useMemo, useState } from "react";
import { listSubscriptions } from "../api/arm.ts";
import { ApiError } from "../api/http.ts";
import { type AccessChange, type AccessDiff, diffAccess, listWays } from "../api/insight.ts";
import { useLoad } from "../api/use-load.ts";
import { Blade } from "../components/blade.tsx";
import { EmptyState, ErrorMessage, Loading, MessageBar } from "../components/message.tsx";
import { Tabs } from "../components/tabs.tsx";
import { Link } from "../router/link.tsx";
import { useQueryValue } from "../router/location.ts";
import { common } from "../texts/common.ts";
import { directory } from "../texts/directory.ts";
import { insight } from "../texts/insight.ts";
import { Drawing } from "./access-map/drawing.tsx";
import { type AccessMapLayout, layOut } from "./access-map/layout.ts";
import { MapForm, type MapQuestion, useMapQuestion } from "./access-map/map-form.tsx";
import { WayTable } from "./access-map/way-table.tsx";
import { isoOf } from "./insight/local-time.ts";

const { map: text } = insight;

/** Without a scope: everything, or the first subscription for who may not see everything. */
async function ask({ mode, scope, from, to }: MapQuestion): Promise<AccessDiff> {
  const at = (place: string) =>
    mode === "diff" ? diffAccess(place, isoOf(from), isoOf(to)) : listWays(place, isoOf(to));
  if (scope !== "") return at(scope);
  try {
    return await at("/");
  } catch (error) {
    const [first] = error instanceof ApiError && error.status === 403 ? await listSubscriptions() : [];
    if (first === undefined) throw error;
    return at(first.id);
  }
}

/** The ways of one principal, through groups or as a group; of everybody, without the groups that stand on their own ways. */
function waysOf({ access, principals }: AccessDiff, principal: string): readonly AccessChange[] {
  const groups = new Set(principals.filter(({ type }) => type === "Group").map(({ id }) => id));
  const held = new Set(access.filter(({ via }) => via.length > 0).map(({ assignmentId }) => assignmentId));
  return access.filter(
    ({ principalId, via, assignmentId }) =>
      (principal === "" || principalId === principal || via.includes(principal)) &&
      // A group with members is drawn by its members' ways.
      !(groups.has(principalId) && held.has(assignmentId) && principalId !== principal),
  );
}

export default function AccessMap() {
  const question = useMapQuestion();
  const [viewValue, setView] = useQueryValue("view");
  const view = viewValue === "table" ? "table" : "graph";
  const key = JSON.stringify(question);
  const loaded = useLoad(() => ask(question), [key]);
  const ways = useMemo(
    () => (loaded.data === undefined ? undefined : waysOf(loaded.data, question.principal)),
    [loaded.data, question.principal],
  );
  const isDifference = question.mode === "diff";
  return (
    <Blade
      title={text.title}
      icon="map"
      commands={[{ key: "refresh", text: common.refresh, icon: "refresh", onClick: loaded.reload }]}
    >
      <p className="soft">{text.intro}</p>
      <MapForm key={key} question={question} view={view} />
      {loaded.error === undefined ? undefined : <ErrorMessage error={loaded.error} />}
      {loaded.isLoading ? <Loading /> : undefined}
      {ways === undefined || loaded.isLoading ? undefined : ways.length === 0 ? (
        <Nothing isDifference={isDifference} />
      ) : (
        <Tabs
          label={text.title}
          tabs={[
            { key: "graph", text: text.views.graph },
            { key: "table", text: text.views.table },
          ]}
          current={view}
          onChange={(next) => setView(next === "graph" ? "" : next)}
        >
          {loaded.data?.isCut === true ? <MessageBar kind="info">{text.serverCut}</MessageBar> : undefined}
          {view === "graph" ? (
            <GraphView ways={ways} principals={loaded.data!.principals} isDifference={isDifference} />
          ) : (
            <WayTable label={text.title} ways={ways} principals={loaded.data!.principals} isDifference={isDifference} />
          )}
        </Tabs>
      )}
    </Blade>
  );
}

function Nothing({ isDifference }: { readonly isDifference: boolean }) {
  if (isDifference) return <EmptyState icon="map" title={text.emptyDiff} />;
  return (
    <EmptyState
      icon="map"
      title={text.emptyTitle}
      action={<Link to="/portal/resource-groups">{directory.access.toGroups}</Link>}
    >
      {text.emptyText}
    </EmptyState>
  );
}

/** Ways drawn at once: more lines than that nobody tells apart. */
const maxDrawnWays = 150;

type GraphProps = {
  readonly ways: readonly AccessChange[];
  readonly principals: AccessDiff["principals"];
  readonly isDifference: boolean;
};

function GraphView({ ways, principals, isDifference }: GraphProps) {
  const [selected, setSelected] = useState("");
  const drawn = useMemo(() => ways.slice(0, maxDrawnWays), [ways]);
  const layout: AccessMapLayout = useMemo(() => layOut(drawn, principals), [drawn, principals]);
  const node = layout.nodes.find(({ key }) => key === selected);
  return (
    <>
      {ways.length > drawn.length ? (
        <MessageBar kind="info">{text.cut(drawn.length, ways.length)}</MessageBar>
      ) : undefined}
      <div className="tools">
        <p className="soft small">{text.graphHelp}</p>
        {isDifference ? (
          <p className="map-legend">
            <span className="gained">{text.gained}</span> <span className="lost">{text.lost}</span>
          </p>
        ) : undefined}
      </div>
      <Drawing
        layout={layout}
        isDifference={isDifference}
        selected={selected}
        onSelect={(next) => setSelected(next === selected ? "" : next)}
      />
      {node === undefined ? undefined : (
        <section className="stack" aria-label={text.selected}>
          <h2 className="title2">
            <bdi className="wrap">{node.kind === "scope" ? node.id : node.name}</bdi>
          </h2>
          <WayTable
            key={selected}
            label={text.selected}
            ways={drawn.filter((_, index) => node.ways.includes(index))}
            principals={principals}
            isDifference={isDifference}
          />
        </section>
      )}
    </>
  );
}
