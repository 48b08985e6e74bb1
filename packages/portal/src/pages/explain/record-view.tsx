/** What was decided for one request, by the id that its answer carried. */
import { type ExplainedRecord, getRecord } from "../../api/insight.ts";
import { useLoad } from "../../api/use-load.ts";
import { CopyButton } from "../../components/copy-field.tsx";
import { ErrorMessage, Loading } from "../../components/message.tsx";
import { formatTime } from "../../components/time.ts";
import { Link } from "../../router/link.tsx";
import { insight } from "../../texts/insight.ts";
import { OutcomeBadge } from "../activity/outcome-badge.tsx";
import { DecisionView } from "../insight/decision-view.tsx";

const { explain: text } = insight;

export function RecordView({ requestId }: { readonly requestId: string }) {
  const record = useLoad(() => getRecord(requestId), [requestId]);
  return (
    <>
      <p className="secret">
        <code className="wrap">{text.request(requestId)}</code>
        <CopyButton value={requestId} label={insight.activity.requestId} />
      </p>
      {record.error === undefined ? undefined : (
        <>
          <ErrorMessage error={record.error} />
          <p className="soft">{text.recordGone}</p>
        </>
      )}
      {record.isLoading ? <Loading /> : undefined}
      {(record.data ?? []).map((part) => (
        <Part key={`${part.ask.operation} ${part.ask.scope} ${part.outcome}`} part={part} />
      ))}
    </>
  );
}

function Part({ part }: { readonly part: ExplainedRecord }) {
  const query = new URLSearchParams({
    principal: part.ask.principalId,
    operation: part.ask.operation,
    scope: part.ask.scope,
  });
  return (
    <section className="stack box-part" aria-label={part.operation}>
      <div className="tools">
        <h2 className="title2">{part.operation}</h2>
        <OutcomeBadge outcome={part.outcome} />
        <span className="soft">
          {insight.surfaces[part.surface]}, {formatTime(part.time)}
        </span>
      </div>
      <DecisionView explained={{ ...part, ...part.ask }} />
      <Link to={`/portal/explain?${query}`}>{text.askAgain}</Link>
    </section>
  );
}
