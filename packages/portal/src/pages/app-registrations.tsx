/** App registrations: all, one's own, and those deleted. */
import { useState } from "react";
import {
  type Application,
  type DirectoryObject,
  graphAll,
  graphPage,
  type ServicePrincipal,
  searchClause,
} from "../api/graph.ts";
import type { Page } from "../api/http.ts";
import { usePages, useRested } from "../api/use-load.ts";
import { Blade } from "../components/blade.tsx";
import { Button } from "../components/button.tsx";
import type { Command } from "../components/command-bar.tsx";
import { CopyButton } from "../components/copy-field.tsx";
import { type Column, DetailsList } from "../components/details-list.tsx";
import { ExpiryBadge } from "../components/expiry-badge.tsx";
import { SearchField } from "../components/form.tsx";
import { EmptyState } from "../components/message.tsx";
import { Tabs } from "../components/tabs.tsx";
import { formatDate, worstExpiry } from "../components/time.ts";
import { Link } from "../router/link.tsx";
import { navigate, useQueryValue } from "../router/location.ts";
import { apps } from "../texts/app-registrations.ts";
import { common } from "../texts/common.ts";
import { DeletedRows, restoreObject } from "./principals/deleted-rows.tsx";

/** Rows asked for at once: a screenful several times over, and quickly read. */
const rowsAtOnce = 500;
const members = "$select=id,appId,displayName,createdDateTime,passwordCredentials,keyCredentials";

const sources = {
  all: `/applications?${members}`,
  owned: "/me/ownedObjects?",
  deleted: "/directory/deletedItems/microsoft.graph.application?$select=id,appId,displayName,deletedDateTime",
} as const;

type Tab = keyof typeof sources;

export default function AppRegistrations() {
  const [tabValue, setTab] = useQueryValue("tab");
  const tab: Tab = tabValue === "deleted" || tabValue === "owned" ? tabValue : "all";
  const [words, setWords] = useState("");
  const rested = useRested(words.trim());
  const list = usePages<Application>((next) => readApplications(tab, rested, next), [tab, rested]);
  const commands: Command[] = [
    {
      key: "new",
      text: apps.newRegistration,
      icon: "add",
      onClick: () => navigate("/portal/app-registrations/new"),
    },
    { key: "refresh", text: common.refresh, icon: "refresh", onClick: list.reload },
  ];
  const tabs = [
    { key: "all", text: apps.tabs.all },
    { key: "owned", text: apps.tabs.owned },
    { key: "deleted", text: apps.tabs.deleted },
  ];
  return (
    <Blade title={apps.title} icon="app" commands={commands}>
      <Tabs label={apps.title} tabs={tabs} current={tab} onChange={(key) => setTab(key === "all" ? "" : key)}>
        <div className="tools">
          <SearchField label={apps.filter} value={words} onChange={setWords} />
        </div>
        {tab === "deleted" ? (
          <DeletedRows
            label={apps.tabs.deleted}
            list={list}
            columns={deletedColumns}
            emptyText={apps.emptyDeletedText}
            restore={restoreApplication}
          />
        ) : (
          <DetailsList
            label={apps.title}
            rows={list.items}
            columns={columns}
            keyOf={({ id }) => id}
            isLoading={list.isLoading}
            error={list.error}
            onMore={list.more}
            total={list.total}
            empty={<Nothing isFiltered={rested !== ""} />}
          />
        )}
      </Tabs>
    </Blade>
  );
}

/** One page; of what a person owns, the applications with the words in their names. */
async function readApplications(tab: Tab, words: string, next: string | undefined): Promise<Page<Application>> {
  const page = await graphPage<Application & DirectoryObject>(next ?? firstPage(tab, words));
  if (tab !== "owned") return page;
  const wanted = words.toLowerCase();
  const isWanted = (object: Application & DirectoryObject) =>
    object["@odata.type"] === "#microsoft.graph.application" && object.displayName.toLowerCase().includes(wanted);
  return { items: page.items.filter(isWanted), nextLink: page.nextLink };
}

function firstPage(tab: Tab, words: string): string {
  const source = `${sources[tab]}&$top=${rowsAtOnce}&$count=true`;
  if (tab === "owned") return `${sources.owned}$top=${rowsAtOnce}`;
  if (tab === "deleted") return words === "" ? source : `${source}&${searchClause(words)}`;
  return `${source}&$orderby=displayName${words === "" ? "" : `&${searchClause(words)}`}`;
}

const columns: readonly Column<Application>[] = [
  {
    key: "name",
    title: apps.displayName,
    width: "2fr",
    render: ({ id, displayName }) => (
      <Link to={`/portal/app-registrations/${id}`}>
        <bdi>{displayName}</bdi>
      </Link>
    ),
  },
  {
    key: "appId",
    title: apps.clientId,
    width: "340px",
    isMinor: true,
    render: ({ appId }) => (
      <span className="secret">
        <code>{appId}</code>
        <CopyButton value={appId} label={apps.clientId} />
      </span>
    ),
  },
  {
    key: "created",
    title: apps.createdOn,
    width: "110px",
    isMinor: true,
    render: ({ createdDateTime }) => formatDate(createdDateTime),
  },
  {
    key: "credentials",
    title: apps.certificatesAndSecrets,
    width: "170px",
    render: ({ passwordCredentials, keyCredentials }) => {
      const ends = [...passwordCredentials, ...keyCredentials].map(({ endDateTime }) => endDateTime);
      return <ExpiryBadge expiry={worstExpiry(ends, new Date())} />;
    },
  },
];

function Nothing({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered) return <EmptyState icon="search" title={apps.emptyFiltered} />;
  const action = (
    <Button appearance="primary" icon="add" onClick={() => navigate("/portal/app-registrations/new")}>
      {apps.newRegistration}
    </Button>
  );
  return (
    <EmptyState icon="app" title={apps.emptyTitle} action={action}>
      {apps.emptyText}
    </EmptyState>
  );
}

/** An application comes back without its service principal, which is in the bin by itself when it was deleted with it. */
async function restoreApplication(application: Application): Promise<void> {
  const principals = "/directory/deletedItems/microsoft.graph.servicePrincipal";
  const found = (await graphAll<ServicePrincipal>(principals)).find(({ appId }) => appId === application.appId);
  await restoreObject(application);
  if (found !== undefined) await restoreObject(found);
}

const deletedColumns: readonly Column<Application>[] = [
  { key: "appId", title: apps.clientId, width: "310px", isMinor: true, render: ({ appId }) => <code>{appId}</code> },
];
