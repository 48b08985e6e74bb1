/** The owners of one application. */
import { addReference, removeReference } from "../api/directory.ts";
import { apps, owners as text } from "../texts/app-registrations.ts";
import type { MemberKind } from "./access/select-members.tsx";
import { AppFrame, useApplication } from "./app-frame.tsx";
import { ReferenceList } from "./principals/reference-list.tsx";
import type { PageProps } from "./routes.ts";

/** Groups cannot own applications. */
const ownerKinds: readonly MemberKind[] = ["users", "servicePrincipals"];

export default function AppOwners({ params }: PageProps) {
  const id = params.id!;
  const application = useApplication(id);
  return (
    <AppFrame id={id} application={application} section={apps.sections.owners}>
      {(app) => (
        <ReferenceList
          label={apps.sections.owners}
          text={text}
          list={`/applications/${app.id}/owners`}
          kinds={ownerKinds}
          onAdd={(owner) => addReference(`/applications/${app.id}/owners`, owner)}
          onRemove={(owner) => removeReference(`/applications/${app.id}/owners`, owner)}
        />
      )}
    </AppFrame>
  );
}
