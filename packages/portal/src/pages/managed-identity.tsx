/** One managed identity: its ids, its federated credentials, its roles. */
import { useState } from "react";
import { arm } from "../api/arm.ts";
import { identityType, type ManagedIdentity } from "../api/identities.ts";
import { CopyButton, CopyField } from "../components/copy-field.tsx";
import { Properties, Property } from "../components/properties.tsx";
import { Link } from "../router/link.tsx";
import { common } from "../texts/common.ts";
import { directory, identities as text } from "../texts/directory.ts";
import { resources } from "../texts/resources.ts";
import { DeleteResource } from "./delete-resource.tsx";
import { IdentityCredentials } from "./managed-identities/identity-credentials.tsx";
import { HeldAccess } from "./principals/held-access.tsx";
import { PrincipalFrame, type PrincipalKind, usePrincipal } from "./principals/principal-frame.tsx";
import type { PageProps } from "./routes.ts";

const kind: PrincipalKind = {
  kind: text.kind,
  icon: "identity",
  crumbs: [{ text: text.title, to: "/portal/managed-identities" }],
  sections: [
    { key: "federated", text: text.sections.federated, icon: "link" },
    { key: "access", text: directory.sections.access, icon: "shield" },
  ],
};

export default function ManagedIdentityPage({ params }: PageProps) {
  const { subscriptionId = "", group = "", identity: name = "", section = "" } = params;
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${group}${identityType}/${name}`;
  const base = `/portal/managed-identities/${[subscriptionId, group, name].map(encodeURIComponent).join("/")}`;
  const identity = usePrincipal(
    base,
    () => arm<ManagedIdentity>("GET", id, "managedIdentity"),
    (data) => data.name,
  );
  const [isDeleting, setDeleting] = useState(false);
  const commands = [
    { key: "delete", text: common.delete, icon: "delete", onClick: () => setDeleting(true) },
    { key: "refresh", text: common.refresh, icon: "refresh", onClick: identity.reload },
  ] as const;
  return (
    <PrincipalFrame
      kind={kind}
      base={base}
      section={section}
      loaded={identity}
      {...(section === "" ? { commands } : {})}
    >
      {(data) => (
        <>
          {section === "" ? <Overview identity={data} group={group} /> : undefined}
          {section === "federated" ? <IdentityCredentials identityId={id} /> : undefined}
          {section === "access" ? <HeldAccess principalId={data.properties.principalId} /> : undefined}
          {isDeleting ? (
            <DeleteResource
              id={id}
              version="managedIdentity"
              name={name}
              title={`${common.delete} ${text.kind.toLowerCase()}`}
              text={text.remove.text}
              confirmLabel={text.remove.confirm}
              done={text.remove.done}
              next="/portal/managed-identities"
              onClose={() => setDeleting(false)}
            />
          ) : undefined}
        </>
      )}
    </PrincipalFrame>
  );
}

function Overview({ identity, group }: { readonly identity: ManagedIdentity; readonly group: string }) {
  const { clientId, principalId, tenantId } = identity.properties;
  const command = `postern run --identity ${identity.name} -- python app.py`;
  return (
    <>
      <section className="stack" aria-label={directory.essentials}>
        <h2 className="title2">{directory.essentials}</h2>
        <Properties>
          <CopyField label={text.clientId} value={clientId} />
          <CopyField label={text.principalId} value={principalId} />
          <CopyField label={directory.tenantId} value={tenantId} />
          <Property label={resources.resourceGroup}>
            <bdi>{group}</bdi>
          </Property>
          <Property label={resources.location}>{identity.location}</Property>
          <Property label={text.enterprise}>
            <Link to={`/portal/enterprise-applications/${principalId}`}>{text.openEnterprise}</Link>
          </Property>
          <CopyField label={resources.resourceId} value={identity.id} />
        </Properties>
      </section>
      <section className="stack">
        <h2 className="title2">{text.runTitle}</h2>
        <p className="soft">{text.runText}</p>
        <div className="code-block">
          <pre className="wrap-text">{command}</pre>
          <CopyButton value={command} label={text.runLabel} />
        </div>
      </section>
    </>
  );
}
