/** Enterprise applications: the service principals of this directory, managed identities' among them. */
import type { EnterpriseApplication } from "../api/directory.ts";
import { Button } from "../components/button.tsx";
import type { Column } from "../components/details-list.tsx";
import { EmptyState } from "../components/message.tsx";
import { Link } from "../router/link.tsx";
import { navigate, useQueryValue } from "../router/location.ts";
import { directory, enterprise as text } from "../texts/directory.ts";
import { DirectoryPage } from "./principals/directory-page.tsx";

const members = "$select=id,appId,displayName,accountEnabled,servicePrincipalType";

const types = ["all", "Application", "ManagedIdentity"] as const;

export default function EnterpriseApplications() {
  const [typeValue, setType] = useQueryValue("type");
  const type = types.find((one) => one === typeValue) ?? "all";
  const filter = type === "all" ? "" : `&$filter=${encodeURIComponent(`servicePrincipalType eq '${type}'`)}`;
  const register = () => navigate("/portal/app-registrations/new");
  return (
    <DirectoryPage<EnterpriseApplication>
      title={text.title}
      icon="app"
      source={`/servicePrincipals?${members}${filter}`}
      deletedType="servicePrincipal"
      filterLabel={text.filter}
      columns={columns}
      commands={[{ key: "register", text: text.register, icon: "add", onClick: register }]}
      tools={
        <select
          className="input short"
          aria-label={text.typeFilter}
          value={type}
          onChange={({ currentTarget: { value } }) => setType(value === "all" ? "" : value)}
        >
          {types.map((one) => (
            <option key={one} value={one}>
              {text.types[one]}
            </option>
          ))}
        </select>
      }
      empty={
        <EmptyState
          icon="app"
          title={text.emptyTitle}
          action={
            <Button appearance="primary" icon="add" onClick={register}>
              {text.register}
            </Button>
          }
        >
          {text.emptyText}
        </EmptyState>
      }
    />
  );
}

const columns: readonly Column<EnterpriseApplication>[] = [
  {
    key: "name",
    title: directory.displayName,
    width: "2fr",
    render: ({ id, displayName }) => (
      <Link to={`/portal/enterprise-applications/${id}`}>
        <bdi>{displayName}</bdi>
      </Link>
    ),
  },
  { key: "appId", title: text.appId, width: "320px", isMinor: true, render: ({ appId }) => <code>{appId}</code> },
  {
    key: "type",
    title: directory.type,
    width: "150px",
    isMinor: true,
    render: ({ servicePrincipalType }) => text.typeNames[servicePrincipalType] ?? servicePrincipalType,
  },
  {
    key: "enabled",
    title: text.signIn,
    width: "100px",
    render: ({ accountEnabled }) => (
      <fluent-badge appearance="tint" color={accountEnabled ? "success" : "danger"}>
        {accountEnabled ? text.enabledState : text.disabledState}
      </fluent-badge>
    ),
  },
];
