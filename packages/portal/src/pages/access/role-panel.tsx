/** One role: what it may do, where it can be assigned, and its JSON. */
import { useState } from "react";
import type { RoleDefinition } from "../../api/arm.ts";
import { CopyField } from "../../components/copy-field.tsx";
import { Panel } from "../../components/dialog.tsx";
import { MessageBar } from "../../components/message.tsx";
import { Properties } from "../../components/properties.tsx";
import { Tabs } from "../../components/tabs.tsx";
import { access } from "../../texts/access.ts";

const { roles: text } = access;

const operationKinds = ["actions", "notActions", "dataActions", "notDataActions"] as const;

export function RolePanel({ role, onClose }: { readonly role: RoleDefinition; readonly onClose: () => void }) {
  const [tab, setTab] = useState("permissions");
  const { roleName, description, permissions } = role.properties;
  return (
    <Panel title={roleName} onClose={onClose}>
      {description ? <p className="soft">{description}</p> : undefined}
      <Tabs
        label={roleName}
        current={tab}
        onChange={setTab}
        tabs={[
          { key: "permissions", text: text.permissions },
          { key: "json", text: text.json },
          { key: "scopes", text: text.assignableScopes },
        ]}
      >
        {tab === "permissions"
          ? permissions.map((permission, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: permissions have no names, and their order is theirs
              <section key={index} className="stack">
                {permission.condition ? <MessageBar kind="info">{permission.condition}</MessageBar> : undefined}
                {operationKinds.map((kind) => (
                  <OperationList key={kind} title={text[kind]} operations={permission[kind]} />
                ))}
              </section>
            ))
          : undefined}
        {tab === "json" ? <pre className="code-block wrap-text">{JSON.stringify(role, null, 2)}</pre> : undefined}
        {tab === "scopes" ? (
          <>
            <Properties>
              <CopyField label={access.wizard.objectId} value={role.name} />
            </Properties>
            <OperationList title={text.assignableScopes} operations={role.properties.assignableScopes} />
          </>
        ) : undefined}
      </Tabs>
    </Panel>
  );
}

function OperationList({ title, operations }: { readonly title: string; readonly operations: readonly string[] }) {
  return (
    <div>
      <h3 className="title3">
        {title} ({operations.length})
      </h3>
      <ul className="operations">
        {operations.map((operation) => (
          <li key={operation}>
            <code>{operation}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}
