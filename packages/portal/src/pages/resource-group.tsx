/** One resource group: what is in it. */
import { useState } from "react";
import { arm, armAll, type Resource, type ResourceGroup } from "../api/arm.ts";
import { useLoad } from "../api/use-load.ts";
import { CopyField } from "../components/copy-field.tsx";
import { type Column, DetailsList } from "../components/details-list.tsx";
import { EmptyState, ErrorMessage } from "../components/message.tsx";
import { Properties, Property } from "../components/properties.tsx";
import { navigate } from "../router/location.ts";
import { common } from "../texts/common.ts";
import { resources as text } from "../texts/resources.ts";
import { DeleteResource } from "./delete-resource.tsx";
import { linkedName } from "./linked-name.tsx";
import { PlaceFrame } from "./place-frame.tsx";
import { placeOf } from "./places.ts";
import type { PageProps } from "./routes.ts";

export default function ResourceGroupPage({ params }: PageProps) {
  const place = placeOf(params);
  const group = useLoad(() => arm<ResourceGroup>("GET", place.scope, "resources"), [place.scope]);
  const resources = useLoad(() => armAll<Resource>(`${place.scope}/resources`, "resources"), [place.scope]);
  const [isDeleting, setDeleting] = useState(false);
  return (
    <PlaceFrame
      place={place}
      commands={[
        {
          key: "create",
          text: text.createAccount.title,
          icon: "add",
          onClick: () => navigate(`/portal/storage-accounts?create=${encodeURIComponent(place.name)}`),
        },
        { key: "delete", text: text.deleteGroup.action, icon: "delete", onClick: () => setDeleting(true) },
        { key: "refresh", text: common.refresh, icon: "refresh", onClick: resources.reload },
      ]}
    >
      {group.error === undefined ? undefined : <ErrorMessage error={group.error} />}
      {group.data === undefined ? undefined : (
        <Properties>
          <CopyField label={text.subscriptionId} value={params.subscriptionId!} />
          <Property label={text.location}>{group.data.location}</Property>
        </Properties>
      )}
      <h2 className="title2">{text.resources}</h2>
      <DetailsList
        label={text.resources}
        rows={resources.data ?? []}
        columns={columns}
        keyOf={({ id }) => id}
        isLoading={resources.isLoading}
        error={resources.error}
        empty={<EmptyState icon="group" title={text.emptyResources} />}
      />
      {isDeleting ? (
        <DeleteResource
          id={place.scope}
          version="resources"
          name={place.name}
          title={text.deleteGroup.action}
          text={text.deleteGroup.text}
          confirmLabel={text.deleteGroup.confirm}
          done={text.deleteGroup.done}
          next="/portal/resource-groups"
          onClose={() => setDeleting(false)}
        />
      ) : undefined}
    </PlaceFrame>
  );
}

const columns: readonly Column<Resource>[] = [
  linkedName,
  { key: "type", title: text.type, width: "2fr", isMinor: true, render: ({ type }) => type },
  { key: "location", title: text.location, width: "140px", render: ({ location }) => location },
];
