/** Storage accounts: all that the person sees, and making one. */
import { useState } from "react";
import { listStorageAccounts, partsOfId, portalPathOf, type StorageAccount } from "../api/arm.ts";
import { useLoad } from "../api/use-load.ts";
import { Blade } from "../components/blade.tsx";
import { Button } from "../components/button.tsx";
import { type Column, DetailsList } from "../components/details-list.tsx";
import { SearchField } from "../components/form.tsx";
import { EmptyState } from "../components/message.tsx";
import { Link } from "../router/link.tsx";
import { useQueryValue } from "../router/location.ts";
import { common } from "../texts/common.ts";
import { resources as text } from "../texts/resources.ts";
import { CreateStorageAccount } from "./create-storage-account.tsx";

/** Opens the panel without naming a resource group. */
const anyGroup = "*";

export default function StorageAccounts() {
  const accounts = useLoad(listStorageAccounts, []);
  const [words, setWords] = useState("");
  // In the address, so that a resource group can lead here.
  const [creating, setCreating] = useQueryValue("create");
  const rows = (accounts.data ?? []).filter(({ name }) => name.includes(words.trim().toLowerCase()));
  return (
    <Blade
      title={text.storageAccounts}
      icon="storage"
      commands={[
        { key: "create", text: common.create, icon: "add", onClick: () => setCreating(anyGroup) },
        { key: "refresh", text: common.refresh, icon: "refresh", onClick: accounts.reload },
      ]}
    >
      <div className="tools">
        <SearchField label={text.filter} value={words} onChange={setWords} />
      </div>
      <DetailsList
        label={text.storageAccounts}
        rows={rows}
        columns={columns}
        keyOf={({ id }) => id}
        isLoading={accounts.isLoading}
        error={accounts.error}
        empty={
          words === "" ? (
            <EmptyState
              icon="storage"
              title={text.emptyAccounts}
              action={
                <Button appearance="primary" icon="add" onClick={() => setCreating(anyGroup)}>
                  {text.createAccount.title}
                </Button>
              }
            >
              {text.emptyAccountsText}
            </EmptyState>
          ) : (
            <EmptyState icon="search" title={text.noMatch} />
          )
        }
      />
      {creating === "" ? undefined : (
        <CreateStorageAccount
          group={creating === anyGroup ? "" : creating}
          onClose={() => setCreating("")}
          onCreated={() => {
            setCreating("");
            accounts.reload();
          }}
        />
      )}
    </Blade>
  );
}

const columns: readonly Column<StorageAccount>[] = [
  {
    key: "name",
    title: text.name,
    width: "2fr",
    render: ({ id, name }) => <Link to={portalPathOf(id)}>{name}</Link>,
  },
  {
    key: "group",
    title: text.resourceGroup,
    width: "1.5fr",
    isMinor: true,
    render: ({ id }) => <bdi>{partsOfId(id).resourceGroup}</bdi>,
  },
  { key: "kind", title: text.kind, width: "120px", isMinor: true, render: ({ kind }) => kind ?? "-" },
  { key: "location", title: text.location, width: "140px", render: ({ location }) => location },
];
