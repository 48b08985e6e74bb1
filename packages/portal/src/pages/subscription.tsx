/** One subscription. */
import { armAll, listSubscriptions, type ResourceGroup } from "../api/arm.ts";
import { useLoad } from "../api/use-load.ts";
import { CopyField } from "../components/copy-field.tsx";
import { type Column, DetailsList } from "../components/details-list.tsx";
import { EmptyState } from "../components/message.tsx";
import { Properties, Property } from "../components/properties.tsx";
import { resources as text } from "../texts/resources.ts";
import { linkedName } from "./linked-name.tsx";
import { PlaceFrame } from "./place-frame.tsx";
import { placeOf } from "./places.ts";
import type { PageProps } from "./routes.ts";

export default function SubscriptionPage({ params }: PageProps) {
  const place = placeOf(params);
  const subscriptions = useLoad(listSubscriptions, []);
  const groups = useLoad(() => armAll<ResourceGroup>(`${place.scope}/resourcegroups`, "resources"), [place.scope]);
  const found = subscriptions.data?.find(({ subscriptionId }) => subscriptionId === params.subscriptionId);
  return (
    <PlaceFrame place={place}>
      <Properties>
        <CopyField label={text.subscriptionId} value={params.subscriptionId!} />
        <Property label={text.status}>{found?.state ?? "-"}</Property>
      </Properties>
      <h2 className="title2">{text.resourceGroups}</h2>
      <DetailsList
        label={text.resourceGroups}
        rows={groups.data ?? []}
        columns={columns}
        keyOf={({ id }) => id}
        isLoading={groups.isLoading}
        error={groups.error}
        empty={
          <EmptyState icon="group" title={text.emptyGroups}>
            {text.emptyGroupsText}
          </EmptyState>
        }
      />
    </PlaceFrame>
  );
}

const columns: readonly Column<ResourceGroup>[] = [
  linkedName,
  { key: "location", title: text.location, width: "160px", render: ({ location }) => location },
];
