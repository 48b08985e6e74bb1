/** Federated credentials: tokens of other issuers that stand for this application. */
import { type Application, type FederatedCredential, graph } from "../../api/graph.ts";
import type { Loaded } from "../../api/use-load.ts";
import { credentials } from "../../texts/app-registrations.ts";
import { Trusts, type TrustTexts } from "./trusts.tsx";

const text: TrustTexts = {
  add: credentials.newFederated,
  emptyTitle: credentials.noFederatedTitle,
  emptyText: credentials.noFederatedText,
  deleteTitle: credentials.deleteFederated,
  deleteText: credentials.deleteText,
  deleted: credentials.deleted,
  panel: credentials.federated,
};

export function FederatedCredentials(props: {
  readonly app: Application;
  readonly credentials: Loaded<FederatedCredential[]>;
}) {
  const { app, credentials: loaded } = props;
  const list = `/applications/${app.id}/federatedIdentityCredentials`;
  return (
    <Trusts
      label={credentials.tabs.federated(loaded.data?.length)}
      text={text}
      loaded={loaded}
      onAdd={({ audience, ...rest }) => graph("POST", list, { ...rest, audiences: [audience] })}
      onRemove={(id) => graph("DELETE", `${list}/${id}`)}
    />
  );
}
