/** What is denied at a place, whatever roles say. */
import { type DenyAssignment, listDenyAssignments } from "../../api/access.ts";
import { useLoad } from "../../api/use-load.ts";
import { type Column, DetailsList } from "../../components/details-list.tsx";
import { EmptyState } from "../../components/message.tsx";
import { access as text } from "../../texts/access.ts";
import { kindOfScope, type Place } from "../places.ts";

const columns: readonly Column<DenyAssignment>[] = [
  {
    key: "name",
    title: text.name,
    width: "2fr",
    render: ({ properties }) => <bdi>{properties.denyAssignmentName}</bdi>,
  },
  { key: "scope", title: text.scope, width: "1fr", render: ({ properties }) => kindOfScope(properties.scope) },
  {
    key: "excluded",
    title: text.deny.excluded,
    width: "100px",
    isMinor: true,
    render: ({ properties }) => properties.excludePrincipals.length,
  },
];

export function DenyAssignments({ place }: { readonly place: Place }) {
  const denials = useLoad(() => listDenyAssignments(place.scope), [place.scope]);
  return (
    <DetailsList
      label={text.tabs.deny}
      rows={denials.data ?? []}
      columns={columns}
      keyOf={({ id }) => id}
      isLoading={denials.isLoading}
      error={denials.error}
      empty={
        <EmptyState icon="shield" title={text.deny.empty}>
          {text.deny.emptyText}
        </EmptyState>
      }
    />
  );
}
