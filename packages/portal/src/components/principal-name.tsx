/** A user, group or app, with what tells it from others of the same name. */
import type { Principal } from "../api/access.ts";
import { access } from "../texts/access.ts";
import { Icon, type IconName } from "./icon.tsx";

const icons: Readonly<Record<string, IconName>> = { User: "person", Group: "people", ServicePrincipal: "app" };

export function PrincipalName(props: { readonly principal: Principal | undefined; readonly id: string }) {
  const { principal, id } = props;
  return (
    <span className="principal">
      <Icon name={icons[principal?.type ?? ""] ?? "info"} />
      <span className="stacked">
        <bdi>{principal?.displayName ?? access.identityNotFound}</bdi>
        <span className="soft small">
          <bdi>{principal === undefined ? id : principal.detail}</bdi>
        </span>
      </span>
    </span>
  );
}
