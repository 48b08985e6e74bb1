/** Access control (IAM) of one place. */
import { Tabs } from "../components/tabs.tsx";
import { navigate, useQueryValue } from "../router/location.ts";
import { access as text } from "../texts/access.ts";
import { CheckAccess } from "./access/check-access.tsx";
import { DenyAssignments } from "./access/deny-assignments.tsx";
import { RoleAssignments } from "./access/role-assignments.tsx";
import { Roles } from "./access/roles.tsx";
import { SoftModeNotice } from "./insight/soft-mode-notice.tsx";
import { PlaceFrame } from "./place-frame.tsx";
import { placeOf } from "./places.ts";
import type { PageProps } from "./routes.ts";

const tabs = [
  { key: "check", text: text.tabs.check },
  { key: "assignments", text: text.tabs.assignments },
  { key: "roles", text: text.tabs.roles },
  { key: "deny", text: text.tabs.deny },
];

export default function AccessControl({ params }: PageProps) {
  const place = placeOf(params);
  const [tabValue, setTab] = useQueryValue("tab");
  const tab = tabs.some(({ key }) => key === tabValue) ? tabValue : "check";
  const go = (page: string) => navigate(`${place.base}/access-control/${page}`);
  return (
    <PlaceFrame
      place={place}
      section={text.title}
      commands={[
        {
          key: "add",
          text: text.add,
          icon: "add",
          items: [
            { key: "assignment", text: text.addAssignment, onClick: () => go("add-role-assignment") },
            { key: "role", text: text.addRole, onClick: () => go("add-custom-role") },
          ],
        },
      ]}
    >
      <SoftModeNotice scope={place.scope} />
      <Tabs label={text.title} tabs={tabs} current={tab} onChange={(key) => setTab(key === "check" ? "" : key)}>
        {tab === "check" ? <CheckAccess place={place} /> : undefined}
        {tab === "assignments" ? <RoleAssignments place={place} /> : undefined}
        {tab === "roles" ? <Roles place={place} /> : undefined}
        {tab === "deny" ? <DenyAssignments place={place} /> : undefined}
      </Tabs>
    </PlaceFrame>
  );
}
