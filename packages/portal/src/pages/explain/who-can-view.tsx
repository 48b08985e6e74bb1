/** Everybody who can do an operation at a scope, and by which assignment. */
import { useState } from "react";
import { type NamedPrincipal, type WhoCan, whoCan } from "../../api/insight.ts";
import { useLoad } from "../../api/use-load.ts";
import { Button } from "../../components/button.tsx";
import { type Column, DetailsList } from "../../components/details-list.tsx";
import { Form, TextField } from "../../components/form.tsx";
import { EmptyState, MessageBar } from "../../components/message.tsx";
import { Link } from "../../router/link.tsx";
import { navigate, useQueryValue } from "../../router/location.ts";
import { access } from "../../texts/access.ts";
import { insight } from "../../texts/insight.ts";
import { kindOfScope } from "../places.ts";
import { principalPath } from "../principals/principal-path.ts";
import { OperationField } from "./question.tsx";

const { explain } = insight;
const { who: text } = explain;

type Row = WhoCan["value"][number];

export function WhoCanView() {
  const [operation] = useQueryValue("operation");
  const [scope] = useQueryValue("scope");
  const [draft, setDraft] = useState({ operation, scope });
  const [isTried, setTried] = useState(false);
  const isAsked = operation !== "" && scope !== "";
  const found = useLoad(() => (isAsked ? whoCan(operation, scope) : Promise.resolve(undefined)), [operation, scope]);
  const isMissing = draft.operation.trim() === "" || draft.scope.trim() === "";
  const ask = () => {
    setTried(true);
    if (isMissing) return;
    const values = { tab: "who", operation: draft.operation.trim(), scope: draft.scope.trim() };
    navigate(`/portal/explain?${new URLSearchParams(values)}`);
    found.reload();
  };
  return (
    <>
      <Form onSubmit={ask}>
        <p className="soft">{text.intro}</p>
        <OperationField value={draft.operation} onChange={(value) => setDraft({ ...draft, operation: value })} />
        <TextField
          label={insight.scope}
          hint={explain.scopeHint}
          value={draft.scope}
          onChange={(value) => setDraft({ ...draft, scope: value })}
          isRequired
          error={isTried && isMissing ? text.missing : undefined}
        />
        <div>
          <Button appearance="primary" isSubmit>
            {text.ask}
          </Button>
        </div>
      </Form>
      {found.data?.isCut === true ? <MessageBar kind="info">{text.cut}</MessageBar> : undefined}
      {isAsked ? (
        <DetailsList
          label={explain.whoTab}
          rows={found.data?.value ?? []}
          columns={columnsOf(found.data?.principals ?? [])}
          keyOf={({ principal }) => principal.id}
          isLoading={found.isLoading}
          error={found.error}
          empty={
            <EmptyState icon="people" title={text.emptyTitle}>
              {text.emptyText}
            </EmptyState>
          }
        />
      ) : undefined}
    </>
  );
}

function columnsOf(principals: readonly NamedPrincipal[]): readonly Column<Row>[] {
  const names = new Map(principals.map((one) => [one.id, one.displayName ?? one.id]));
  return [
    {
      key: "name",
      title: insight.who,
      width: "1fr",
      render: ({ principal }) => {
        const name = <bdi>{principal.displayName ?? principal.id}</bdi>;
        const path = principalPath(principal.type, principal.id);
        return path === undefined ? name : <Link to={path}>{name}</Link>;
      },
    },
    {
      key: "way",
      title: text.way,
      width: "2fr",
      render: ({ ways }) => (
        <bdi title={ways.map((way) => `${way.roleName} ${way.scope}`).join("\n")}>
          {ways
            .map(({ roleName, scope, via }) =>
              [roleName ?? access.unknownRole, kindOfScope(scope), ...via.map((id) => names.get(id) ?? id)].join(", "),
            )
            .join("; ")}
        </bdi>
      ),
    },
    {
      key: "certain",
      title: text.certain,
      width: "150px",
      isMinor: true,
      render: ({ isCertain }) => (isCertain ? text.certain : text.depends),
    },
  ];
}
