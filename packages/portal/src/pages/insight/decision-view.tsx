/** A decision with its reason: by what it was allowed, or what came nearest and which roles would mend it. */
import type { Explained, Mending, NamedPrincipal, Need } from "../../api/insight.ts";
import { MessageBar } from "../../components/message.tsx";
import { Link } from "../../router/link.tsx";
import { access } from "../../texts/access.ts";
import { insight } from "../../texts/insight.ts";
import { assignPathOf, ScopeLink } from "../principals/held-access.tsx";
import { principalPath } from "../principals/principal-path.ts";

const { explain: text } = insight;

export function DecisionView({ explained }: { readonly explained: Explained & Need }) {
  const { decision, principal, principals, mending } = explained;
  const names = new Map(principals.map((one) => [one.id, one]));
  return (
    <section className="stack decision">
      <dl className="properties single">
        <Row label={insight.who}>
          <PrincipalLink principal={principal} />
        </Row>
        <Row label={insight.operation}>
          <code className="wrap">{explained.operation}</code>
          <span className="soft">{explained.isDataAction ? text.dataPlane : text.controlPlane}</span>
        </Row>
        <Row label={insight.scope}>
          <code className="wrap">{explained.scope}</code>
        </Row>
      </dl>
      {decision.isAllowed ? (
        <MessageBar kind="success">
          <strong>{text.allowed}</strong>
          <span className="wrap">
            {text.allowedBy} <strong>{decision.roleName}</strong>, {text.at2} <ScopeLink scope={decision.scope} />
            <Via via={decision.via} names={names} />
          </span>
        </MessageBar>
      ) : (
        <Denied decision={decision} names={names} />
      )}
      {decision.isAllowed ? undefined : <MendingList mending={mending} principalId={principal.id} />}
    </section>
  );
}

function Row({ label, children }: { readonly label: string; readonly children: React.ReactNode }) {
  return (
    <div className="property">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function PrincipalLink({ principal }: { readonly principal: NamedPrincipal }) {
  const path = principalPath(principal.type, principal.id);
  const name = <bdi className="wrap">{principal.displayName ?? access.identityNotFound}</bdi>;
  return (
    <>
      {path === undefined ? name : <Link to={path}>{name}</Link>}
      <code className="soft wrap">{principal.id}</code>
    </>
  );
}

type Names = ReadonlyMap<string, NamedPrincipal>;

function Via({ via, names }: { readonly via: readonly string[]; readonly names: Names }) {
  if (via.length === 0) return null;
  return (
    <>
      , {text.through} <bdi>{via.map((id) => names.get(id)?.displayName ?? id).join(" › ")}</bdi>
    </>
  );
}

type DeniedDecision = Extract<Explained["decision"], { isAllowed: false }>;

function Denied({ decision, names }: { readonly decision: DeniedDecision; readonly names: Names }) {
  const { reason, nearest, overruled } = decision;
  return (
    <MessageBar kind="warning">
      <strong>
        {text.denied} <code>{reason}</code>
      </strong>
      <span className="wrap">{text.reasons[reason] ?? reason}</span>
      {overruled === undefined ? undefined : (
        <span className="wrap">
          <bdi>{overruled.denyAssignmentName}</bdi>, <ScopeLink scope={overruled.scope} />
        </span>
      )}
      {nearest.length === 0 ? undefined : (
        <>
          <span>{text.near}:</span>
          <ul className="bullets">
            {nearest.map((near) => (
              <li key={`${near.assignmentId} ${near.via.join(" ")}`} className="wrap">
                <strong>{near.roleName ?? access.unknownRole}</strong>, <ScopeLink scope={near.scope} />
                <Via via={near.via} names={names} />: {access.check.missing[near.missing] ?? near.missing}
              </li>
            ))}
          </ul>
        </>
      )}
    </MessageBar>
  );
}

/** Roles offered at once; those after them grant more than anybody wants. */
const maxMending = 5;

function MendingList({ mending, principalId }: { readonly mending: readonly Mending[]; readonly principalId: string }) {
  if (mending.length === 0) return <p className="soft">{text.noMending}</p>;
  return (
    <section className="stack" aria-label={text.mending}>
      <h3 className="title3">{text.mending}</h3>
      <ul className="mending">
        {mending.slice(0, maxMending).map((role) => (
          <li key={role.roleDefinitionId}>
            <span className="stack-tight">
              <strong>{role.roleName}</strong>
              <span className="soft small">{text.beyond(role.operationsGranted, role.operationsBeyond)}</span>
            </span>
            <span className="mending-places">
              {placesOf(role, principalId).map(({ scope, path }) => (
                <Link key={scope} to={path}>
                  <span className="hidden">{text.assignRole(role.roleName, scope)}</span>
                  <span aria-hidden="true">
                    {text.assign}: <code>{scope.split("/").at(-1)}</code>
                  </span>
                </Link>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Places offered for one role: the lowest ones, where it grants least. */
const maxPlaces = 2;

function placesOf({ scopes, roleDefinitionId }: Mending, principalId: string) {
  return scopes
    .flatMap((scope) => {
      const path = assignPathOf(scope, roleDefinitionId, principalId);
      return path === undefined ? [] : [{ scope, path }];
    })
    .slice(0, maxPlaces);
}
