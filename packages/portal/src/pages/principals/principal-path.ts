/** Where the portal shows a principal. */
import type { IconName } from "../../components/icon.tsx";

const places: Readonly<Record<string, string>> = {
  User: "/portal/users",
  Group: "/portal/groups",
  ServicePrincipal: "/portal/enterprise-applications",
};

/** @returns undefined for what the portal has no page of. */
export function principalPath(type: string | null, id: string): string | undefined {
  const place = places[type ?? ""];
  return place === undefined ? undefined : `${place}/${encodeURIComponent(id)}`;
}

export function principalIcon(type: string | null): IconName {
  return type === "Group" ? "people" : type === "User" ? "person" : "app";
}
