/** Managed identities: all that the person sees, and making one. */
import { useState } from "react";
import { partsOfId, portalPathOf } from "../api/arm.ts";
import { listIdentities, type ManagedIdentity } from "../api/identities.ts";
import { useLoad } from "../api/use-load.ts";
import { Blade } from "../components/blade.tsx";
import { Button } from "../components/button.tsx";
import { type Column, DetailsList } from "../components/details-list.tsx";
import { SearchField } from "../components/form.tsx";
import { EmptyState } from "../components/message.tsx";
import { Link } from "../router/link.tsx";
import { common } from "../texts/common.ts";
import { directory, identities as text } from "../texts/directory.ts";
import { resources } from "../texts/resources.ts";
import { CreateIdentity } from "./managed-identities/create-identity.tsx";

export default function ManagedIdentities() {
  const identities = useLoad(listIdentities, []);
  const [words, setWords] = useState("");
  const [isCreating, setCreating] = useState(false);
  const wanted = words.trim().toLowerCase();
  const rows = (identities.data ?? []).filter(({ name }) => name.toLowerCase().includes(wanted));
  return (
    <Blade
      title={text.title}
      icon="identity"
      commands={[
        { key: "create", text: common.create, icon: "add", onClick: () => setCreating(true) },
        { key: "refresh", text: common.refresh, icon: "refresh", onClick: identities.reload },
      ]}
    >
      <div className="tools">
        <SearchField label={text.filter} value={words} onChange={setWords} />
      </div>
      <DetailsList
        label={text.title}
        rows={rows}
        columns={columns}
        keyOf={({ id }) => id}
        isLoading={identities.isLoading}
        error={identities.error}
        empty={
          words === "" ? (
            <EmptyState
              icon="identity"
              title={text.emptyTitle}
              action={
                <Button appearance="primary" icon="add" onClick={() => setCreating(true)}>
                  {text.create.title}
                </Button>
              }
            >
              {text.emptyText}
            </EmptyState>
          ) : (
            <EmptyState icon="search" title={directory.emptyFiltered} />
          )
        }
      />
      {isCreating ? (
        <CreateIdentity
          onClose={() => setCreating(false)}
          onCreated={() => {
            setCreating(false);
            identities.reload();
          }}
        />
      ) : undefined}
    </Blade>
  );
}

const columns: readonly Column<ManagedIdentity>[] = [
  {
    key: "name",
    title: resources.name,
    width: "2fr",
    render: ({ id, name }) => <Link to={portalPathOf(id)}>{name}</Link>,
  },
  {
    key: "clientId",
    title: text.clientId,
    width: "320px",
    isMinor: true,
    render: ({ properties }) => <code>{properties.clientId}</code>,
  },
  {
    key: "group",
    title: resources.resourceGroup,
    width: "1.5fr",
    render: ({ id }) => <bdi>{partsOfId(id).resourceGroup}</bdi>,
  },
  { key: "location", title: resources.location, width: "120px", isMinor: true, render: ({ location }) => location },
];
