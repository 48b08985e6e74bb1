/** Where the portal shows a principal. */

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
