/** One storage account: where it is reached, and how it is set. */
import { useState } from "react";
import { arm, type StorageAccount } from "../api/arm.ts";
import { useLoad } from "../api/use-load.ts";
import { CopyField } from "../components/copy-field.tsx";
import { ErrorMessage, Loading } from "../components/message.tsx";
import { Properties, Property } from "../components/properties.tsx";
import { formatTime } from "../components/time.ts";
import { common } from "../texts/common.ts";
import { resources as text } from "../texts/resources.ts";
import { DeleteResource } from "./delete-resource.tsx";
import { PlaceFrame } from "./place-frame.tsx";
import { placeOf } from "./places.ts";
import type { PageProps } from "./routes.ts";

export default function StorageAccountPage({ params }: PageProps) {
  const place = placeOf(params);
  const account = useLoad(() => arm<StorageAccount>("GET", place.scope, "storage"), [place.scope]);
  const [isDeleting, setDeleting] = useState(false);
  const { data } = account;
  const redundancies: Readonly<Record<string, string>> = text.redundancies;
  return (
    <PlaceFrame
      place={place}
      commands={[
        { key: "delete", text: common.delete, icon: "delete", onClick: () => setDeleting(true) },
        { key: "refresh", text: common.refresh, icon: "refresh", onClick: account.reload },
      ]}
    >
      {account.error === undefined ? undefined : <ErrorMessage error={account.error} />}
      {data === undefined ? (
        account.isLoading && <Loading />
      ) : (
        <section className="stack">
          <h2 className="title2">{text.essentials}</h2>
          <Properties>
            <Property label={text.resourceGroup}>
              <bdi>{params.group}</bdi>
            </Property>
            <Property label={text.location}>{data.location}</Property>
            <CopyField label={text.subscriptionId} value={params.subscriptionId!} />
            <Property label={text.kind}>{data.kind}</Property>
            <Property label={text.redundancy}>{redundancies[data.sku.name] ?? data.sku.name}</Property>
            <Property label={text.created}>{formatTime(data.properties.creationTime)}</Property>
            <Property label={text.status}>{data.properties.provisioningState}</Property>
            <CopyField label={text.endpoint} value={data.properties.primaryEndpoints?.blob ?? "-"} />
            <CopyField label={text.resourceId} value={data.id} />
          </Properties>
        </section>
      )}
      {isDeleting ? (
        <DeleteResource
          id={place.scope}
          version="storage"
          name={place.name}
          title={`${common.delete} ${text.storageAccount.toLowerCase()}`}
          text={text.deleteAccount.text}
          confirmLabel={text.deleteAccount.confirm}
          done={text.deleteAccount.done}
          next="/portal/storage-accounts"
          onClose={() => setDeleting(false)}
        />
      ) : undefined}
    </PlaceFrame>
  );
}
