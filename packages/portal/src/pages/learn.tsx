/** Learn: what an app used in the recorded time, and the smallest roles that cover it. */
import { useState } from "react";
import { type Learned, learnRoles, type Need } from "../api/insight.ts";
import { useLoad } from "../api/use-load.ts";
import { Blade } from "../components/blade.tsx";
import { type Column, DetailsList } from "../components/details-list.tsx";
import { SelectField } from "../components/form.tsx";
import { EmptyState, ErrorMessage, Loading, MessageBar } from "../components/message.tsx";
import { formatTime } from "../components/time.ts";
import { Link } from "../router/link.tsx";
import { useQueryValue } from "../router/location.ts";
import { common } from "../texts/common.ts";
import { insight } from "../texts/insight.ts";
import { PrincipalField } from "./insight/principal-field.tsx";
import { SoftModeNotice } from "./insight/soft-mode-notice.tsx";
import { CustomRole } from "./learn/custom-role.tsx";
import { assignPathOf, ScopeLink } from "./principals/held-access.tsx";

const { learn: text } = insight;

const windows = ["15", "60", "1440", "10080"] as const;

export default function Learn() {
  const [principal, setPrincipal] = useQueryValue("principal");
  const [minutesValue, setMinutes] = useQueryValue("minutes");
  const minutes = windows.find((one) => one === minutesValue) ?? "1440";
  const [roleName, setRoleName] = useState<string>(text.customDefault);
  const learned = useLoad(async () => {
    if (principal === "") return undefined;
    const since = new Date(Date.now() - Number(minutes) * 60_000).toISOString();
    return learnRoles(principal, since, text.customDefault);
  }, [principal, minutes]);
  return (
    <Blade
      title={text.title}
      icon="learn"
      commands={[{ key: "refresh", text: common.refresh, icon: "refresh", onClick: learned.reload }]}
    >
      <SoftModeNotice />
      <p className="soft prose">{text.intro}</p>
      <div className="tools aligned">
        <PrincipalField value={principal} onChange={setPrincipal} />
        <SelectField
          label={text.since}
          value={minutes}
          options={windows.map((value) => ({ value, text: text.windows[value] }))}
          onChange={(value) => setMinutes(value === "1440" ? "" : value)}
        />
      </div>
      {learned.error === undefined ? undefined : <ErrorMessage error={learned.error} />}
      {principal === "" ? (
        <EmptyState icon="learn" title={text.chooseTitle}>
          {text.chooseText}
        </EmptyState>
      ) : undefined}
      {learned.isLoading && learned.data === undefined && principal !== "" ? <Loading /> : undefined}
      {learned.data === undefined ? undefined : learned.data.used.length === 0 ? (
        <EmptyState
          icon="activity"
          title={text.emptyTitle}
          action={<Link to="/portal/activity">{insight.activity.title}</Link>}
        >
          {text.emptyText}
        </EmptyState>
      ) : (
        <>
          <Roles learned={learned.data} principalId={principal} />
          <Used used={learned.data.used} />
          <CustomRole role={learned.data.customRole} name={roleName} onName={setRoleName} />
        </>
      )}
    </Blade>
  );
}

function Roles({ learned, principalId }: { readonly learned: Learned; readonly principalId: string }) {
  return (
    <section className="stack">
      <h2 className="title2">{text.rolesTitle}</h2>
      {learned.assignments.length === 0 ? undefined : (
        <ul className="role-cards">
          {learned.assignments.map((assignment) => (
            <RoleCard
              key={`${assignment.roleDefinitionId} ${assignment.scope}`}
              assignment={assignment}
              principalId={principalId}
            />
          ))}
        </ul>
      )}
      {learned.uncovered.length === 0 ? undefined : (
        <MessageBar kind="warning">
          <strong>{text.uncovered}</strong>
          <NeedList needs={learned.uncovered} />
        </MessageBar>
      )}
      <p className="soft">{learned.isProved ? text.proved : text.notProved}</p>
    </section>
  );
}

function RoleCard(props: { readonly assignment: Learned["assignments"][number]; readonly principalId: string }) {
  const { roleName, scope, covers, operationsBeyond, roleDefinitionId } = props.assignment;
  const path = assignPathOf(scope, roleDefinitionId, props.principalId);
  return (
    <li className="role-card">
      <div className="stack-tight">
        <strong>{roleName}</strong>
        <ScopeLink scope={scope} />
      </div>
      <div className="soft">
        {text.grants}: <strong>{text.beyond(operationsBeyond)}</strong>
      </div>
      <details>
        <summary>{text.covers(covers.length)}</summary>
        <NeedList needs={covers} />
      </details>
      {path === undefined ? undefined : (
        <Link to={path}>
          <span className="hidden">{text.assignOf(roleName)}</span>
          <span aria-hidden="true">{text.assign}</span>
        </Link>
      )}
    </li>
  );
}

function NeedList({ needs }: { readonly needs: readonly Need[] }) {
  return (
    <ul className="operations">
      {needs.map(({ operation, scope }) => (
        <li key={`${operation} ${scope}`}>
          <code>{operation}</code> <span className="soft">{scope.split("/").at(-1)}</span>
        </li>
      ))}
    </ul>
  );
}

type Use = Learned["used"][number];

const columns: readonly Column<Use>[] = [
  {
    key: "operation",
    title: text.used,
    width: "2.5fr",
    render: ({ operation }) => <code title={operation}>{operation.replace(/^Microsoft\.\w+\//, "")}</code>,
  },
  {
    key: "scope",
    title: insight.scope,
    width: "1.5fr",
    isMinor: true,
    render: ({ scope }) => <ScopeLink scope={scope} />,
  },
  {
    key: "allowed",
    title: text.allowed,
    width: "80px",
    render: ({ allowedCount }) => allowedCount.toLocaleString("en"),
  },
  { key: "denied", title: text.denied, width: "80px", render: ({ deniedCount }) => deniedCount.toLocaleString("en") },
  { key: "last", title: text.last, width: "180px", isMinor: true, render: ({ lastTime }) => formatTime(lastTime) },
];

function Used({ used }: { readonly used: readonly Use[] }) {
  return (
    <section className="stack">
      <h2 className="title2">{text.usedTitle}</h2>
      <DetailsList
        label={text.usedTitle}
        rows={used}
        columns={columns}
        keyOf={({ operation, scope, isDataAction }) => `${isDataAction} ${operation} ${scope}`}
      />
    </section>
  );
}
