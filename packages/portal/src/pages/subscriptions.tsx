/** The subscriptions the person sees. */
import { listSubscriptions, type Subscription } from "../api/arm.ts";
import { useLoad } from "../api/use-load.ts";
import { Blade } from "../components/blade.tsx";
import { type Column, DetailsList } from "../components/details-list.tsx";
import { EmptyState } from "../components/message.tsx";
import { Link } from "../router/link.tsx";
import { resources as text } from "../texts/resources.ts";

export default function Subscriptions() {
  const subscriptions = useLoad(listSubscriptions, []);
  return (
    <Blade title={text.subscriptions} icon="subscription">
      <DetailsList
        label={text.subscriptions}
        rows={subscriptions.data ?? []}
        columns={columns}
        keyOf={({ id }) => id}
        isLoading={subscriptions.isLoading}
        error={subscriptions.error}
        empty={
          <EmptyState icon="subscription" title={text.emptySubscriptions}>
            {text.emptySubscriptionsText}
          </EmptyState>
        }
      />
    </Blade>
  );
}

const columns: readonly Column<Subscription>[] = [
  {
    key: "name",
    title: text.name,
    width: "2fr",
    render: ({ subscriptionId, displayName }) => (
      <Link to={`/portal/subscriptions/${subscriptionId}`}>
        <bdi>{displayName}</bdi>
      </Link>
    ),
  },
  {
    key: "id",
    title: text.subscriptionId,
    width: "320px",
    isMinor: true,
    render: ({ subscriptionId }) => <code>{subscriptionId}</code>,
  },
  { key: "state", title: text.status, width: "120px", render: ({ state }) => state },
];
