/** Explain: why somebody can or cannot do something, by a question or by the record of a request; and who can. */
import { Blade } from "../components/blade.tsx";
import { Tabs } from "../components/tabs.tsx";
import { useQueryValue } from "../router/location.ts";
import { insight } from "../texts/insight.ts";
import { Question } from "./explain/question.tsx";
import { RecordView } from "./explain/record-view.tsx";
import { WhoCanView } from "./explain/who-can-view.tsx";

const { explain: text } = insight;

export default function Explain() {
  const [requestId] = useQueryValue("request");
  const [tabValue, setTab] = useQueryValue("tab");
  const tab = tabValue === "who" ? "who" : "why";
  if (requestId !== "")
    return (
      <Blade
        title={text.recordTitle}
        kind={text.title}
        icon="question"
        crumbs={[{ text: insight.activity.title, to: "/portal/activity" }]}
      >
        <RecordView key={requestId} requestId={requestId} />
      </Blade>
    );
  return (
    <Blade title={text.title} icon="question">
      <Tabs
        label={text.title}
        tabs={[
          { key: "why", text: text.whyTab },
          { key: "who", text: text.whoTab },
        ]}
        current={tab}
        onChange={(key) => setTab(key === "why" ? "" : key)}
      >
        {tab === "why" ? <Question /> : <WhoCanView />}
      </Tabs>
    </Blade>
  );
}
