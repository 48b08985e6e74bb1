/** The roles that can be assigned at a place; custom ones can be deleted here. */
import { useState } from "react";
import { forgetRoles } from "../../api/access.ts";
import { arm, type RoleDefinition } from "../../api/arm.ts";
import { useAction } from "../../api/use-load.ts";
import { ConfirmDialog } from "../../components/dialog.tsx";
import { notify } from "../../shell/notifications.tsx";
import { access as text } from "../../texts/access.ts";
import { common } from "../../texts/common.ts";
import type { Place } from "../places.ts";
import { RoleList } from "./role-list.tsx";

export function Roles({ place }: { readonly place: Place }) {
  const [doomed, setDoomed] = useState<RoleDefinition>();
  const [round, setRound] = useState(0);
  const action = useAction();
  const confirm = async ({ id, properties }: RoleDefinition) => {
    if (!(await action.run(() => arm("DELETE", id, "authorization")))) return;
    notify(text.roles.deleted, properties.roleName);
    forgetRoles();
    setDoomed(undefined);
    setRound(round + 1);
  };
  return (
    <>
      <RoleList scope={place.scope} round={round} onDelete={setDoomed} />
      {doomed === undefined ? undefined : (
        <ConfirmDialog
          title={text.roles.delete}
          action={common.delete}
          isBusy={action.isBusy}
          error={action.error}
          onConfirm={() => void confirm(doomed)}
          onClose={() => {
            setDoomed(undefined);
            action.clear();
          }}
        >
          <p>
            <bdi>{text.roles.deleteText(doomed.properties.roleName)}</bdi>
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}
