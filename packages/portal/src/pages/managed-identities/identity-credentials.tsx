/** Federated credentials of a managed identity: tokens of other issuers that stand for it. */
import { arm } from "../../api/arm.ts";
import { listIdentityCredentials, putIdentityCredential } from "../../api/identities.ts";
import { useLoad } from "../../api/use-load.ts";
import { common } from "../../texts/common.ts";
import { identities } from "../../texts/directory.ts";
import { Trusts, type TrustTexts } from "../credentials/trusts.tsx";

const { federated } = identities;
const text: TrustTexts = { ...federated, panel: federated };

export function IdentityCredentials({ identityId }: { readonly identityId: string }) {
  const loaded = useLoad(
    async () =>
      (await listIdentityCredentials(identityId)).map(({ id, name, properties }) => ({ id, name, ...properties })),
    [identityId],
  );
  return (
    <Trusts
      label={identities.sections.federated}
      text={text}
      loaded={loaded}
      commands={[{ key: "refresh", text: common.refresh, icon: "refresh", onClick: loaded.reload }]}
      intro={<p className="soft">{federated.intro}</p>}
      onAdd={({ name, issuer, subject, audience }) =>
        putIdentityCredential(identityId, name, { issuer, subject, audiences: [audience] })
      }
      onRemove={(id) => arm("DELETE", id, "managedIdentity")}
    />
  );
}
