/** Certificates & secrets of one application: what it can prove itself with. */
import { type FederatedCredential, graphAll } from "../api/graph.ts";
import { sendForJson } from "../api/http.ts";
import { useLoad } from "../api/use-load.ts";
import { Tabs } from "../components/tabs.tsx";
import { useQueryValue } from "../router/location.ts";
import { apps, credentials as text } from "../texts/app-registrations.ts";
import { AppFrame, useApplication } from "./app-frame.tsx";
import { Certificates } from "./credentials/certificates.tsx";
import { FederatedCredentials } from "./credentials/federated-credentials.tsx";
import { Secrets } from "./credentials/secrets.tsx";
import type { PageProps } from "./routes.ts";

type UsedCredential = { readonly keyId: string; readonly lastUsedDateTime?: string | null };

/** When each credential was last used, by key id; nothing of those who may not read the sign-in log. */
async function readLastUses(appId: string): Promise<ReadonlyMap<string, string | null>> {
  const { value } = await sendForJson<{ value: readonly UsedCredential[] }>(
    "graph",
    `/postern/credentials?appId=${encodeURIComponent(appId)}`,
  );
  return new Map(value.flatMap(({ keyId, lastUsedDateTime: used }) => (used === undefined ? [] : [[keyId, used]])));
}

export default function AppCredentials({ params }: PageProps) {
  const id = params.id!;
  const application = useApplication(id);
  const [tabValue, setTab] = useQueryValue("tab");
  const tab = ["certificates", "federated"].includes(tabValue) ? tabValue : "secrets";
  const federated = useLoad(
    () => graphAll<FederatedCredential>(`/applications/${encodeURIComponent(id)}/federatedIdentityCredentials`),
    [id],
  );
  const appId = application.data?.appId;
  const uses = useLoad(
    () => (appId === undefined ? Promise.resolve(undefined) : readLastUses(appId)),
    [appId, application.data],
  );
  return (
    <AppFrame id={id} application={application} section={apps.sections.credentials}>
      {(app) => (
        <>
          <p className="soft">{text.intro}</p>
          <Tabs
            label={apps.sections.credentials}
            current={tab}
            onChange={(key) => setTab(key === "secrets" ? "" : key)}
            tabs={[
              { key: "certificates", text: text.tabs.certificates(app.keyCredentials.length) },
              { key: "secrets", text: text.tabs.secrets(app.passwordCredentials.length) },
              { key: "federated", text: text.tabs.federated(federated.data?.length) },
            ]}
          >
            {tab === "secrets" ? <Secrets app={app} uses={uses.data} onChange={application.reload} /> : undefined}
            {tab === "certificates" ? (
              <Certificates app={app} uses={uses.data} onChange={application.reload} />
            ) : undefined}
            {tab === "federated" ? <FederatedCredentials app={app} credentials={federated} /> : undefined}
          </Tabs>
        </>
      )}
    </AppFrame>
  );
}
